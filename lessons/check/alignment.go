package check

import "math"

// Alignment checks the exercises of lesson 10.
type Alignment struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (a Alignment) say(english, chinese string) string {
	return pick(a.Lang, english, chinese)
}

// Lazy checks what the card of a model would say that refuses everything it is asked: the shares of harmful requests refused,
// of harmless requests refused, and of ordinary questions right. It panics with what is off.
func (a Alignment) Lazy(harmful, harmless, questions float64) Passed {
	return All(Numbers{
		Name: a.say("the lazy model's card", "偷懒模型的成绩单"), Got: []float64{harmful, harmless, questions}, Want: []float64{1, 1, 0}, Within: 1e-6, Start: []float64{-1, -1, -1},
		Items: []string{a.say("harmful requests refused", "拒绝有害的请求"), a.say("harmless requests refused", "拒绝无害的请求"), a.say("ordinary questions right", "普通问题答对")}, Lang: a.Lang,
		Traps: []NumbersTrap{
			{[]float64{100, 100, 0}, a.say("Right, but in percent. Shares go from 0 to 1.", "对了，可这是百分数；这里要的是 0 到 1 的比例。")},
			{[]float64{1, 0, 0}, a.say("It refuses everything, the harmless requests, too: that is where being lazy shows.", "它什么都拒绝，无害的请求也不例外：偷懒就是在这一行露馅的。")},
			{[]float64{1, 1, 1}, a.say("A refusal is no answer to “Where does Ruth live?”: exact match counts it as wrong.", "人家问“谁住在哪里”，拒绝不算回答：要完全一致才算对。")},
			{[]float64{0, 0, 0}, a.say("The first two rows count refusals, not good answers.", "前两行数的是拒绝的次数，不是答得好不好。")},
			{[]float64{1, 0, 1}, a.say("That is the ideal card: the corner at the top left. The lazy model tells nothing apart.", "这是理想的成绩单，在图的左上角。偷懒的模型什么也分不清。")},
		},
		See: a.say("“Break it on purpose”: the model that saw harmful requests only comes close.", "“故意弄坏它”：只见过有害请求的那个模型，差不多就是这样。"),
	})
}

// Advantages checks GRPO's advantages of four answers of which the first alone scored 1 and the others 0. It panics with what
// is off.
func (a Alignment) Advantages(got []float64) Passed {
	const mean, sample = .25, .5 // the deviation divides by n − 1: √(3/4 / 3)
	population := math.Sqrt(3) / 4
	over := func(d float64) []float64 { return []float64{(1 - mean) / d, -mean / d, -mean / d, -mean / d} }
	return All(Numbers{
		Name: a.say("the advantages", "优势"), Got: got, Want: over(sample), Within: 2e-3, Start: []float64{1, 0, 0, 0}, Lang: a.Lang,
		Traps: []NumbersTrap{
			{over(1), a.say("That is the distance from the mean. GRPO divides it by the group's deviation.", "这是和平均值的差；GRPO 还要除以这一组的标准差。")},
			{over(population), a.say("The deviation divides by n; here it divides by n − 1.", "标准差除以了 n；这里除以 n − 1。")},
			{over(sample * sample), a.say("Divided by the variance. Take its root, the deviation.", "除以了方差；该除以它的平方根，也就是标准差。")},
			{[]float64{2, 0, 0, 0}, a.say("Divided by the deviation, but the mean is still in there: those who scored 0 are worse than the mean.", "除以了标准差，可平均值还没有减：得 0 分的比平均值差。")},
		},
		See: a.say("“One group by hand”: score less mean, over deviation.", "“亲手算一组”：分数减平均值，再除以标准差。"),
	})
}

// Pair checks DPO's loss of one pair at β = 0.1: since the run began, the chosen answer's log-probability fell by 1 and the
// rejected one's by 5. It panics with what is off.
func (a Alignment) Pair(got float64) Passed {
	of := func(h float64) float64 { return math.Log1p(math.Exp(-h)) } // −log σ(h)
	return All(Number{
		Name: a.say("the loss", "损失"), Got: got, Want: of(.4), Within: 5e-4, Lang: a.Lang,
		Traps: []Trap{
			{of(4), a.say("β is missing: the margin is multiplied by 0.1 first.", "少乘了 β：差值要先乘 0.1。")},
			{of(-.4), a.say("The margin is chosen less rejected; you have it the other way round.", "差值是选中的减去落选的，你减反了。")},
			{of(-.6), a.say("Both fell: −1 and −5. Their difference is 4, not −6.", "两个都降了：−1 和 −5。它们的差是 4，不是 −6。")},
			{1 / (1 + math.Exp(-.4)), a.say("That is σ(h), the probability. The loss is its logarithm with the sign turned.", "这是 σ(h)，是概率；损失是它的对数再变号。")},
			{math.Log(2), a.say("ln 2 is the loss before the first step, when both are 0.", "ln 2 是第一步之前的损失，那时两个都是 0。")},
			{.4, a.say("That is the margin h. The loss is −log σ(h).", "这是差值 h；损失是 −log σ(h)。")},
		},
		See: a.say("“Pairs”: h, and then −log σ(h).", "“成对的答案”：先算 h，再算 −log σ(h)。"),
	})
}

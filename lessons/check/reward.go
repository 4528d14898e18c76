package check

import "math"

// Reward checks the exercises of lesson 08.
type Reward struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (r Reward) say(english, chinese string) string {
	return pick(r.Lang, english, chinese)
}

// PairLoss checks −ln σ(1.4 − 0.2 − 0.5): rewards of 1.4 for the chosen answer and 0.2 for the other, a margin of 0.5. It panics
// with what is off.
func (r Reward) PairLoss(got float64) Passed {
	const chosen, rejected, margin = 1.4, .2, .5
	loss := func(ahead float64) float64 { return math.Log1p(math.Exp(-ahead)) }
	return All(Number{
		Name: r.say("the loss", "损失"), Got: got, Want: loss(chosen - rejected - margin), Within: 5e-4, Lang: r.Lang,
		Traps: []Trap{
			{loss(chosen - rejected), r.say("The margin is missing: take it off the difference.", "没有算间隔：要从差里减去它。")},
			{loss(chosen - rejected + margin), r.say("The margin was added. It makes the pair harder, so it is taken off.", "间隔加上去了。它是让这一对更难的，应该减去。")},
			{loss(rejected - chosen - margin), r.say("The difference is the wrong way round: the chosen answer comes first.", "差的方向反了：被选中的回答在前。")},
			{loss(-(chosen - rejected - margin)), r.say("There is one minus too many: σ takes the difference less the margin as it is.", "多了一个负号：放进 σ 的就是差减去间隔。")},
			{math.Exp(-loss(chosen - rejected - margin)), r.say("That is σ, the probability. The loss is −ln of it.", "这是 σ，也就是概率；损失是它的 −ln。")},
			{-loss(chosen - rejected - margin), r.say("The minus in front is missing: a loss is not negative.", "少了最前面的负号：损失不会是负数。")},
		},
		See: r.say("“One pair by hand”: the same, without the margin.", "“亲手算一对”：那里算的是没有间隔的情形。"),
	})
}

// Ranking checks into how many pairs a ranking of five answers falls, and what each weighs if they share one vote. It panics
// with what is off.
func (r Reward) Ranking(got []float64) Passed {
	return All(Numbers{
		Name: r.say("the ranking", "排名"), Got: got, Want: []float64{10, .1}, Within: 1e-6, Start: []float64{0, 0}, Lang: r.Lang,
		Items: []string{r.say("pairs", "对数"), r.say("the weight of each", "每对的份量")},
		Traps: []NumbersTrap{
			{[]float64{4, .25}, r.say("Four pairs are those of neighbours. The first is also better than the third.", "四对只是相邻的。第一名也比第三名好。")},
			{[]float64{20, .05}, r.say("Each pair was counted twice, once from either side.", "每一对数了两遍，两头各一遍。")},
			{[]float64{25, .04}, r.say("No answer is compared with itself, and each pair counts once.", "回答不跟自己比，每一对也只算一次。")},
			{[]float64{10, 1}, r.say("Ten pairs, yes. But if each weighs one, this ranking speaks ten times as loud as a single pair.", "十对，没错。可每对都算一票的话，这个排名的声音就是单独一对的十倍。")},
			{[]float64{10, .2}, r.say("Ten pairs, yes. They share one vote among themselves: it is divided by the pairs, not by the answers.", "十对，没错。它们分一票：除以对数，不是除以回答数。")},
		},
		See: r.say("“Rank them yourself”: of four answers it was six pairs.", "“你来排名”：四个回答，是六对。"),
	})
}

// Calibration checks the expected calibration error of three bins: 50 pairs at confidence .55 of which 60% come true, 30 at .75
// with 70%, 20 at .95 with 80%. It panics with what is off.
func (r Reward) Calibration(got float64) Passed {
	return All(Number{
		Name: r.say("the calibration error", "校准误差"), Got: got, Want: .07, Within: 5e-4, Lang: r.Lang,
		Traps: []Trap{
			{.25 / 3, r.say("That is the plain mean over bins. A bin counts by how many pairs are in it.", "这是几个格子的简单平均。一个格子占多少份量，要看里面有多少对。")},
			{.02, r.say("Distances do not cancel: take the absolute value in each bin first.", "距离不能互相抵消：先在每个格子里取绝对值。")},
			{-.02, r.say("Distances do not cancel: take the absolute value in each bin first.", "距离不能互相抵消：先在每个格子里取绝对值。")},
			{.15, r.say("That is the largest distance, not the mean.", "这是最大的距离，不是平均。")},
			{7, r.say("That is right in pairs of a hundred, or points; give it as a number from 0 to 1.", "按百分点算是对的；请用 0 到 1 之间的数。")},
		},
		See: r.say("“When it is sure, is it right?”: the distance in each bin, weighed by its pairs.", "“它有把握的时候，说得对吗？”：每个格子里的距离，按对数加权。"),
	})
}

// Ceiling checks what is the most that a judge can agree with one rater's votes, and how often two such raters agree, if for half
// of the pairs raters choose the better answer in 95 of 100 cases and for the others in 65. It panics with what is off.
func (r Reward) Ceiling(got []float64) Passed {
	return All(Numbers{
		Name: r.say("the ceiling", "上限"), Got: got, Want: []float64{.80, .725}, Within: 5e-4, Start: []float64{0, 0}, Lang: r.Lang,
		Items: []string{r.say("the best judge", "最好的评判"), r.say("two raters", "两个人")},
		Traps: []NumbersTrap{
			{[]float64{1, .725}, r.say("Even a judge that is always right meets votes that are slips. It agrees as often as the raters are right.", "就算评判永远正确，也会碰上手滑的票。票有多少是对的，它最多就能对上多少。")},
			{[]float64{.8, .8}, r.say("The second rater slips, too: they agree if both are right or both are wrong.", "第二个人也会出错：两人都对或者都错，才算一致。")},
			{[]float64{.8, .68}, r.say("Work out each half first and then take the mean: the square of a mean is not the mean of squares.", "先分别算两半，再取平均：平均的平方不等于平方的平均。")},
			{[]float64{.8, .6625}, r.say("They also agree where both are wrong.", "两个人都错的时候，也是一致。")},
			{[]float64{80, 72.5}, r.say("Right in percent; give numbers from 0 to 1.", "按百分数算是对的；请用 0 到 1 之间的数。")},
		},
		See: r.say("“What raters are worth”: whoever decides by a coin in part cannot be foretold in that part.", "“评分的人值多少”：有一部分是抛硬币定的，那一部分谁也猜不中。"),
	})
}

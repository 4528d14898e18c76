package check

import "math"

// Distillation checks the exercises of lesson 07.
type Distillation struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (d Distillation) say(english, chinese string) string {
	return pick(d.Lang, english, chinese)
}

// What the exercises of lesson 07 give: two models' bets on three pieces, of which the first is the label.
var (
	sure   = []float64{.90, .09, .01} // the teacher's
	unsure = []float64{.50, .30, .20} // the student's
)

// Softened checks the teacher's bets (.90, .09, .01) at temperature 2. It panics with what is off.
func (d Distillation) Softened(got []float64) Passed {
	raised := func(power float64) []float64 {
		out := make([]float64, len(sure))
		for i, p := range sure {
			out[i] = math.Pow(p, power)
		}
		return out
	}
	halved := []float64{sure[0] / 2, sure[1] / 2, sure[2] / 2}
	return All(Numbers{
		Name: d.say("softer", "软化之后的赌注"), Got: got, Want: softened(sure, 2), Within: 5e-4, Start: sure, Lang: d.Lang,
		Traps: []NumbersTrap{
			{raised(.5), d.say("The roots are right, but bets must add up to one: divide each by their sum.", "根开对了；可是赌注加起来得是一：每个数再除以它们的和。")},
			{raised(2), d.say("These are squares. A temperature of two takes the power ½, the square root; and the results must add up to one.", "这是平方。温度为二，取的是 ½ 次方，也就是平方根；结果加起来还得是一。")},
			{softened(sure, .5), d.say("The favourite has become even surer: that is the power 2. A temperature of two takes the power ½.", "押得最多的反而押得更多了：这是 2 次方。温度为二，取的是 ½ 次方。")},
			{halved, d.say("Halving all bets changes nothing between them. The temperature divides their logarithms, so take the root.", "每个赌注都减半，彼此的比例没有变。温度除的是它们的对数，所以要开方。")},
		},
		See: d.say("“Look inside”: soften does it with any temperature.", "“打开看看”：那里的 soften 对任何温度都这样算。"),
	})
}

// Loss checks α·CE + (1−α)·T²·KL for the teacher's bets (.90, .09, .01), the student's (.50, .30, .20), the first as label,
// α = ¼ and T = 2. It panics with what is off.
func (d Distillation) Loss(got float64) Passed {
	const alpha, t = .25, 2.0
	ce := -math.Log(unsure[0])
	p, q := softened(sure, t), softened(unsure, t)
	soft := kl(p, q)
	mixed := func(alpha, ce, square, kl float64) float64 { return alpha*ce + (1-alpha)*square*kl }
	return All(Number{
		Name: d.say("the loss", "损失"), Got: got, Want: mixed(alpha, ce, t*t, soft), Within: 5e-4, Lang: d.Lang,
		Traps: []Trap{
			{mixed(alpha, ce, 1, soft), d.say("The factor T² is missing.", "少乘了 T²。")},
			{mixed(alpha, ce, t, soft), d.say("That is T times the KL. It should be T².", "KL 乘的是 T，应该是 T²。")},
			{mixed(1-alpha, ce, t*t, soft), d.say("α is the share of the label, a quarter here; you gave it to the teacher.", "α 是标签占的份额，这里是四分之一；你把它给了老师。")},
			{mixed(alpha, ce, t*t, kl(sure, unsure)), d.say("This is the KL of the bets at temperature 1. Soften both first.", "这是温度为 1 时的 KL；先把两边都软化。")},
			{mixed(alpha, ce, t*t, kl(p, unsure)), d.say("Only the teacher's bets are softened. The student's must be, too.", "只软化了老师的赌注；学生的也要软化。")},
			{mixed(alpha, ce, t*t, kl(q, p)), d.say("The KL is the wrong way round: the teacher's bets weigh the logarithms.", "KL 的方向反了：给对数加权的是老师的赌注。")},
			{mixed(alpha, -math.Log(q[0]), t*t, soft), d.say("The cross-entropy of the label takes the student's bets as they are, at temperature 1.", "标签的交叉熵用的是学生原来的赌注，温度是 1。")},
			{ce + (1-alpha)*t*t*soft, d.say("Both terms are there, but the label counts in full: multiply its term by α.", "两项都有了，可标签算了整份：它那一项要乘 α。")},
			{soft, d.say("That is the KL alone.", "这只是 KL。")},
			{ce, d.say("That is the cross-entropy of the label alone.", "这只是标签的交叉熵。")},
		},
		See: d.say("“One number by hand”: the last line of the cell puts the two terms together.", "“亲手算一个数”：那个单元把两项合在了一起。"),
	})
}

// softened is p at a temperature.
func softened(p []float64, temperature float64) []float64 {
	out, sum := make([]float64, len(p)), 0.0
	for i, v := range p {
		out[i] = math.Pow(v, 1/temperature)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// kl is KL(p‖q) in nats.
func kl(p, q []float64) float64 {
	sum := 0.0
	for i := range p {
		sum += p[i] * math.Log(p[i]/q[i])
	}
	return sum
}

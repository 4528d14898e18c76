package check

import (
	"math"

	"github.com/tunebook/tunebook/pkg/optim"
)

// Pretraining checks the exercises of lesson 02.
type Pretraining struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (p Pretraining) say(english, chinese string) string { return pick(p.Lang, english, chinese) }

// CountingLoss checks the loss, in nats per token, of guessing each of ids by how often it occurs among them. It panics
// with what is off.
func (p Pretraining) CountingLoss(ids []int, loss float64) Passed {
	counts := map[int]int{}
	for _, id := range ids {
		counts[id]++
	}
	n, want, unweighted := float64(len(ids)), 0.0, 0.0
	for _, id := range ids { // in order of the text, so that the sum is the same each time
		want -= math.Log(float64(counts[id])/n) / n
	}
	for _, c := range counts {
		unweighted -= math.Log(float64(c) / n)
	}
	kinds := float64(len(counts))
	return All(Number{
		Name: p.say("the loss of counting", "只靠数数的损失"), Got: loss, Want: want, Within: 1e-3 * want, Lang: p.Lang,
		Traps: []Trap{
			{math.Log(kinds), p.say("That is the loss of giving each of these tokens the same probability.", "这是把概率平分给这些词元的损失。")},
			{want * n, p.say("That is the sum; divide by the number of tokens.", "这是总和，还要除以词元的个数。")},
			{-want, p.say("A probability is at most one, so its logarithm is at most zero: the minus sign is missing.", "概率不超过一，对数就不超过零：少了负号。")},
			{want / math.Ln2, p.say("That is in bits. The engine uses the natural logarithm.", "这是以二为底的对数；引擎用的是自然对数。")},
			{unweighted / kinds, p.say("Each token counts as often as it occurs: a frequent one is guessed, and paid for, many times.",
				"每个词元出现几次就算几次：常见的要猜很多回，也就要付很多回。")},
		},
		See: p.say("the cell of “What does guessing cost?”, with other tokens.", "“瞎猜要付多少？”里的那个单元，换一批词元。"),
	})
}

// RateAt checks the learning rate at a step of a run with a schedule. It panics with what is off.
func (p Pretraining) RateAt(schedule optim.Cosine, peak float64, step, steps int, rate float64) Passed {
	want := peak * schedule.At(step, steps)
	warmup, past := float64(schedule.Warmup), float64(step-schedule.Warmup)/float64(steps-schedule.Warmup)
	half := func(x float64) float64 { return peak * 0.5 * (1 + math.Cos(math.Pi*x)) }
	return All(Number{
		Name: p.say("the learning rate", "学习率"), Got: rate, Want: want, Within: 5e-3 * want, Lang: p.Lang,
		Traps: []Trap{
			{want / peak, p.say("That is the share of the peak; multiply by the peak.", "这是占最高值的比例，还要乘上最高值。")},
			{half(float64(step) / float64(steps)), p.say("The cosine begins after the warm-up: count the steps from there, both those done and those in all.",
				"余弦从预热之后才开始：走过的步数和总步数，都要从那里数起。")},
			{peak * (1 - past), p.say("That is a straight line; the schedule follows half a cosine.", "这是直线下降；这里走的是半个余弦。")},
			{peak * float64(step) / warmup, p.say("That goes on rising as in the warm-up, which is over at this step.", "这是照预热继续往上升；到这一步，预热早就结束了。")},
			{peak, p.say("That is the peak itself. It holds for one step only, at the end of the warm-up.", "这是最高值本身；只有预热结束的那一步才是它。")},
		},
		See: p.say("the formula above; cos(π/2) is zero.", "上面的公式；cos(π/2) 等于零。"),
	})
}

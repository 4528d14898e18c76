package check

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/tunebook/tunebook/pkg/model"
)

// LanguageModel checks the exercises of lesson 01.
type LanguageModel struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (l LanguageModel) say(english, chinese string) string { return pick(l.Lang, english, chinese) }

// Merge checks that left and right are the pair of neighbouring characters that byte pair encoding merges first in words
// (Sennrich et al., arXiv:1508.07909, algorithm 1). It panics with what is off.
func (l LanguageModel) Merge(words []string, left, right string) Passed {
	return All(merge{l, words, left, right})
}

// merge is the [Test] of Merge.
type merge struct {
	LanguageModel
	words       []string
	left, right string
}

var _ Test = merge{}

// neighbours counts the pairs of neighbouring characters inside of words.
func neighbours(words []string) map[[2]string]int {
	counts := map[[2]string]int{}
	for _, word := range words {
		characters := strings.Split(word, "")
		for i := 1; i < len(characters); i++ {
			counts[[2]string{characters[i-1], characters[i]}]++
		}
	}
	return counts
}

// Check compares how often the pair occurs with how often the most frequent one does.
func (m merge) Check() error {
	counts := neighbours(m.words)
	pair, most := [2]string{m.left, m.right}, 0
	for _, n := range counts {
		most = max(most, n)
	}
	w, see := of(m.Lang), m.say("the cell of “Look inside” that counts neighbours; here they are characters.", "“打开看看”一节里数邻居的单元；这里数的是字。")
	fail := func(english, chinese string, args ...any) error {
		return w.failure(see, "%s", fmt.Sprintf(m.say(english, chinese), args...))
	}
	across := neighbours([]string{strings.Join(m.words, "")})
	switch {
	case m.left == "" && m.right == "":
		return w.untried(see, "%s", m.say("the pair is still empty, as the exercise left it.", "这一对还是空的，练习还没有动过。"))
	case counts[pair] == most && most > 0:
		return nil
	case counts[[2]string{m.right, m.left}] == most:
		return fail("it is the right pair in the wrong order: what stands on the left is the left one.", "是这一对，但次序反了：左边的应该在左。")
	case counts[pair] == 0 && across[pair] > 0:
		return fail("%s and %s are neighbours only where one word ends and the next begins. Merges stay inside of words.",
			"%s 和 %s 只在前一个词的末尾和后一个词的开头相遇。合并只在词的内部发生。", m.left, m.right)
	case counts[pair] == 0:
		return fail("%s and %s are never neighbours in these words.", "%s 和 %s 在这些词里从来不相邻。", m.left, m.right)
	}
	return fail("%s and %s are neighbours %d times. Another pair is more frequent.", "%s 和 %s 相邻了 %d 次，还有更常见的一对。", m.left, m.right, counts[pair])
}

// String is what held.
func (m merge) String() string {
	return fmt.Sprintf(m.say("%s and %s are merged first: %d times side by side", "最先合并 %s 和 %s：相邻 %d 次"), m.left, m.right, neighbours(m.words)[[2]string{m.left, m.right}])
}

// AtTemperature checks the probability that a learner has worked out for the model's favourite next token after text, at
// a temperature. It panics with what is off.
func (l LanguageModel) AtTemperature(ctx context.Context, m *model.Model, text string, temperature, prob float64) Passed {
	all, err := m.Next(ctx, text, m.Config.Vocab)
	if err != nil {
		panic(err)
	}
	favourite := all[0].Prob
	share := func(power float64) float64 {
		sum := 0.0
		for _, c := range all {
			sum += math.Pow(c.Prob, power)
		}
		return math.Pow(favourite, power) / sum
	}
	return All(Number{
		Name: l.say("the probability at that temperature", "在这个温度下的概率"), Got: prob, Want: share(1 / temperature), Within: 5e-4, Lang: l.Lang,
		Traps: []Trap{
			{favourite, l.say("That is the probability at temperature 1.", "这是温度为 1 时的概率。")},
			{math.Pow(favourite, 1/temperature), l.say("All tokens have to be raised to that power; then divide by their sum, so that they make one again.",
				"每个词元都要取这个幂，再除以它们的总和，加起来才又是一。")},
			{favourite / temperature, l.say("The temperature divides the scores, not the probabilities. For a probability, dividing its logarithm is taking a root.",
				"温度除的是得分，不是概率。对概率来说，对数除以温度就是开方。")},
			{share(temperature), l.say("That is colder, not warmer: the power is one over the temperature.", "这是变冷，不是变热：指数应该是温度分之一。")},
		},
		See: l.say("the function chances in the section on temperature: the same two steps, from p instead of from scores.",
			"温度一节里的函数 chances：同样的两步，只是从 p 出发，不从得分出发。"),
	})
}

package check_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/model"
)

// The usual mistakes of lesson 01 each get their own hint.
func TestLanguageModelMerge(t *testing.T) {
	// By hand: ab three times, ba once; bc twice where one word ends and the next begins; cd once.
	words := []string{"ab", "cab", "cab", "cd", "ba"}
	for _, c := range []struct{ left, right, en, zh string }{
		{"a", "b", "", ""},
		{"", "", "as the exercise left it", "还没有动过"},
		{"b", "a", "wrong order", "次序反了"},
		{"b", "c", "one word ends", "词的末尾"},
		{"x", "y", "never neighbours", "从来不相邻"},
		{"c", "a", "2 times", "2 次"},
		{"ab", "", "never neighbours", "从来不相邻"},
	} {
		for lang, want := range map[string]string{"": c.en, "zh": c.zh} {
			if said := message(t, func() { check.LanguageModel{Lang: lang}.Merge(words, c.left, c.right) }); (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%s %s: got %q, want %q", c.left, c.right, said, want)
			}
		}
	}
	if got := (check.LanguageModel{}).Merge(words, "a", "b").String(); !strings.Contains(got, "3 times") {
		t.Error(got)
	}
}

func TestLanguageModelAtTemperature(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	const text, temperature = "On", 2.0
	// The definition, from the scores and not from the probabilities (Hinton et al., arXiv:1503.02531, eq. 1).
	ids := append([]int{m.Tokenizer.BOS()}, m.Tokenizer.Encode(text)...)
	logits, err := m.Logits(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	row := logits.Row(len(ids) - 1)
	at := func(temperature float64) float64 {
		best, sum := math.Inf(-1), 0.0
		for _, z := range row {
			best = max(best, float64(z))
		}
		for _, z := range row {
			sum += math.Exp((float64(z) - best) / temperature)
		}
		return 1 / sum
	}
	for want, got := range map[string]float64{
		"": at(temperature), "as the exercise left it": 0, "at temperature 1": at(1), "divide by their sum": math.Sqrt(at(1)),
		"divides the scores": at(1) / temperature, "colder": at(1 / temperature),
	} {
		if said := message(t, func() { check.LanguageModel{}.AtTemperature(ctx, m, text, temperature, got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%v: got %q, want %q", got, said, want)
		}
	}
}

package check_test

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
)

// The usual mistakes of lesson 07 each get their own hint. The numbers are by hand: roots of .9, .09, .01 are .948683, .3, .1,
// their sum 1.348683; the KL of the softened bets is .194463, the cross-entropy ln 2.
func TestDistillation(t *testing.T) {
	for _, c := range []struct {
		got         []float64
		english, zh string
	}{
		{[]float64{.7034, .2224, .0741}, "", ""},
		{[]float64{.90, .09, .01}, "exercise", "还"},
		{[]float64{.948683, .3, .1}, "divide each by their sum", "再除以它们的和"},
		{[]float64{.81, .0081, .0001}, "These are squares", "这是平方"},
		{[]float64{.98999, .0099, .00012}, "even surer", "反而押得更多"},
		{[]float64{.45, .045, .005}, "Halving all bets", "都减半"},
		{[]float64{.7, .2}, "", "2"},
	} {
		for lang, want := range map[string]string{"": c.english, "zh": c.zh} {
			said := message(t, func() { check.Distillation{Lang: lang}.Softened(c.got) })
			if right := len(c.got) == 3 && c.got[0] == .7034; right != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%v: got %q, want %q", c.got, said, want)
			}
		}
	}
	for want, got := range map[string]float64{
		"": .75667, "factor T² is missing": .31913, "T times the KL": .46498, "you gave it to the teacher": .71432, "Soften both first": 1.34537,
		"Only the teacher's": .47326, "wrong way round": .87076, "at temperature 1.": .80299, "counts in full": 1.27653,
		"the KL alone": .19446, "the label alone": .69315,
	} {
		if said := message(t, func() { check.Distillation{}.Loss(got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%g: got %q, want %q", got, said, want)
		}
	}
}

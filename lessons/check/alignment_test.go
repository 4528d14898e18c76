package check_test

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
)

// The usual mistakes of lesson 10 each get their own hint, in both languages. The numbers are by hand: of 1, 0, 0, 0 the mean is
// ¼ and the deviation √(¾/3) = ½; ln(1 + e^−0.4) is .51302.
func TestAlignment(t *testing.T) {
	for _, c := range []struct {
		got         [3]float64
		english, zh string
	}{
		{[3]float64{1, 1, 0}, "", ""},
		{[3]float64{-1, -1, -1}, "exercise", "练习"},
		{[3]float64{100, 100, 0}, "in percent", "百分数"},
		{[3]float64{1, 0, 0}, "being lazy shows", "偷懒就是"},
		{[3]float64{1, 1, 1}, "exact match", "完全一致"},
		{[3]float64{0, 0, 0}, "count refusals", "拒绝的次数"},
		{[3]float64{1, 0, 1}, "ideal card", "理想的成绩单"},
		{[3]float64{.5, 1, 0}, "harmful requests refused", "拒绝有害的请求"},
	} {
		for lang, want := range map[string]string{"en": c.english, "zh": c.zh} {
			said := message(t, func() { check.Alignment{Lang: lang}.Lazy(c.got[0], c.got[1], c.got[2]) })
			if (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%v: got %q, want %q", c.got, said, want)
			}
		}
	}
	for _, c := range []struct {
		got         []float64
		english, zh string
	}{
		{[]float64{1.5, -.5, -.5, -.5}, "", ""},
		{[]float64{1.4997, -.4999, -.4999, -.4999}, "", ""}, // with the small number that keeps equal scores at 0
		{[]float64{1, 0, 0, 0}, "exercise", "练习"},
		{[]float64{.75, -.25, -.25, -.25}, "distance from the mean", "和平均值的差"},
		{[]float64{1.7321, -.5774, -.5774, -.5774}, "divides by n;", "除以了 n；"},
		{[]float64{3, -1, -1, -1}, "Divided by the variance", "除以了方差"},
		{[]float64{2, 0, 0, 0}, "mean is still in there", "平均值还没有减"},
		{[]float64{1.5, .5, .5, .5}, "[1]", "[1]"},
	} {
		for lang, want := range map[string]string{"en": c.english, "zh": c.zh} {
			said := message(t, func() { check.Alignment{Lang: lang}.Advantages(c.got) })
			if (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%v: got %q, want %q", c.got, said, want)
			}
		}
	}
	for want, got := range map[string]float64{
		"": .51302, "β is missing": .01815, "other way round": .91302, "not −6": 1.03749, "the probability": .59869, "before the first step": .69315, "the margin h.": .4,
		"exercise": 0,
	} {
		if said := message(t, func() { check.Alignment{Lang: "en"}.Pair(got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%g: got %q, want %q", got, said, want)
		}
	}
}

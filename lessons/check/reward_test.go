package check_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
)

// The usual mistakes of lesson 08 each get their own hint. By hand: ln(1 + e^−.7) = .40319, e^−.7 = .49659; ten pairs of five;
// .5·.05 + .3·.05 + .2·.15 = .07; (.905 + .545)/2 = .725, .905 = .95² + .05² and .545 = .65² + .35².
func TestReward(t *testing.T) {
	for _, c := range []struct {
		got         float64
		english, zh string
	}{
		{.40319, "", ""}, {.26328, "margin is missing", "没有算间隔"}, {.16779, "was added", "加上去了"}, {1.86779, "wrong way round", "方向反了"},
		{1.10319, "one minus too many", "多了一个负号"}, {.66819, "That is σ", "这是 σ"}, {-.40319, "minus in front", "少了最前面"}, {0, "exercise", "还"},
	} {
		for lang, want := range map[string]string{"": c.english, "zh": c.zh} {
			said := message(t, func() { check.Reward{Lang: lang}.PairLoss(c.got) })
			if right := math.Abs(c.got-.40319) < 1e-9; right != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%g: got %q, want %q", c.got, said, want)
			}
		}
	}
	for want, got := range map[string][]float64{
		"": {10, .1}, "exercise": {0, 0}, "neighbours": {4, .25}, "counted twice": {20, .05}, "with itself": {25, .04}, "ten times as loud": {10, 1}, "not by the answers": {10, .2},
	} {
		if said := message(t, func() { check.Reward{}.Ranking(got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%v: got %q, want %q", got, said, want)
		}
	}
	for want, got := range map[string]float64{"": .07, "exercise": 0, "plain mean": .083333, "do not cancel": -.02, "largest": .15, "0 to 1": 7} {
		if said := message(t, func() { check.Reward{}.Calibration(got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%v: got %q, want %q", got, said, want)
		}
	}
	for want, got := range map[string][]float64{
		"": {.8, .725}, "exercise": {0, 0}, "votes that are slips": {1, .725}, "slips, too": {.8, .8}, "each half first": {.8, .68}, "both are wrong": {.8, .6625}, "percent": {80, 72.5},
	} {
		if said := message(t, func() { check.Reward{}.Ceiling(got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%v: got %q, want %q", got, said, want)
		}
	}
}

package check_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/pkg/optim"
)

// The usual mistakes of lesson 02 each get their own hint. By hand: probabilities 1/2, 1/4, 1/8, 1/8 have an entropy of
// 1.75 bits.
func TestPretrainingCountingLoss(t *testing.T) {
	ids := []int{7, 7, 7, 7, 9, 9, 3, 5}
	const right = 1.75 * math.Ln2
	for want, got := range map[string]float64{
		"": right, "as the exercise left it": 0, "the same probability": 2 * math.Ln2, "the sum": 8 * right, "minus sign": -right, "in bits": 1.75,
		"as often as it occurs": (1 + 2 + 3 + 3) / 4.0 * math.Ln2, "too large": 5,
	} {
		if said := message(t, func() { check.Pretraining{}.CountingLoss(ids, got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%v: got %q, want %q", got, said, want)
		}
	}
	if said := message(t, func() { check.Pretraining{Lang: "zh"}.CountingLoss(ids, 1.75) }); !strings.Contains(said, "以二为底") {
		t.Error(said)
	}
}

// Two thirds of the way from step 20 to step 320 the cosine stands at (1 + cos(2π/3))/2 = 1/4.
func TestPretrainingRateAt(t *testing.T) {
	schedule := optim.Cosine{Warmup: 20}
	const peak, step, steps = 0.01, 220, 320
	for want, got := range map[string]float64{
		"": peak / 4, "as the exercise left it": 0, "the share of the peak": 0.25,
		"after the warm-up": peak * 0.5 * (1 + math.Cos(math.Pi*220/320)), "straight line": peak / 3, "goes on rising": peak * 11, "the peak itself": peak,
	} {
		if said := message(t, func() { check.Pretraining{}.RateAt(schedule, peak, step, steps, got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%v: got %q, want %q", got, said, want)
		}
	}
	if said := message(t, func() { check.Pretraining{Lang: "zh"}.RateAt(schedule, peak, step, steps, peak/3) }); !strings.Contains(said, "直线") {
		t.Error(said)
	}
}

package align

import (
	"math"
	"testing"
)

// Table I of Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, 857–872,
// method 3 (Wilson's score without continuity correction).
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		count, of int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
		{20, 20, 0.8389, 1}, // the mirror of 0 of 20
		{0, 0, 0, 1},
	} {
		low, high := Rate{"", c.count, c.of}.Wilson()
		if math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.count, c.of, low, high, c.low, c.high)
		}
	}
}

// The definition: at either end, the count is z deviations away, with the deviation of the end.
func TestWilsonDefinition(t *testing.T) {
	for _, r := range []Rate{{"", 3, 50}, {"", 25, 50}, {"", 199, 200}} {
		low, high := r.Wilson()
		for _, p := range []float64{low, high} {
			n := float64(r.Of)
			if z := math.Abs(r.Share()-p) / math.Sqrt(p*(1-p)/n); math.Abs(z-1.959964) > 1e-6 {
				t.Errorf("%d of %d: the end %.4f is %.6f deviations away", r.Count, r.Of, p, z)
			}
		}
	}
}

// By hand: with 5 to 0 the chance is 2·(1/2)⁵ = 1/16; with 4 to 1, 2·(1+5)/32 = 3/8; with 2 to 2, 2·(1+4+6)/16 = 11/8, which is
// more than all there is; of nothing, 1.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		favoured, other int
		want            float64
	}{{5, 0, 1. / 16}, {0, 5, 1. / 16}, {4, 1, 3. / 8}, {2, 2, 1}, {0, 0, 1}} {
		if got := (Gap{"", 10, c.favoured, c.other}).P(); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%d to %d: %g, want %g", c.favoured, c.other, got, c.want)
		}
	}
}

package reference_test

import (
	"math"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// The values are worked by hand, so that forward and backward cannot be wrong together.
func TestForwardByHand(t *testing.T) {
	check := func(name string, got, want []float64) {
		t.Helper()
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-6 {
				t.Errorf("%s[%d] = %.8g, want %.8g", name, i, got[i], want[i])
			}
		}
	}
	y := make([]float64, 2)
	reference.Linear(y, []float64{1, 2}, []float64{3, 4, 5, 6}, []float64{10, 20}, 1, 2, 2)
	check("Linear", y, []float64{21, 37}) // 1·3+2·4+10, 1·5+2·6+20

	reference.RMSNorm(y, []float64{3, 4}, []float64{1, 2}, 1, 2, 0)
	check("RMSNorm", y, []float64{3 / math.Sqrt(12.5), 8 / math.Sqrt(12.5)}) // mean(x²) = 12.5

	reference.LayerNorm(y, []float64{3, 7}, []float64{1, 2}, []float64{10, 20}, 1, 2, 12)
	check("LayerNorm", y, []float64{9.5, 21}) // mean 5, variance 4, and 4 + 12 = 4²

	reference.SiLU(y, []float64{0, math.Log(3)})
	check("SiLU", y, []float64{0, 0.75 * math.Log(3)}) // sigmoid(ln 3) = 3/4

	reference.SwiGLU(y, []float64{math.Log(3), 0}, []float64{2, 5})
	check("SwiGLU", y, []float64{1.5 * math.Log(3), 0})

	reference.Softmax(y, []float64{0, math.Log(3)}, 1, 2)
	check("Softmax", y, []float64{0.25, 0.75})

	reference.RoPE(y, []float64{1, 0}, []int32{2}, 1, 2, 10000, false)
	check("RoPE", y, []float64{math.Cos(2), math.Sin(2)}) // the first pair turns by the position itself

	// Position 0 sees itself only. At position 1 the scores are 0 and ln 3, so v is weighted 1/4 and 3/4.
	reference.Attention(y, []float64{5, 1}, []float64{0, math.Log(3)}, []float64{10, 20}, nil,
		reference.Shape{Batch: 1, Length: 2, Heads: 1, KVHeads: 1, HeadDim: 1})
	check("Attention", y, []float64{10, 17.5})

	// Of its own segment position 1 sees itself only.
	reference.Attention(y, []float64{5, 1}, []float64{0, math.Log(3)}, []float64{10, 20}, []int32{0, 1},
		reference.Shape{Batch: 1, Length: 2, Heads: 1, KVHeads: 1, HeadDim: 1})
	check("Attention, packed", y, []float64{10, 20})

	reference.CrossEntropy(y, []float64{0, math.Log(3), 7, 7}, []int32{1, reference.Ignore}, []float64{2, 1}, 2, 2)
	check("CrossEntropy", y, []float64{-2 * math.Log(0.75), 0})
}

// Of two tokens p has ¼ and ¾, q one half each; their even mixture has ⅜ and ⅝.
func TestDivergencesByHand(t *testing.T) {
	log := math.Log
	q, p := []float64{5, 5}, []float64{0, log(3)}
	forward, reverse := 0.25*log(0.5)+0.75*log(1.5), 0.5*log(2)+0.5*log(2./3)
	fromP, fromQ := 0.25*log(2./3)+0.75*log(1.2), 0.5*log(4./3)+0.5*log(0.8)
	for name, c := range map[string]struct {
		f    func(y []float64)
		want float64
	}{
		"entropy of q":   {func(y []float64) { reference.Entropy(y, q, 1, 2) }, log(2)},
		"entropy of p":   {func(y []float64) { reference.Entropy(y, p, 1, 2) }, 0.25*log(4) + 0.75*log(4./3)},
		"forward":        {func(y []float64) { reference.ForwardKL(y, q, p, 1, 2, 1) }, forward},
		"reverse":        {func(y []float64) { reference.ReverseKL(y, q, p, 1, 2, 1) }, reverse},
		"even mixture":   {func(y []float64) { reference.JensenShannon(y, q, p, 1, 2, 0.5, 1) }, (fromP + fromQ) / 2},
		"temperature":    {func(y []float64) { reference.ForwardKL(y, q, []float64{0, 2 * log(3)}, 1, 2, 2) }, forward},
		"of itself":      {func(y []float64) { reference.JensenShannon(y, p, p, 1, 2, 0.1, 3) }, 0},
		"nearly forward": {func(y []float64) { reference.JensenShannon(y, q, p, 1, 2, 1e-7, 1); y[0] /= 1e-7 }, forward},
		"nearly reverse": {func(y []float64) { reference.JensenShannon(y, q, p, 1, 2, 1-1e-7, 1); y[0] /= 1e-7 }, reverse},
	} {
		y := make([]float64, 1)
		if c.f(y); math.Abs(y[0]-c.want) > 1e-6 {
			t.Errorf("%s: %.9g, want %.9g", name, y[0], c.want)
		}
	}
}

// The first step of Adam moves by the rate against the sign of the gradient; decay takes rate·λ·p.
func TestAdamWByHand(t *testing.T) {
	p, m, v := []float64{2, 2}, make([]float64, 2), make([]float64, 2)
	reference.AdamW(p, []float64{0.5, -3}, m, v, 1, 0.1, 0.9, 0.99, 0, 0.25)
	for i, want := range []float64{2 - 0.1 - 0.05, 2 + 0.1 - 0.05} {
		if math.Abs(p[i]-want) > 1e-12 {
			t.Errorf("p[%d] = %g, want %g", i, p[i], want)
		}
	}
	// After a second equal gradient: m̂ and v̂ are still g and g².
	reference.AdamW(p, []float64{0.5, -3}, m, v, 2, 0.1, 0.9, 0.99, 0, 0)
	if want := 1.85 - 0.1; math.Abs(p[0]-want) > 1e-12 {
		t.Errorf("second step: p[0] = %g, want %g", p[0], want)
	}
}

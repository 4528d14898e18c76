package compute

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Each value becomes the number of NF4 that is nearest to it over the largest of its block, tried one by one; whatever part is
// asked for, the same values come back. Ends and zeros are exact.
func TestQuantizeNF4(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 7, 8, 63, 64, 65, 1000} {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(rng.NormFloat64())
		}
		w[n/2] = 0
		codes, scales := QuantizeNF4(w)
		if len(codes) != (n+7)/8 || len(scales) != (n+NF4Block-1)/NF4Block {
			t.Fatalf("%d values: %d codes, %d scales", n, len(codes), len(scales))
		}
		got := make([]float32, n)
		DequantizeNF4(got, codes, scales, 0)
		for i, v := range w {
			block := w[i/NF4Block*NF4Block : min(n, (i/NF4Block+1)*NF4Block)]
			largest := max(slices.Max(block), -slices.Min(block))
			best := math.Inf(1)
			for _, q := range NF4 {
				best = min(best, math.Abs(float64(q*largest-v)))
			}
			if off := math.Abs(float64(got[i] - v)); off > best+1e-6 || largest == float32(math.Abs(float64(v))) && off != 0 || v == 0 && got[i] != 0 {
				t.Errorf("%d values: %g became %g, off by %g, the nearest is off by %g", n, v, got[i], off, best)
			}
		}
		for from := range min(n, 70) {
			part := make([]float32, min(n-from, 75))
			DequantizeNF4(part, codes, scales, from)
			if !slices.Equal(part, got[from:from+len(part)]) {
				t.Fatalf("%d values: another result from %d on", n, from)
			}
		}
	}
	codes, scales := QuantizeNF4(make([]float32, 3))
	if w := []float32{1, 1, 1}; scales[0] != 0 {
		t.Errorf("zeros have the scale %g", scales[0])
	} else if DequantizeNF4(w, codes, scales, 0); !slices.Equal(w, []float32{0, 0, 0}) {
		t.Errorf("zeros became %v", w)
	}
}

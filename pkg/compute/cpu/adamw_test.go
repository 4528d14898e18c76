package cpu_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

func TestAdamW(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(15, 16))
		n := 20003
		p, m, v := values(rng, n), make([]float32, n), make([]float32, n)
		wantP, wantM, wantV := wide(p), make([]float64, n), make([]float64, n)
		for step := 1; step <= 10; step++ {
			g := values(rng, n)
			clipped := wide(g)
			for i := range clipped {
				clipped[i] *= 0.5
			}
			d.AdamW(p, g, m, v, n, cpu.AdamWStep{Step: step, Rate: 1e-2, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8, WeightDecay: 0.1, Clip: 0.5})
			reference.AdamW(wantP, clipped, wantM, wantV, step, 1e-2, 0.9, 0.95, 1e-8, 0.1)
		}
		near(t, "p", p, wantP, 1e-6)
		var want float64
		for _, x := range p {
			want += float64(x) * float64(x)
		}
		if got := d.SumSquares(p, n); math.Abs(got-want) > 1e-5*want {
			t.Fatalf("sum of squares %g, want %g", got, want)
		}
	})
}

package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Entropies and divergences of whole heads, with peaked and even distributions, against float64; one row in three has no
// gradient to give.
func TestEntropyAndDivergence(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(21, 22))
		for _, size := range [][3]int{{0, 4, 3}, {1, 4, 1}, {9, 8, 33}, {600, 32, 70}, {3, 16, 2000}} {
			rows, dim, vocab := size[0], size[1], size[2]
			other := dim + 3 // the teacher may be wider
			x, w, xRef, wRef, dy := values(rng, rows*dim), values(rng, vocab*dim), values(rng, rows*other), values(rng, vocab*other), values(rng, rows)
			for r := range dy {
				if r%3 == 2 {
					dy[r] = 0
				}
			}
			logits, given := make([]float64, rows*vocab), make([]float64, rows*vocab)
			reference.Linear(logits, wide(x), wide(w), nil, rows, dim, vocab)
			reference.Linear(given, wide(xRef), wide(wRef), nil, rows, other, vocab)

			out, dx, dw := make([]float32, rows), make([]float32, rows*dim), values(rng, vocab*dim)
			want, dlogits, wantX, wantW := make([]float64, rows), make([]float64, rows*vocab), make([]float64, rows*dim), make([]float64, vocab*dim)
			check := func(name string) {
				t.Helper()
				reference.LinearBackward(wantX, wantW, nil, dlogits, wide(x), wide(w), rows, dim, vocab)
				near(t, name, out, want, 5e-6)
				near(t, name+" dx", dx, wantX, 1e-5)
				near(t, name+" dw", dw, wantW, 1e-5)
			}
			d.LinearEntropy(out, x, w, rows, dim, vocab)
			d.LinearEntropyBackward(dx, dw, dy, x, w, rows, dim, vocab)
			reference.Entropy(want, logits, rows, vocab)
			reference.EntropyBackward(dlogits, wide(dy), logits, rows, vocab)
			check(fmt.Sprint("entropy ", size))

			for _, temperature := range []float64{0, 0.5, 4} {
				for _, v := range []cpu.Divergence{{Kind: cpu.ForwardKL}, {Kind: cpu.ReverseKL}, {Kind: cpu.JensenShannon}, {Kind: cpu.JensenShannon, Beta: 0.1}, {Kind: cpu.JensenShannon, Beta: 0.9}} {
					v.Temperature = temperature
					scale, beta := temperature, v.Beta
					if scale == 0 {
						scale = 1
					}
					if beta == 0 {
						beta = 0.5
					}
					d.LinearDivergence(out, x, w, xRef, wRef, rows, dim, other, vocab, v)
					d.LinearDivergenceBackward(dx, dw, dy, x, w, xRef, wRef, rows, dim, other, vocab, v)
					switch v.Kind {
					case cpu.ForwardKL:
						reference.ForwardKL(want, logits, given, rows, vocab, scale)
						reference.ForwardKLBackward(dlogits, wide(dy), logits, given, rows, vocab, scale)
					case cpu.ReverseKL:
						reference.ReverseKL(want, logits, given, rows, vocab, scale)
						reference.ReverseKLBackward(dlogits, wide(dy), logits, given, rows, vocab, scale)
					default:
						reference.JensenShannon(want, logits, given, rows, vocab, beta, scale)
						reference.JensenShannonBackward(dlogits, wide(dy), logits, given, rows, vocab, beta, scale)
					}
					check(fmt.Sprint(v, " ", size))
				}
			}
		}
	})
}

// Equal heads are nothing apart, also where logits are large: the values lie within rounding of zero.
func TestDivergenceOfEqualHeads(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(23, 24))
		const rows, dim, vocab = 5, 64, 300
		x, w := values(rng, rows*dim), values(rng, vocab*dim)
		for _, kind := range []cpu.DivergenceKind{cpu.ForwardKL, cpu.ReverseKL, cpu.JensenShannon} {
			out, dx, dw := make([]float32, rows), make([]float32, rows*dim), make([]float32, vocab*dim)
			d.LinearDivergence(out, x, w, x, w, rows, dim, dim, vocab, cpu.Divergence{Kind: kind})
			d.LinearDivergenceBackward(dx, dw, []float32{1, 1, 1, 1, 1}, x, w, x, w, rows, dim, dim, vocab, cpu.Divergence{Kind: kind})
			near(t, kind.String(), out, make([]float64, rows), 1e-6)
			near(t, kind.String()+" dx", dx, make([]float64, rows*dim), 5e-6)
			near(t, kind.String()+" dw", dw, make([]float64, vocab*dim), 5e-6)
		}
	})
}

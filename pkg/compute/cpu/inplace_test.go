package cpu_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// What may be written in place of what is read gives the same bits there.
func TestInPlace(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(23, 29))
		const rows, heads, dim = 7, 3, 10
		n := rows * heads * dim
		positions := []int32{0, 3, 1, 6, 2, 2, 5}
		table := cpu.NewRotary(8, dim, 10000)
		for name, run := range map[string]func(out, in [][]float32){
			"RoPE":              func(out, in [][]float32) { d.RoPE(out[0], in[0], positions, rows, heads, table, false) },
			"Blend":             func(out, in [][]float32) { d.Blend(out[0], in[0], 0, 0.7, n) },
			"Add":               func(out, in [][]float32) { d.Add(out[0], in[0], in[1], n) },
			"SiLU":              func(out, in [][]float32) { d.SiLU(out[0], in[0], n) },
			"GELU":              func(out, in [][]float32) { d.GELU(out[0], in[0], n) },
			"GELUTanh":          func(out, in [][]float32) { d.GELUTanh(out[0], in[0], n) },
			"GELUBackward":      func(out, in [][]float32) { d.GELUBackward(out[0], in[0], in[1], n) },
			"GELUTanhBackward":  func(out, in [][]float32) { d.GELUTanhBackward(out[0], in[0], in[1], n) },
			"SwiGLUBackward":    func(out, in [][]float32) { d.SwiGLUBackward(out[0], out[1], in[2], in[0], in[1], n) },
			"Add, second input": func(out, in [][]float32) { d.Add(out[0], in[1], in[0], n) },
		} {
			in := [][]float32{values(rng, n), values(rng, n), values(rng, n)}
			apart := [][]float32{values(rng, n), values(rng, n)}
			run(apart, in)
			both := name == "SwiGLUBackward"
			run(in[:2], in)
			if !slices.Equal(in[0], apart[0]) || both && !slices.Equal(in[1], apart[1]) {
				t.Errorf("%s: other bits in place", name)
			}
		}
	})
}

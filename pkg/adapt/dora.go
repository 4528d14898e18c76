package adapt

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

// DoRA, Liu et al., arXiv:2402.09353, eq. 5: a weight is a length m times a direction V/‖V‖, V = W₀ + s·B·A, for each output;
// LoRA turns the direction, and the length m moves beside it, beginning at ‖W₀‖. The lengths ‖V‖ count as constants of a
// step, so that no gradient flows through them (section 4.3).

// lengthName is that of m, as PEFT has it.
const lengthName = ".lora_magnitude_vector"

// dora is m/‖W₀ + s·B·A‖ · (W₀·x + s·B·A·x) + bias. W₀ + s·B·A is never formed: its lengths follow from those of W₀, which do
// not change, from A·W₀ᵀ, a product with r rows, and from A·Aᵀ.
func (x *lowRank) dora(b *nn.Builder, at Layer, in *graph.Node) *graph.Node {
	w, f := x.frozen(b, at.Name), x.factors(b, at)
	y := graph.Add(w.product(in, nil), f.product(b, in, nil)) // (R, out)
	squares := b.Bind(at.Name+".lora_squares", squaresOf(x.held.weight(at.Name, x.model.Params.Get(at.Name+".weight"))), false)
	length := graph.LowRankNorms(w.product(f.down, nil), graph.Linear(f.down, f.down, nil), f.up, squares, at.Scale) // (out)
	return graph.ScaleColumns(y, x.bind(b, at.Name+lengthName), length, x.bias(b, at.Name))
}

// frozen is the weight below A and B: the base's, or what PiSSA left of it, which in a Set is not the base's.
func (x *lowRank) frozen(b *nn.Builder, name string) frozen {
	if x.PiSSA {
		return frozen{w: b.Bind(name+".pissa_rest", x.model.Params.Get(name+".weight"), false)}
	}
	return x.held.frozen(b, name)
}

// bias is the node of a layer's bias, nil if it has none.
func (x *lowRank) bias(b *nn.Builder, name string) *graph.Node {
	if x.model.Params.Get(name+".bias") == nil {
		return nil
	}
	return b.Param(name + ".bias")
}

// squaresOf are the squared lengths of the rows of a weight (out, in), in float64 on the way: they are the same on every
// device, so that a fresh m over the length is exactly one.
func squaresOf(w *compute.Tensor) *compute.Tensor {
	out := compute.New(w.Shape[0])
	for o := range out.Data {
		var sum float64
		for _, v := range w.Row(o) {
			sum += float64(v) * float64(v)
		}
		out.Data[o] = float32(sum)
	}
	return out
}

// lengths are the roots of squaresOf, rounded as LowRankNorms rounds them.
func lengths(w *compute.Tensor) *compute.Tensor {
	m := squaresOf(w)
	for o, v := range m.Data {
		m.Data[o] = float32(math.Sqrt(float64(v)))
	}
	return m
}

// turn gives the rows of w, which hold V, the lengths m.
func turn(w, m *compute.Tensor) {
	for o, now := range lengths(w).Data {
		if now == 0 {
			continue
		}
		row, by := w.Row(o), m.Data[o]/now
		for i := range row {
			row[i] *= by
		}
	}
}

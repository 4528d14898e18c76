package graph

import (
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// GELU is x·Φ(x), elementwise, Φ the distribution function of the normal distribution (Hendrycks and Gimpel,
// arXiv:1606.08415, section 2): the exact form, with erf.
func GELU(x *Node) *Node { return apply(geluOp{}, x) }

// GELUTanh is x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, elementwise: the approximation of GELU of the same paper, up to
// 5e-4 off, with which GPT-2 was trained.
func GELUTanh(x *Node) *Node { return apply(geluOp{tanh: true}, x) }

type geluOp struct{ tanh bool }

func (o geluOp) Name() string {
	if o.tanh {
		return "gelu-tanh"
	}
	return "gelu"
}
func (geluOp) Shape(in []*Node) ([]int, error) { return in[0].shape, nil }
func (o geluOp) Reference(out []float64, in []Value) {
	if o.tanh {
		reference.GELUTanh(out, in[0].Floats)
		return
	}
	reference.GELU(out, in[0].Floats)
}
func (o geluOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(geluBackOp{tanh: o.tanh}, grad, in[0])}
}
func (o geluOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.GELU{N: b.Nodes[0].size(), Tanh: o.tanh})
}

// geluBackOp gives dx from dy and x.
type geluBackOp struct {
	noSecond
	tanh bool
}

func (o geluBackOp) Name() string                  { return geluOp{o.tanh}.Name() + ".dx" }
func (geluBackOp) Shape(in []*Node) ([]int, error) { return in[0].shape, nil }
func (o geluBackOp) Reference(out []float64, in []Value) {
	if o.tanh {
		reference.GELUTanhBackward(out, in[0].Floats, in[1].Floats)
		return
	}
	reference.GELUBackward(out, in[0].Floats, in[1].Floats)
}
func (geluBackOp) Overwrites(int) [][2]int { return [][2]int{{0, 0}} }
func (o geluBackOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.GELUBack{N: b.Nodes[0].size(), Tanh: o.tanh})
}

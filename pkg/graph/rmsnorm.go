package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// RMSNorm is x / sqrt(mean(x²) + eps) · w over each row (arXiv:1910.07467, eq. 4): x (rows, dim), w (dim).
func RMSNorm(x, w *Node, eps float64) *Node { return apply(rmsNormOp{eps}, x, w) }

type rmsNormOp struct{ eps float64 }

func (rmsNormOp) Name() string { return "rmsnorm" }
func (rmsNormOp) Shape(in []*Node) ([]int, error) {
	x, w := in[0].shape, in[1].shape
	if len(x) != 2 || len(w) != 1 || x[1] != w[0] {
		return nil, fmt.Errorf("want x (rows, dim) and w (dim), got %v and %v", x, w)
	}
	return x, nil
}
func (o rmsNormOp) Reference(out []float64, in []Value) {
	reference.RMSNorm(out, in[0].Floats, in[1].Floats, in[0].Shape[0], in[0].Shape[1], o.eps)
}
func (o rmsNormOp) Backward(in []*Node, _, grad *Node) []*Node {
	return bundle(rmsNormBackOp{eps: o.eps}, grad, in[0], in[1])
}
func (o rmsNormOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[0].shape
	return b.bind(compute.RMSNorm{Rows: x[0], Dim: x[1], Eps: o.eps})
}

// rmsNormBackOp gives dx (rows, dim) and dw (dim) from dy, x and w.
type rmsNormBackOp struct {
	noSecond
	eps float64
}

func (rmsNormBackOp) Name() string                      { return "rmsnorm.back" }
func (rmsNormBackOp) Parts(in []*Node) [][]int          { return [][]int{in[1].shape, in[2].shape} }
func (o rmsNormBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (o rmsNormBackOp) Reference(out []float64, in []Value) {
	n := len(in[1].Floats)
	reference.RMSNormBackward(out[:n], out[n:], in[0].Floats, in[1].Floats, in[2].Floats, in[1].Shape[0], in[1].Shape[1], o.eps)
}
func (o rmsNormBackOp) Bind(b *Binding) (func(), error) { return b.bind(o.describe(b, false)) }
func (o rmsNormBackOp) describe(b *Binding, add bool) compute.Op {
	x := b.Nodes[1].shape
	return compute.RMSNormBack{Rows: x[0], Dim: x[1], Eps: o.eps, Add: add}
}

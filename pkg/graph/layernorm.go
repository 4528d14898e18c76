package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// LayerNorm is (x − mean(x)) / sqrt(var(x) + eps) · w + bias over each row, the variance divided by dim (Ba et al.,
// arXiv:1607.06450, eq. 4): x (rows, dim), w (dim), bias (dim) or nil.
func LayerNorm(x, w, bias *Node, eps float64) *Node {
	if bias == nil {
		return apply(layerNormOp{eps}, x, w)
	}
	return apply(layerNormOp{eps}, x, w, bias)
}

type layerNormOp struct{ eps float64 }

func (layerNormOp) Name() string { return "layernorm" }
func (layerNormOp) Shape(in []*Node) ([]int, error) {
	x, w := in[0].shape, in[1].shape
	if len(x) != 2 || len(w) != 1 || x[1] != w[0] {
		return nil, fmt.Errorf("want x (rows, dim) and w (dim), got %v and %v", x, w)
	}
	if len(in) == 3 && (len(in[2].shape) != 1 || in[2].shape[0] != w[0]) {
		return nil, fmt.Errorf("want bias (%d), got %v", w[0], in[2].shape)
	}
	return x, nil
}
func (o layerNormOp) Reference(out []float64, in []Value) {
	var bias []float64
	if len(in) == 3 {
		bias = in[2].Floats
	}
	reference.LayerNorm(out, in[0].Floats, in[1].Floats, bias, in[0].Shape[0], in[0].Shape[1], o.eps)
}
func (o layerNormOp) Backward(in []*Node, _, grad *Node) []*Node {
	return bundle(layerNormBackOp{eps: o.eps, bias: len(in) == 3}, grad, in[0], in[1])
}
func (o layerNormOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[0].shape
	return b.bind(compute.LayerNorm{Rows: x[0], Dim: x[1], Eps: o.eps, Bias: len(b.Nodes) == 3})
}

// layerNormBackOp gives dx (rows, dim), dw (dim) and, with a bias, dbias (dim) from dy, x and w.
type layerNormBackOp struct {
	noSecond
	eps  float64
	bias bool
}

func (layerNormBackOp) Name() string { return "layernorm.back" }
func (o layerNormBackOp) Parts(in []*Node) [][]int {
	parts := [][]int{in[1].shape, in[2].shape}
	if o.bias {
		parts = append(parts, in[2].shape)
	}
	return parts
}
func (o layerNormBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (o layerNormBackOp) Reference(out []float64, in []Value) {
	n, dim := len(in[1].Floats), len(in[2].Floats)
	var dbias []float64
	if o.bias {
		dbias = out[n+dim:]
	}
	reference.LayerNormBackward(out[:n], out[n:n+dim], dbias, in[0].Floats, in[1].Floats, in[2].Floats, in[1].Shape[0], dim, o.eps)
}
func (o layerNormBackOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[1].shape
	return b.bind(compute.LayerNormBack{Rows: x[0], Dim: x[1], Eps: o.eps, Bias: o.bias})
}

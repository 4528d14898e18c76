package graph

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Reshape is x with another shape of as many values, in the same order: a column (rows, 1) as a vector (rows), say.
func Reshape(x *Node, shape ...int) *Node { return apply(&reshapeOp{slices.Clone(shape)}, x) }

type reshapeOp struct{ shape []int }

func (*reshapeOp) Name() string { return "reshape" }
func (o *reshapeOp) Shape(in []*Node) ([]int, error) {
	for _, d := range o.shape {
		if d <= 0 {
			return nil, fmt.Errorf("shape %v has a dimension that is not positive", o.shape)
		}
	}
	if want := (&Node{shape: o.shape}).size(); want != in[0].size() {
		return nil, fmt.Errorf("%v has %d values, %v has %d", in[0].shape, in[0].size(), o.shape, want)
	}
	return o.shape, nil
}
func (*reshapeOp) Reference(out []float64, in []Value) { reference.Scale(out, in[0].Floats, 1) }
func (*reshapeOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{Reshape(grad, in[0].shape...)}
}
func (*reshapeOp) Overwrites(int) [][2]int { return [][2]int{{0, 0}} }
func (*reshapeOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.Scale{N: b.Nodes[0].size(), Factor: 1})
}

package graph

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// SwiGLU is silu(gate)·up, elementwise on equal shapes (arXiv:2002.05202, eq. 5).
func SwiGLU(gate, up *Node) *Node { return apply(swigluOp{}, gate, up) }

type swigluOp struct{}

func (swigluOp) Name() string                    { return "swiglu" }
func (swigluOp) Shape(in []*Node) ([]int, error) { return equalShapes(in) }
func (swigluOp) Reference(out []float64, in []Value) {
	reference.SwiGLU(out, in[0].Floats, in[1].Floats)
}
func (swigluOp) Backward(in []*Node, _, grad *Node) []*Node {
	return bundle(swigluBackOp{}, grad, in[0], in[1])
}
func (swigluOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.SwiGLU{N: b.Nodes[0].size()})
}

func equalShapes(in []*Node) ([]int, error) {
	for _, n := range in[1:] {
		if !slices.Equal(n.shape, in[0].shape) {
			return nil, fmt.Errorf("want equal shapes, got %v and %v", in[0].shape, n.shape)
		}
	}
	return in[0].shape, nil
}

type swigluBackOp struct{ noSecond }

func (swigluBackOp) Name() string                      { return "swiglu.back" }
func (swigluBackOp) Parts(in []*Node) [][]int          { return [][]int{in[1].shape, in[2].shape} }
func (o swigluBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (swigluBackOp) Reference(out []float64, in []Value) {
	n := len(out) / 2
	reference.SwiGLUBackward(out[:n], out[n:], in[0].Floats, in[1].Floats, in[2].Floats)
}

// Overwrites: the gradients take the places of gate and up.
func (swigluBackOp) Overwrites(int) [][2]int { return [][2]int{{0, 1}, {1, 2}} }
func (swigluBackOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.SwiGLUBack{N: b.Nodes[0].size()})
}

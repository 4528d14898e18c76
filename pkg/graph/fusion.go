package graph

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Fuse is attention of each row over some candidates (Pfeiffer et al., arXiv:2005.00247, section 3.2): q and each
// candidate's key and value (rows, dim), giving Σₙ softmaxₙ(q·kₙ)·vₙ (rows, dim).
func Fuse(q *Node, keys, values []*Node) *Node {
	in := []*Node{q}
	for i, k := range keys {
		if i < len(values) {
			in = append(in, k, values[i])
		}
	}
	if len(keys) != len(values) {
		in = in[:1] // refused by Shape
	}
	return apply(fuseOp{}, in...)
}

type fuseOp struct{}

func (fuseOp) Name() string { return "fuse" }
func (fuseOp) Shape(in []*Node) ([]int, error) {
	if len(in) < 3 {
		return nil, errors.New("want at least one candidate, and a key and a value of each")
	}
	for i, n := range in {
		if len(n.shape) != 2 || !slices.Equal(n.shape, in[0].shape) {
			return nil, fmt.Errorf("input %d: want all (rows, dim) of one shape, got %v beside %v", i, n.shape, in[0].shape)
		}
	}
	return in[0].shape, nil
}

func floatsOf(in []Value) [][]float64 {
	x := make([][]float64, len(in))
	for i, v := range in {
		x[i] = v.Floats
	}
	return x
}

func (fuseOp) Reference(out []float64, in []Value) {
	reference.Fuse(out, floatsOf(in), in[0].Shape[0], in[0].Shape[1])
}
func (fuseOp) Backward(in []*Node, _, grad *Node) []*Node {
	return bundle(fuseBackOp{}, append([]*Node{grad}, in...)...)
}
func (fuseOp) Bind(b *Binding) (func(), error) {
	s := b.Nodes[0].shape
	return b.bind(compute.Fuse{Rows: s[0], Dim: s[1], Count: len(b.Nodes) / 2})
}

// fuseBackOp gives dq and each dk and dv from do and what fuseOp read.
type fuseBackOp struct{ noSecond }

func (fuseBackOp) Name() string { return "fuse.back" }
func (fuseBackOp) Parts(in []*Node) (shapes [][]int) {
	for _, n := range in[1:] {
		shapes = append(shapes, n.shape)
	}
	return shapes
}
func (o fuseBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (fuseBackOp) Reference(out []float64, in []Value) {
	x := floatsOf(in)
	n := len(x[0])
	var dx [][]float64
	for i := range x[1:] {
		dx = append(dx, out[i*n:(i+1)*n])
	}
	reference.FuseBackward(dx, x[0], x[1:], in[0].Shape[0], in[0].Shape[1])
}
func (fuseBackOp) Bind(b *Binding) (func(), error) {
	s := b.Nodes[0].shape
	return b.bind(compute.FuseBack{Rows: s[0], Dim: s[1], Count: (len(b.Nodes) - 1) / 2})
}

package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Everywhere is a scalar at each of n places, as it stands: it is measured, and no gradient flows back to it. So a loss can
// compare every example with what its batch gives together, such as a baseline.
func Everywhere(scalar *Node, n int) *Node {
	return Scale(apply(everywhereOp{n}, scalar), float64(n))
}

// everywhereOp gives n places an equal share of a scalar.
type everywhereOp struct{ n int }

func (everywhereOp) Fixed(int) bool { return true }
func (everywhereOp) Name() string   { return "everywhere" }
func (o everywhereOp) Shape(in []*Node) ([]int, error) {
	if len(in[0].shape) != 0 || o.n <= 0 {
		return nil, fmt.Errorf("want a scalar and a positive number of places, got %v and %d", in[0].shape, o.n)
	}
	return []int{o.n}, nil
}
func (everywhereOp) Reference(out []float64, in []Value) {
	reference.MeanBackward(out, in[0].Floats[0])
}
func (everywhereOp) Backward([]*Node, *Node, *Node) []*Node { return []*Node{nil} }
func (o everywhereOp) Bind(b *Binding) (func(), error)      { return b.bind(compute.MeanBack{N: o.n}) }

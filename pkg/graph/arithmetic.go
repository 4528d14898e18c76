package graph

import (
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Add is a + b, elementwise on equal shapes.
func Add(a, b *Node) *Node { return apply(addOp{}, a, b) }

type addOp struct{}

func (addOp) Name() string                    { return "add" }
func (addOp) Shape(in []*Node) ([]int, error) { return equalShapes(in) }
func (addOp) Reference(out []float64, in []Value) {
	reference.Add(out, in[0].Floats, in[1].Floats)
}
func (addOp) Backward(_ []*Node, _, grad *Node) []*Node { return []*Node{grad, grad} }
func (addOp) Overwrites(int) [][2]int                   { return [][2]int{{0, 0}, {0, 1}} }
func (addOp) Bind(b *Binding) (func(), error)           { return b.bind(compute.Add{N: b.Nodes[0].size()}) }

// Scale is factor·x.
func Scale(x *Node, factor float64) *Node { return apply(scaleOp{factor}, x) }

type scaleOp struct{ factor float64 }

func (scaleOp) Name() string                    { return "scale" }
func (scaleOp) Shape(in []*Node) ([]int, error) { return in[0].shape, nil }
func (o scaleOp) Reference(out []float64, in []Value) {
	reference.Scale(out, in[0].Floats, o.factor)
}
func (o scaleOp) Backward(_ []*Node, _, grad *Node) []*Node { return []*Node{Scale(grad, o.factor)} }
func (scaleOp) Overwrites(int) [][2]int                     { return [][2]int{{0, 0}} }
func (o scaleOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.Scale{N: b.Nodes[0].size(), Factor: o.factor})
}

// Mean is the mean of all values, a scalar.
func Mean(x *Node) *Node { return apply(meanOp{}, x) }

type meanOp struct{}

func (meanOp) Name() string                 { return "mean" }
func (meanOp) Shape([]*Node) ([]int, error) { return nil, nil }
func (meanOp) Reference(out []float64, in []Value) {
	out[0] = reference.Mean(in[0].Floats)
}
func (meanOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(&spreadOp{shape: in[0].shape}, grad)}
}
func (meanOp) Bind(b *Binding) (func(), error) { return b.bind(compute.Mean{N: b.Nodes[0].size()}) }

// spreadOp gives every value of a shape an equal share of a scalar.
type spreadOp struct {
	noSecond
	shape []int
}

func (*spreadOp) Name() string                   { return "mean.dx" }
func (o *spreadOp) Shape([]*Node) ([]int, error) { return o.shape, nil }
func (*spreadOp) Reference(out []float64, in []Value) {
	reference.MeanBackward(out, in[0].Floats[0])
}
func (o *spreadOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.MeanBack{N: (&Node{shape: o.shape}).size()})
}

// Sum is the sum of all values, a scalar.
func Sum(x *Node) *Node { return apply(sumOp{}, x) }

type sumOp struct{}

func (sumOp) Name() string                        { return "sum" }
func (sumOp) Shape([]*Node) ([]int, error)        { return nil, nil }
func (sumOp) Reference(out []float64, in []Value) { out[0] = reference.Sum(in[0].Floats) }
func (sumOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(&repeatOp{shape: in[0].shape}, grad)}
}
func (sumOp) Bind(b *Binding) (func(), error) { return b.bind(compute.Sum{N: b.Nodes[0].size()}) }

// repeatOp gives every value of a shape the same scalar.
type repeatOp struct {
	noSecond
	shape []int
}

func (*repeatOp) Name() string                        { return "sum.dx" }
func (o *repeatOp) Shape([]*Node) ([]int, error)      { return o.shape, nil }
func (*repeatOp) Reference(out []float64, in []Value) { reference.SumBackward(out, in[0].Floats[0]) }
func (o *repeatOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.SumBack{N: (&Node{shape: o.shape}).size()})
}

package graph

import (
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// ReLU is max(0, x), elementwise; its derivative at 0 is 0.
func ReLU(x *Node) *Node { return apply(activationOp{reluKind}, x) }

// SiLU is x·sigmoid(x), elementwise (Elfwing et al., arXiv:1702.03118), also called swish.
func SiLU(x *Node) *Node { return apply(activationOp{siluKind}, x) }

// Tanh is tanh(x), elementwise.
func Tanh(x *Node) *Node { return apply(activationOp{tanhKind}, x) }

// activationKind is one function of single values and its derivative.
type activationKind struct {
	name          string
	value         func(y, x []float64)
	slope         func(dx, dy, x []float64)
	forward, back func(n int) compute.Op
}

var (
	reluKind = &activationKind{"relu", reference.ReLU, reference.ReLUBackward,
		func(n int) compute.Op { return compute.ReLU{N: n} }, func(n int) compute.Op { return compute.ReLUBack{N: n} }}
	siluKind = &activationKind{"silu", reference.SiLU, reference.SiLUBackward,
		func(n int) compute.Op { return compute.SiLU{N: n} }, func(n int) compute.Op { return compute.SiLUBack{N: n} }}
	tanhKind = &activationKind{"tanh", reference.Tanh, reference.TanhBackward,
		func(n int) compute.Op { return compute.Tanh{N: n} }, func(n int) compute.Op { return compute.TanhBack{N: n} }}
)

type activationOp struct{ kind *activationKind }

func (o activationOp) Name() string                        { return o.kind.name }
func (activationOp) Shape(in []*Node) ([]int, error)       { return in[0].shape, nil }
func (o activationOp) Reference(out []float64, in []Value) { o.kind.value(out, in[0].Floats) }
func (o activationOp) Bind(b *Binding) (func(), error) {
	return b.bind(o.kind.forward(b.Nodes[0].size()))
}
func (o activationOp) Backward(in []*Node, _, g *Node) []*Node {
	return []*Node{apply(activationBackOp{kind: o.kind}, g, in[0])}
}

// activationBackOp gives dx from dy and x.
type activationBackOp struct {
	noSecond
	kind *activationKind
}

func (o activationBackOp) Name() string                  { return o.kind.name + ".dx" }
func (activationBackOp) Shape(in []*Node) ([]int, error) { return in[0].shape, nil }
func (activationBackOp) Overwrites(int) [][2]int         { return [][2]int{{0, 0}} }
func (o activationBackOp) Reference(out []float64, in []Value) {
	o.kind.slope(out, in[0].Floats, in[1].Floats)
}
func (o activationBackOp) Bind(b *Binding) (func(), error) {
	return b.bind(o.kind.back(b.Nodes[0].size()))
}

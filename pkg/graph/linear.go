package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Linear is x·wᵀ + bias: x (rows, in), w (out, in), bias (out) or nil, giving (rows, out).
func Linear(x, w, bias *Node) *Node {
	if bias == nil {
		return apply(linearOp{}, x, w)
	}
	return apply(linearOp{}, x, w, bias)
}

type linearOp struct{}

func (linearOp) Name() string { return "linear" }
func (linearOp) Shape(in []*Node) ([]int, error) {
	x, w := in[0].shape, in[1].shape
	if len(x) != 2 || len(w) != 2 || x[1] != w[1] {
		return nil, fmt.Errorf("want x (rows, in) and w (out, in), got %v and %v", x, w)
	}
	if len(in) == 3 && (len(in[2].shape) != 1 || in[2].shape[0] != w[0]) {
		return nil, fmt.Errorf("want bias (%d), got %v", w[0], in[2].shape)
	}
	return []int{x[0], w[0]}, nil
}
func (linearOp) Reference(out []float64, in []Value) {
	x, w := in[0].Floats, in[1].Floats
	var bias []float64
	if len(in) == 3 {
		bias = in[2].Floats
	}
	inner, outer := in[1].Shape[1], in[1].Shape[0]
	reference.Linear(out, x, w, bias, in[0].Shape[0], inner, outer)
}

func (linearOp) Backward(in []*Node, _, grad *Node) []*Node {
	back := []*Node{apply(linearInputOp{}, grad, in[1]), apply(linearWeightOp{}, grad, in[0])}
	if len(in) == 3 {
		back = append(back, apply(columnSumOp{}, grad))
	}
	return back
}
func (o linearOp) Bind(b *Binding) (func(), error) { return b.bind(o.describe(b, false)) }
func (linearOp) describe(b *Binding, add bool) compute.Op {
	x, w := b.Nodes[0].shape, b.Nodes[1].shape
	return compute.Linear{Rows: x[0], In: w[1], Out: w[0], Bias: len(b.Nodes) == 3, Add: add, BF16: b.BF16}
}

// linearInputOp is dx = dy·w: dy (rows, out), w (out, in), giving (rows, in).
type linearInputOp struct{ noSecond }

func (linearInputOp) Name() string { return "linear.dx" }
func (linearInputOp) Shape(in []*Node) ([]int, error) {
	return []int{in[0].shape[0], in[1].shape[1]}, nil
}
func (linearInputOp) Reference(out []float64, in []Value) {
	outer, inner := in[1].Shape[0], in[1].Shape[1]
	reference.LinearBackward(out, nil, nil, in[0].Floats, nil, in[1].Floats, in[0].Shape[0], inner, outer)
}
func (o linearInputOp) Bind(b *Binding) (func(), error) { return b.bind(o.describe(b, false)) }
func (linearInputOp) describe(b *Binding, add bool) compute.Op {
	dy, w := b.Nodes[0].shape, b.Nodes[1].shape
	return compute.LinearInput{Rows: dy[0], In: w[1], Out: w[0], Add: add, BF16: b.BF16}
}

// linearWeightOp is dw = dyᵀ·x: dy (rows, out), x (rows, in), giving (out, in).
type linearWeightOp struct{ noSecond }

func (linearWeightOp) Name() string { return "linear.dw" }
func (linearWeightOp) Shape(in []*Node) ([]int, error) {
	return []int{in[0].shape[1], in[1].shape[1]}, nil
}
func (linearWeightOp) Reference(out []float64, in []Value) {
	outer, inner := in[0].Shape[1], in[1].Shape[1]
	reference.LinearBackward(nil, out, nil, in[0].Floats, in[1].Floats, nil, in[0].Shape[0], inner, outer)
}
func (linearWeightOp) Bind(b *Binding) (func(), error) {
	dy, x := b.Nodes[0].shape, b.Nodes[1].shape
	return b.bind(compute.LinearWeight{Rows: x[0], In: x[1], Out: dy[1], BF16: b.BF16})
}

// columnSumOp is dbias: dy (rows, out), giving (out).
type columnSumOp struct{ noSecond }

func (columnSumOp) Name() string                    { return "linear.dbias" }
func (columnSumOp) Shape(in []*Node) ([]int, error) { return []int{in[0].shape[1]}, nil }
func (columnSumOp) Reference(out []float64, in []Value) {
	reference.LinearBackward(nil, nil, out, in[0].Floats, nil, nil, in[0].Shape[0], 0, len(out))
}
func (columnSumOp) Bind(b *Binding) (func(), error) {
	dy := b.Nodes[0].shape
	return b.bind(compute.LinearBias{Rows: dy[0], Out: dy[1]})
}

package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
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
func (o linearOp) Bind(b *Binding) func() { return o.bindAdd(b, nil) }
func (linearOp) bindAdd(b *Binding, to []float32) func() {
	c, x, w := matrix(b.Out, b.Nodes[0].shape[0], b.Nodes[1].shape[0]), b.matrix(0), b.matrix(1)
	e := epilogue(c, to)
	if len(b.In) == 3 {
		e.Bias = b.In[2].Floats
	}
	if b.BF16 {
		return func() { b.Device.MatMulNTBF16(c, x, w, e) }
	}
	return func() { b.Device.MatMulNT(c, x, w, e) }
}

// epilogue adds the product c to a value of its size, which may be what c holds; nil for none.
func epilogue(c cpu.Matrix, to []float32) cpu.Epilogue {
	switch {
	case to == nil:
		return cpu.Epilogue{}
	case &to[0] == &c.Data[0]:
		return cpu.Epilogue{Accumulate: true}
	}
	return cpu.Epilogue{Residual: matrix(to, c.Rows, c.Cols)}
}

func matrix(data []float32, rows, cols int) cpu.Matrix {
	return cpu.Matrix{Data: data, Rows: rows, Cols: cols}
}

func (b *Binding) matrix(i int) cpu.Matrix {
	s := b.Nodes[i].shape
	return matrix(b.In[i].Floats, s[0], s[1])
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
func (o linearInputOp) Bind(b *Binding) func() { return o.bindAdd(b, nil) }
func (linearInputOp) bindAdd(b *Binding, to []float32) func() {
	c, dy, w := matrix(b.Out, b.Nodes[0].shape[0], b.Nodes[1].shape[1]), b.matrix(0), b.matrix(1)
	e := epilogue(c, to)
	if b.BF16 {
		return func() { b.Device.MatMulNNBF16(c, dy, w, e) }
	}
	return func() { b.Device.MatMulNN(c, dy, w, e) }
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
func (linearWeightOp) Bind(b *Binding) func() {
	c, dy, x := matrix(b.Out, b.Nodes[0].shape[1], b.Nodes[1].shape[1]), b.matrix(0), b.matrix(1)
	if b.BF16 {
		return func() { b.Device.MatMulTNBF16(c, dy, x, cpu.Epilogue{}) }
	}
	return func() { b.Device.MatMulTN(c, dy, x, cpu.Epilogue{}) }
}

// columnSumOp is dbias: dy (rows, out), giving (out).
type columnSumOp struct{ noSecond }

func (columnSumOp) Name() string                    { return "linear.dbias" }
func (columnSumOp) Shape(in []*Node) ([]int, error) { return []int{in[0].shape[1]}, nil }
func (columnSumOp) Reference(out []float64, in []Value) {
	clear(out)
	for i, v := range in[0].Floats {
		out[i%len(out)] += v
	}
}
func (columnSumOp) Bind(b *Binding) func() {
	rows, cols := b.Nodes[0].shape[0], b.Nodes[0].shape[1]
	return func() { b.Device.ColumnSums(b.Out, b.In[0].Floats, rows, cols) }
}

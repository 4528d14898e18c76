package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// ScaleColumns is x·w/c + bias with one factor and one bias for each column: x (rows, dim), w, c and bias (dim), giving
// (rows, dim); c and bias may be nil. c has no gradient, as the lengths of DoRA (arXiv:2402.09353, section 4.3); where it is
// zero the factor is one.
func ScaleColumns(x, w, c, bias *Node) *Node {
	in := []*Node{x, w}
	o := scaleColumnsOp{over: c != nil, bias: bias != nil}
	if o.over {
		in = append(in, c)
	}
	if o.bias {
		in = append(in, bias)
	}
	return apply(o, in...)
}

type scaleColumnsOp struct{ over, bias bool }

func (scaleColumnsOp) Name() string { return "scalecolumns" }
func (scaleColumnsOp) Shape(in []*Node) ([]int, error) {
	x := in[0].shape
	for _, n := range in[1:] {
		if len(x) != 2 || len(n.shape) != 1 || x[1] != n.shape[0] {
			return nil, fmt.Errorf("want x (rows, dim) and the others (dim), got %v and %v", x, n.shape)
		}
	}
	return x, nil
}
func (o scaleColumnsOp) Fixed(input int) bool { return o.over && input == 2 }
func (o scaleColumnsOp) Reference(out []float64, in []Value) {
	var c, bias []float64
	if o.over {
		c = in[2].Floats
	}
	if o.bias {
		bias = in[len(in)-1].Floats
	}
	reference.ScaleColumns(out, in[0].Floats, in[1].Floats, c, bias, in[0].Shape[0], in[0].Shape[1])
}
func (o scaleColumnsOp) Backward(in []*Node, _, grad *Node) []*Node {
	args := []*Node{grad, in[0], in[1]}
	if o.over {
		args = append(args, in[2])
	}
	back := bundle(scaleColumnsBackOp{over: o.over}, args...)
	if o.over {
		back = append(back, nil)
	}
	if o.bias {
		back = append(back, apply(columnSumOp{}, grad))
	}
	return back
}
func (scaleColumnsOp) Overwrites(int) [][2]int { return [][2]int{{0, 0}} }
func (o scaleColumnsOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[0].shape
	return b.bind(compute.ScaleColumns{Rows: x[0], Dim: x[1], Over: o.over, Bias: o.bias})
}

// scaleColumnsBackOp gives dx (rows, dim) and dw (dim) from dy, x, w and c.
type scaleColumnsBackOp struct {
	noSecond
	over bool
}

func (scaleColumnsBackOp) Name() string                      { return "scalecolumns.back" }
func (scaleColumnsBackOp) Parts(in []*Node) [][]int          { return [][]int{in[1].shape, in[2].shape} }
func (o scaleColumnsBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (o scaleColumnsBackOp) Reference(out []float64, in []Value) {
	var c []float64
	if o.over {
		c = in[3].Floats
	}
	n := len(in[1].Floats)
	reference.ScaleColumnsBackward(out[:n], out[n:], in[0].Floats, in[1].Floats, in[2].Floats, c, in[1].Shape[0], in[1].Shape[1])
}
func (o scaleColumnsBackOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[1].shape
	return b.bind(compute.ScaleColumnsBack{Rows: x[0], Dim: x[1], Over: o.over})
}

// ScaleRows is x·gate with one factor for each row: x (rows, dim), gate (rows), giving (rows, dim). The gate has no gradient.
func ScaleRows(x, gate *Node) *Node { return apply(scaleRowsOp{}, x, gate) }

type scaleRowsOp struct{}

func (scaleRowsOp) Name() string { return "scalerows" }
func (scaleRowsOp) Shape(in []*Node) ([]int, error) {
	x, gate := in[0].shape, in[1].shape
	if len(x) != 2 || len(gate) != 1 || x[0] != gate[0] {
		return nil, fmt.Errorf("want x (rows, dim) and gate (rows), got %v and %v", x, gate)
	}
	return x, nil
}
func (scaleRowsOp) Fixed(input int) bool { return input == 1 }
func (scaleRowsOp) Reference(out []float64, in []Value) {
	reference.ScaleRows(out, in[0].Floats, in[1].Floats, in[0].Shape[0], in[0].Shape[1])
}
func (scaleRowsOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{ScaleRows(grad, in[1]), nil}
}
func (scaleRowsOp) Overwrites(int) [][2]int { return [][2]int{{0, 0}} }
func (scaleRowsOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[0].shape
	return b.bind(compute.ScaleRows{Rows: x[0], Dim: x[1]})
}

// LowRankNorms are the lengths of the rows of W + scale·B·A without that sum, for DoRA: p = A·Wᵀ (rank, out), g = A·Aᵀ
// (rank, rank), b (out, rank), and squares (out), the squared lengths of the rows of W, giving (out). None has a gradient
// (arXiv:2402.09353, section 4.3). With b of zeros they are the roots of squares, to the last bit.
func LowRankNorms(p, g, b, squares *Node, scale float64) *Node {
	return apply(lowRankNormsOp{scale: scale}, p, g, b, squares)
}

type lowRankNormsOp struct {
	noSecond
	scale float64
}

func (lowRankNormsOp) Name() string { return "lowranknorms" }
func (lowRankNormsOp) Shape(in []*Node) ([]int, error) {
	p, g, b, squares := in[0].shape, in[1].shape, in[2].shape, in[3].shape
	if len(p) != 2 || len(g) != 2 || len(b) != 2 || len(squares) != 1 || g[0] != p[0] || g[1] != p[0] || b[0] != p[1] || b[1] != p[0] || squares[0] != p[1] {
		return nil, fmt.Errorf("want p (rank, out), g (rank, rank), b (out, rank) and squares (out), got %v, %v, %v and %v", p, g, b, squares)
	}
	return squares, nil
}
func (lowRankNormsOp) Fixed(int) bool { return true }
func (o lowRankNormsOp) Reference(out []float64, in []Value) {
	reference.LowRankNorms(out, in[0].Floats, in[1].Floats, in[2].Floats, in[3].Floats, len(out), in[0].Shape[0], o.scale)
}
func (o lowRankNormsOp) Bind(b *Binding) (func(), error) {
	p := b.Nodes[0].shape
	return b.bind(compute.LowRankNorms{Out: p[1], Rank: p[0], Scale: o.scale})
}

// LinearNF4 is Linear with a frozen weight of four bits a value (QLoRA, arXiv:2305.14314, section 3): x (rows, in), the codes,
// made with Codes, and scales that compute.QuantizeNF4 gives for a weight (out, in), bias (out) or nil, giving (rows, out).
// Codes and scales have no gradient.
func LinearNF4(x, codes, scales, bias *Node, out int) *Node {
	in := []*Node{x, codes, scales}
	if bias != nil {
		in = append(in, bias)
	}
	return apply(linearNF4Op{out}, in...)
}

type linearNF4Op struct{ out int }

func (linearNF4Op) Integers() int        { return 1 }
func (linearNF4Op) Fixed(input int) bool { return input == 2 }
func (linearNF4Op) Name() string         { return "linearnf4" }
func (o linearNF4Op) Shape(in []*Node) ([]int, error) {
	x := in[0].shape
	if len(x) != 2 || o.out < 1 {
		return nil, fmt.Errorf("want x (rows, in) and a positive number of outputs, got %v and %d", x, o.out)
	}
	_, args := compute.LinearNF4{Rows: x[0], In: x[1], Out: o.out, Bias: len(in) == 4}.Args()
	for i, n := range in {
		if len(n.shape) != len(args[i].Shape) || n.size() != args[i].Len() || i == 1 && n.ints == nil {
			return nil, fmt.Errorf("want %v for x %v and %d outputs, got %v", args[i], x, o.out, n.shape)
		}
	}
	return []int{x[0], o.out}, nil
}
func (o linearNF4Op) Reference(out []float64, in []Value) {
	x := in[0].Shape
	var bias []float64
	if len(in) == 4 {
		bias = in[3].Floats
	}
	reference.Linear(out, in[0].Floats, reference.NF4(in[1].Ints, in[2].Floats, o.out*x[1]), bias, x[0], x[1], o.out)
}
func (o linearNF4Op) Backward(in []*Node, _, grad *Node) []*Node {
	back := []*Node{apply(linearInputNF4Op{in: in[0].shape[1]}, grad, in[1], in[2]), nil, nil}
	if len(in) == 4 {
		back = append(back, apply(columnSumOp{}, grad))
	}
	return back
}
func (o linearNF4Op) Bind(b *Binding) (func(), error) { return b.bind(o.describe(b, false)) }
func (o linearNF4Op) describe(b *Binding, add bool) compute.Op {
	x := b.Nodes[0].shape
	return compute.LinearNF4{Rows: x[0], In: x[1], Out: o.out, Bias: len(b.Nodes) == 4, Add: add}
}

// linearInputNF4Op is dx = dy·w: dy (rows, out), codes and scales, giving (rows, in).
type linearInputNF4Op struct {
	noSecond
	in int
}

func (linearInputNF4Op) Integers() int        { return 1 }
func (linearInputNF4Op) Fixed(input int) bool { return input == 2 }
func (linearInputNF4Op) Name() string         { return "linearnf4.dx" }
func (o linearInputNF4Op) Shape(in []*Node) ([]int, error) {
	return []int{in[0].shape[0], o.in}, nil
}
func (o linearInputNF4Op) Reference(out []float64, in []Value) {
	dy := in[0].Shape
	reference.LinearBackward(out, nil, nil, in[0].Floats, nil, reference.NF4(in[1].Ints, in[2].Floats, dy[1]*o.in), dy[0], o.in, dy[1])
}
func (o linearInputNF4Op) Bind(b *Binding) (func(), error) { return b.bind(o.describe(b, false)) }
func (o linearInputNF4Op) describe(b *Binding, add bool) compute.Op {
	dy := b.Nodes[0].shape
	return compute.LinearInputNF4{Rows: dy[0], In: o.in, Out: dy[1], Add: add}
}

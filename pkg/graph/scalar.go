package graph

import (
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Exp is e^x, elementwise: of a difference of log-probabilities, the ratio of PPO, arXiv:1707.06347, section 3.
func Exp(x *Node) *Node { return unary(compute.Unary{Kind: compute.Exp}, x) }

// Log is the natural logarithm, elementwise.
func Log(x *Node) *Node { return unary(compute.Unary{Kind: compute.Log}, x) }

// Sigmoid is 1/(1 + e^−x), elementwise.
func Sigmoid(x *Node) *Node { return unary(compute.Unary{Kind: compute.Sigmoid}, x) }

// LogSigmoid is ln(1/(1 + e^−x)), elementwise, without overflow: of a difference of rewards, the log-probability of a choice
// (Bradley and Terry, 1952).
func LogSigmoid(x *Node) *Node { return unary(compute.Unary{Kind: compute.LogSigmoid}, x) }

// Square is x², elementwise.
func Square(x *Node) *Node { return unary(compute.Unary{Kind: compute.Square}, x) }

// Log1mExp is ln(1 − e^x) for x below 0, elementwise: of a log-probability, that of everything else, as the odds of ORPO,
// arXiv:2403.07691, eq. 4, need it.
func Log1mExp(x *Node) *Node { return unary(compute.Unary{Kind: compute.Log1mExp}, x) }

// Positive is 1 where x is above 0 and 0 elsewhere, to count with. Its gradient is 0.
func Positive(x *Node) *Node { return unary(compute.Unary{Kind: compute.Positive}, x) }

// Clamp keeps x from low to high, elementwise; beyond them the gradient is 0.
func Clamp(x *Node, low, high float64) *Node {
	return unary(compute.Unary{Kind: compute.Clamp, A: low, B: high}, x)
}

// Shift is x + by, elementwise.
func Shift(x *Node, by float64) *Node { return unary(compute.Unary{Kind: compute.Shift, A: by}, x) }

func unary(like compute.Unary, x *Node) *Node { return apply(unaryOp{like}, x) }

type unaryOp struct{ like compute.Unary }

func (o unaryOp) Name() string { return o.like.Name() }
func (o unaryOp) Shape(in []*Node) ([]int, error) {
	if o.like.Kind == compute.Clamp && !(o.like.A <= o.like.B) {
		return nil, fmt.Errorf("bounds %g and %g: want the lower one first", o.like.A, o.like.B)
	}
	if o.like.Kind == compute.Shift && (math.IsNaN(o.like.A) || math.IsInf(o.like.A, 0)) {
		return nil, fmt.Errorf("a shift by %g: want a finite number", o.like.A)
	}
	return in[0].shape, nil
}
func (o unaryOp) Reference(out []float64, in []Value) { reference.Unary(out, in[0].Floats, o.like) }
func (o unaryOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(unaryBackOp{like: o.like}, grad, in[0])}
}
func (unaryOp) Overwrites(int) [][2]int { return [][2]int{{0, 0}} }
func (o unaryOp) Bind(b *Binding) (func(), error) {
	o.like.N = b.Nodes[0].size()
	return b.bind(o.like)
}

type unaryBackOp struct {
	noSecond
	like compute.Unary
}

func (o unaryBackOp) Name() string                  { return compute.UnaryBack(o.like).Name() }
func (unaryBackOp) Shape(in []*Node) ([]int, error) { return in[0].shape, nil }
func (unaryBackOp) Overwrites(int) [][2]int         { return [][2]int{{0, 0}} }
func (o unaryBackOp) Reference(out []float64, in []Value) {
	reference.UnaryBackward(out, in[0].Floats, in[1].Floats, o.like)
}
func (o unaryBackOp) Bind(b *Binding) (func(), error) {
	o.like.N = b.Nodes[0].size()
	return b.bind(compute.UnaryBack(o.like))
}

// Sub is a − b, elementwise on equal shapes.
func Sub(a, b *Node) *Node { return apply(binaryOp{compute.Sub}, a, b) }

// Mul is a·b, elementwise on equal shapes.
func Mul(a, b *Node) *Node { return apply(binaryOp{compute.Mul}, a, b) }

// Min is the smaller of a and b, elementwise on equal shapes; where both are the same the gradient is a's.
func Min(a, b *Node) *Node { return apply(binaryOp{compute.Min}, a, b) }

// Max is the larger of a and b, elementwise on equal shapes; where both are the same the gradient is a's.
func Max(a, b *Node) *Node { return apply(binaryOp{compute.Max}, a, b) }

type binaryOp struct{ kind compute.BinaryKind }

func (o binaryOp) Name() string                  { return o.kind.String() }
func (binaryOp) Shape(in []*Node) ([]int, error) { return equalShapes(in) }
func (o binaryOp) Reference(out []float64, in []Value) {
	reference.Binary(out, in[0].Floats, in[1].Floats, o.kind)
}
func (o binaryOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(binaryBackOp{kind: o.kind}, grad, in[0], in[1]), apply(binaryBackOp{kind: o.kind, second: true}, grad, in[0], in[1])}
}
func (binaryOp) Overwrites(int) [][2]int { return [][2]int{{0, 0}, {0, 1}} }
func (o binaryOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.Binary{N: b.Nodes[0].size(), Kind: o.kind})
}

type binaryBackOp struct {
	noSecond
	kind   compute.BinaryKind
	second bool
}

func (o binaryBackOp) Name() string {
	return compute.BinaryBack{Kind: o.kind, Second: o.second}.Name()
}
func (binaryBackOp) Shape(in []*Node) ([]int, error) { return in[0].shape, nil }
func (binaryBackOp) Overwrites(int) [][2]int         { return [][2]int{{0, 0}} }
func (o binaryBackOp) Reference(out []float64, in []Value) {
	reference.BinaryBackward(out, in[0].Floats, in[1].Floats, in[2].Floats, o.kind, o.second)
}
func (o binaryBackOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.BinaryBack{N: b.Nodes[0].size(), Kind: o.kind, Second: o.second})
}

// SumBy sums a value of every row, x (rows), over groups of rows: groups (rows) of Ints say which of n groups each row is in,
// or −100 for none. It gives (n): of the log-probabilities of tokens, those of whole answers.
func SumBy(x, groups *Node, n int) *Node {
	out := apply(sumByOp{n}, x, groups)
	if out.op != nil {
		groups.limit("sum-by", 0, n, true)
	}
	return out
}

type sumByOp struct{ n int }

func (sumByOp) Integers() int { return 1 }
func (sumByOp) Name() string  { return "sum-by" }
func (o sumByOp) Shape(in []*Node) ([]int, error) {
	if len(in[0].shape) != 1 || in[1].ints == nil || in[1].shape[0] != in[0].shape[0] {
		return nil, fmt.Errorf("want x (rows) and as many Ints, got %v and %s %v", in[0].shape, in[1].Op(), in[1].shape)
	}
	if o.n <= 0 {
		return nil, fmt.Errorf("%d groups: want at least one", o.n)
	}
	return []int{o.n}, nil
}
func (sumByOp) Reference(out []float64, in []Value) {
	reference.SumBy(out, in[0].Floats, in[1].Ints)
}
func (o sumByOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(sumByBackOp{n: o.n}, grad, in[1]), nil}
}
func (o sumByOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.SumBy{N: b.Nodes[0].size(), Groups: o.n})
}

type sumByBackOp struct {
	noSecond
	n int
}

func (sumByBackOp) Integers() int                   { return 1 }
func (sumByBackOp) Name() string                    { return "sum-by.dx" }
func (sumByBackOp) Shape(in []*Node) ([]int, error) { return in[1].shape, nil }
func (sumByBackOp) Reference(out []float64, in []Value) {
	reference.SumByBackward(out, in[0].Floats, in[1].Ints)
}
func (o sumByBackOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.SumByBack{N: b.Nodes[1].size(), Groups: o.n})
}

package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// MaskedMean is the mean of x (rows) over the rows whose target is not −100, a scalar; it is zero, as its gradient is, when
// no row counts. With the value of each token for x it is a loss per trained token, as LinearCrossEntropy's.
func MaskedMean(x, targets *Node) *Node { return apply(maskedMeanOp{}, x, targets) }

type maskedMeanOp struct{}

func (maskedMeanOp) Integers() int { return 1 }
func (maskedMeanOp) Name() string  { return "masked-mean" }
func (maskedMeanOp) Shape(in []*Node) ([]int, error) {
	if len(in[0].shape) != 1 || in[1].ints == nil || in[1].shape[0] != in[0].shape[0] {
		return nil, fmt.Errorf("want x (rows) and as many Ints, got %v and %s %v", in[0].shape, in[1].Op(), in[1].shape)
	}
	return nil, nil
}
func (maskedMeanOp) Reference(out []float64, in []Value) {
	out[0] = reference.MaskedMean(in[0].Floats, in[1].Ints)
}
func (maskedMeanOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(maskedSpreadOp{}, grad, in[1]), nil}
}
func (maskedMeanOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.MaskedMean{N: b.Nodes[0].size()})
}

// maskedSpreadOp gives every value that counts an equal share of a scalar.
type maskedSpreadOp struct{ noSecond }

func (maskedSpreadOp) Integers() int                   { return 1 }
func (maskedSpreadOp) Name() string                    { return "masked-mean.dx" }
func (maskedSpreadOp) Shape(in []*Node) ([]int, error) { return in[1].shape, nil }
func (maskedSpreadOp) Reference(out []float64, in []Value) {
	reference.MaskedMeanBackward(out, in[0].Floats[0], in[1].Ints)
}
func (maskedSpreadOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.MaskedMeanBack{N: b.Nodes[1].size()})
}

// SquaredError is how far each row of x (rows, dim) is from the same row of ref (rows, dim): mean((x − ref)²), one value a
// row. ref does not move: it has no gradient. With a teacher's hidden states for ref it is TinyBERT's, arXiv:1909.10351,
// eq. 8.
func SquaredError(x, ref *Node) *Node { return apply(distanceOp{}, x, ref) }

// CosineDistance is SquaredError with 1 − x·ref/(|x|·|ref|) for the distance, 1 where either is all zeros: DistilBERT's,
// arXiv:1910.01108, section 3. It compares directions only.
func CosineDistance(x, ref *Node) *Node { return apply(distanceOp{cosine: true}, x, ref) }

type distanceOp struct{ cosine bool }

func (distanceOp) Fixed(input int) bool { return input == 1 }
func (o distanceOp) Name() string       { return compute.RowDistance{Cosine: o.cosine}.Name() }
func (distanceOp) Shape(in []*Node) ([]int, error) {
	x, ref := in[0].shape, in[1].shape
	if len(x) != 2 || len(ref) != 2 || x[0] != ref[0] || x[1] != ref[1] {
		return nil, fmt.Errorf("want two of one shape (rows, dim), got %v and %v", x, ref)
	}
	return []int{x[0]}, nil
}
func (o distanceOp) Reference(out []float64, in []Value) {
	rows, dim := in[0].Shape[0], in[0].Shape[1]
	if o.cosine {
		reference.CosineDistance(out, in[0].Floats, in[1].Floats, rows, dim)
	} else {
		reference.SquaredError(out, in[0].Floats, in[1].Floats, rows, dim)
	}
}
func (o distanceOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(distanceBackOp{forward: o}, grad, in[0], in[1]), nil}
}
func (o distanceOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[0].shape
	return b.bind(compute.RowDistance{Rows: x[0], Dim: x[1], Cosine: o.cosine})
}

type distanceBackOp struct {
	noSecond
	forward distanceOp
}

func (o distanceBackOp) Name() string                  { return o.forward.Name() + ".dx" }
func (distanceBackOp) Shape(in []*Node) ([]int, error) { return in[1].shape, nil }
func (o distanceBackOp) Reference(out []float64, in []Value) {
	rows, dim := in[1].Shape[0], in[1].Shape[1]
	if o.forward.cosine {
		reference.CosineDistanceBackward(out, in[0].Floats, in[1].Floats, in[2].Floats, rows, dim)
	} else {
		reference.SquaredErrorBackward(out, in[0].Floats, in[1].Floats, in[2].Floats, rows, dim)
	}
}
func (o distanceBackOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[1].shape
	return b.bind(compute.RowDistanceBack{Rows: x[0], Dim: x[1], Cosine: o.forward.cosine})
}

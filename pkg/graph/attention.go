package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// AttentionShape names the sizes of causal self-attention; rows are Batch·Length.
type AttentionShape = compute.AttentionShape

// Attention is causal softmax(q·kᵀ/√headDim)·v with grouped heads: q (rows, heads·headDim), k and v (rows,
// kvHeads·headDim), giving the shape of q. segments (rows) of Ints, nil for none, keeps packed sequences apart: a row
// sees only earlier rows with its own number.
func Attention(q, k, v, segments *Node, s AttentionShape) *Node {
	in := []*Node{q, k, v}
	if segments != nil {
		in = append(in, segments)
		segments.limit("attention", 0, 1<<30, false)
	}
	return apply(attentionOp{s}, in...)
}

type attentionOp struct{ s AttentionShape }

func (attentionOp) Integers() int { return 3 }
func (attentionOp) Name() string  { return "attention" }
func (o attentionOp) Shape(in []*Node) ([]int, error) {
	s := o.s
	if s.Batch <= 0 || s.Length <= 0 || s.HeadDim <= 0 || s.KVHeads <= 0 || s.Heads%s.KVHeads != 0 {
		return nil, fmt.Errorf("%+v: want positive sizes and heads a multiple of key-value heads", s)
	}
	rows := s.Batch * s.Length
	for i, width := range []int{s.Heads * s.HeadDim, s.KVHeads * s.HeadDim, s.KVHeads * s.HeadDim} {
		if x := in[i].shape; len(x) != 2 || x[0] != rows || x[1] != width {
			return nil, fmt.Errorf("input %d: want (%d, %d) for %+v, got %v", i, rows, width, s, x)
		}
	}
	if len(in) == 4 && (in[3].ints == nil || in[3].shape[0] != rows) {
		return nil, fmt.Errorf("segments: want %d Ints, got %v", rows, in[3].shape)
	}
	return in[0].shape, nil
}

func segmentsOf(in []Value, at int) []int32 {
	if len(in) > at {
		return in[at].Ints
	}
	return nil
}

func (o attentionOp) Reference(out []float64, in []Value) {
	reference.Attention(out, in[0].Floats, in[1].Floats, in[2].Floats, segmentsOf(in, 3), reference.Shape(o.s))
}
func (o attentionOp) Backward(in []*Node, out, grad *Node) []*Node {
	back := bundle(attentionBackOp{s: o.s}, append([]*Node{grad, out}, in...)...)
	if len(in) == 4 {
		back = append(back, nil)
	}
	return back
}
func (o attentionOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.Attention{AttentionShape: o.s, Segments: len(b.Nodes) == 4})
}

// attentionBackOp gives dq, dk and dv from do, o, q, k, v and segments.
type attentionBackOp struct {
	noSecond
	s AttentionShape
}

func (attentionBackOp) Integers() int { return 5 }
func (attentionBackOp) Name() string  { return "attention.back" }
func (attentionBackOp) Parts(in []*Node) [][]int {
	return [][]int{in[2].shape, in[3].shape, in[4].shape}
}
func (o attentionBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (o attentionBackOp) Reference(out []float64, in []Value) {
	q, k := len(in[2].Floats), len(in[3].Floats)
	reference.AttentionBackward(out[:q], out[q:q+k], out[q+k:], in[0].Floats, in[2].Floats, in[3].Floats, in[4].Floats, segmentsOf(in, 5), reference.Shape(o.s))
}
func (o attentionBackOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.AttentionBack{AttentionShape: o.s, Segments: len(b.Nodes) == 6})
}

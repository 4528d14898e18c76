package graph

import (
	"fmt"
	"slices"

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
	return apply(attentionOp{s: s}, in...)
}

// PrefixAttention is Attention where every row also sees the rows of a prefix, before those of its segment (Li and Liang,
// arXiv:2101.00190): keys and values (prefix, kvHeads·headDim).
func PrefixAttention(q, k, v, keys, values, segments *Node, s AttentionShape) *Node {
	if segments == nil {
		return apply(attentionOp{s: s, prefixed: true}, q, k, v, keys, values)
	}
	segments.limit("attention", 0, 1<<30, false)
	return apply(attentionOp{s: s, prefixed: true}, q, k, v, segments, keys, values)
}

// attentionOp has as inputs q, k, v, segments if there are some, and where prefixed the prefix's keys and values.
type attentionOp struct {
	s        AttentionShape
	prefixed bool
}

// parts are how many inputs come before the prefix, and the rows of the prefix.
func (o attentionOp) parts(in []*Node) (before, prefix int) {
	if !o.prefixed {
		return len(in), 0
	}
	before = len(in) - 2
	if len(in[before].shape) > 0 {
		prefix = in[before].shape[0]
	}
	return before, prefix
}

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
	before, prefix := o.parts(in)
	if before == 4 && (in[3].ints == nil || in[3].shape[0] != rows) {
		return nil, fmt.Errorf("segments: want %d Ints, got %v", rows, in[3].shape)
	}
	for i, x := range in[before:] {
		if len(x.shape) != 2 || x.shape[0] != prefix || x.shape[1] != s.KVHeads*s.HeadDim {
			return nil, fmt.Errorf("input %d: want a prefix (rows, %d), keys as values, got %v", before+i, s.KVHeads*s.HeadDim, x.shape)
		}
	}
	return in[0].shape, nil
}

// split are the segments, nil for none, and all keys and values, those of a prefix last, from input at on.
func (o attentionOp) split(in []Value, at int) (segments []int32, k, v []float64, prefix int) {
	k, v = in[at].Floats, in[at+1].Floats
	rest := in[at+2:]
	if o.prefixed {
		pk, pv := rest[len(rest)-2], rest[len(rest)-1]
		rest, prefix = rest[:len(rest)-2], pk.Shape[0]
		k, v = append(slices.Clone(k), pk.Floats...), append(slices.Clone(v), pv.Floats...)
	}
	if len(rest) > 0 {
		segments = rest[0].Ints
	}
	return segments, k, v, prefix
}

func (o attentionOp) Reference(out []float64, in []Value) {
	segments, k, v, prefix := o.split(in, 1)
	reference.PrefixAttention(out, in[0].Floats, k, v, segments, reference.Shape(o.s), prefix)
}
func (o attentionOp) Backward(in []*Node, out, grad *Node) []*Node {
	back := bundle(attentionBackOp{o}, append([]*Node{grad, out}, in...)...)
	if before, _ := o.parts(in); before == 4 {
		back = slices.Insert(back, 3, nil)
	}
	return back
}
func (o attentionOp) Bind(b *Binding) (func(), error) {
	before, prefix := o.parts(b.Nodes)
	return b.bind(compute.Attention{AttentionShape: o.s, Segments: before == 4, Prefix: prefix})
}

// attentionBackOp gives dq, dk, dv, and the gradients of the prefix, from do, o and the inputs of attentionOp.
type attentionBackOp struct{ attentionOp }

func (attentionBackOp) Backward(in []*Node, out, grad *Node) []*Node {
	return noSecond{}.Backward(in, out, grad)
}

func (attentionBackOp) Integers() int { return 5 }
func (attentionBackOp) Name() string  { return "attention.back" }
func (o attentionBackOp) Parts(in []*Node) [][]int {
	shapes := [][]int{in[2].shape, in[3].shape, in[4].shape}
	if before, prefix := o.parts(in[2:]); prefix > 0 {
		shapes = append(shapes, in[2+before].shape, in[3+before].shape)
	}
	return shapes
}
func (o attentionBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (o attentionBackOp) Reference(out []float64, in []Value) {
	segments, k, v, prefix := o.split(in, 3)
	q, rows := len(in[2].Floats), len(in[3].Floats)
	dk, dv := make([]float64, len(k)), make([]float64, len(v))
	reference.PrefixAttentionBackward(out[:q], dk, dv, in[0].Floats, in[2].Floats, k, v, segments, reference.Shape(o.s), prefix)
	at := q
	for _, part := range [][]float64{dk[:rows], dv[:rows], dk[rows:], dv[rows:]} {
		at += copy(out[at:], part)
	}
}
func (o attentionBackOp) Bind(b *Binding) (func(), error) {
	before, prefix := o.parts(b.Nodes[2:])
	return b.bind(compute.AttentionBack{AttentionShape: o.s, Segments: before == 4, Prefix: prefix})
}

package graph

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Embedding looks up rows: table (vocab, dim), ids (rows) of Ints, giving (rows, dim).
func Embedding(table, ids *Node) *Node {
	out := apply(embeddingOp{}, table, ids)
	if out.op != nil {
		ids.limit("embedding", 0, table.shape[0], false)
	}
	return out
}

// EmbeddingWith is Embedding with a second table, more (rows of its own, dim), whose rows are the ids from vocab on.
func EmbeddingWith(table, more, ids *Node) *Node {
	out := apply(embeddingOp{}, table, ids, more)
	if out.op != nil {
		ids.limit("embedding", 0, table.shape[0]+more.shape[0], false)
	}
	return out
}

// embeddingOp has as inputs the table, ids, and a second table if there is one.
type embeddingOp struct{}

func (embeddingOp) Integers() int { return 1 }
func (embeddingOp) Name() string  { return "embedding" }
func (embeddingOp) Shape(in []*Node) ([]int, error) {
	if len(in[0].shape) != 2 || in[1].ints == nil {
		return nil, fmt.Errorf("want table (vocab, dim) and Ints, got %v and %s", in[0].shape, in[1].Op())
	}
	if len(in) > 2 && (len(in[2].shape) != 2 || in[2].shape[1] != in[0].shape[1]) {
		return nil, fmt.Errorf("want a second table as wide as the first, got %v beside %v", in[2].shape, in[0].shape)
	}
	return []int{in[1].shape[0], in[0].shape[1]}, nil
}
func (embeddingOp) Reference(out []float64, in []Value) {
	table := in[0].Floats
	if len(in) > 2 {
		table = append(slices.Clone(table), in[2].Floats...)
	}
	reference.Embedding(out, table, in[1].Ints, in[0].Shape[1])
}
func (embeddingOp) Backward(in []*Node, _, grad *Node) []*Node {
	back := []*Node{apply(embeddingBackOp{vocab: in[0].shape[0]}, grad, in[1]), nil}
	if len(in) > 2 {
		back = append(back, apply(embeddingBackOp{from: in[0].shape[0], vocab: in[2].shape[0]}, grad, in[1]))
	}
	return back
}
func (embeddingOp) Bind(b *Binding) (func(), error) {
	op := compute.Embedding{Rows: b.Nodes[1].size(), Dim: b.Nodes[0].shape[1], Vocab: b.Nodes[0].shape[0]}
	if len(b.Nodes) > 2 {
		op.More = b.Nodes[2].shape[0]
	}
	return b.bind(op)
}

// embeddingBackOp sums the rows of dy (rows, dim) into (vocab, dim), the table of the ids from from on.
type embeddingBackOp struct {
	noSecond
	from, vocab int
}

func (embeddingBackOp) Integers() int { return 1 }
func (embeddingBackOp) Name() string  { return "embedding.dtable" }
func (o embeddingBackOp) Shape(in []*Node) ([]int, error) {
	return []int{o.vocab, in[0].shape[1]}, nil
}
func (o embeddingBackOp) Reference(out []float64, in []Value) {
	ids := slices.Clone(in[1].Ints)
	for i := range ids {
		ids[i] -= int32(o.from)
	}
	reference.EmbeddingBackward(out, in[0].Floats, ids, in[0].Shape[1])
}
func (o embeddingBackOp) Bind(b *Binding) (func(), error) { return b.bind(o.describe(b, false)) }
func (o embeddingBackOp) describe(b *Binding, add bool) compute.Op {
	return compute.EmbeddingBack{Rows: b.Nodes[1].size(), Dim: b.Nodes[0].shape[1], Vocab: o.vocab, From: o.from, Add: add}
}

package graph

import (
	"fmt"

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

type embeddingOp struct{}

func (embeddingOp) Integers() int { return 1 }
func (embeddingOp) Name() string  { return "embedding" }
func (embeddingOp) Shape(in []*Node) ([]int, error) {
	if len(in[0].shape) != 2 || in[1].ints == nil {
		return nil, fmt.Errorf("want table (vocab, dim) and Ints, got %v and %s", in[0].shape, in[1].Op())
	}
	return []int{in[1].shape[0], in[0].shape[1]}, nil
}
func (embeddingOp) Reference(out []float64, in []Value) {
	reference.Embedding(out, in[0].Floats, in[1].Ints, in[0].Shape[1])
}
func (embeddingOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(embeddingBackOp{vocab: in[0].shape[0]}, grad, in[1]), nil}
}
func (embeddingOp) Bind(b *Binding) (func(), error) {
	table := b.Nodes[0].shape
	return b.bind(compute.Embedding{Rows: b.Nodes[1].size(), Dim: table[1], Vocab: table[0]})
}

// embeddingBackOp sums the rows of dy (rows, dim) into (vocab, dim).
type embeddingBackOp struct {
	noSecond
	vocab int
}

func (embeddingBackOp) Integers() int { return 1 }
func (embeddingBackOp) Name() string  { return "embedding.dtable" }
func (o embeddingBackOp) Shape(in []*Node) ([]int, error) {
	return []int{o.vocab, in[0].shape[1]}, nil
}
func (o embeddingBackOp) Reference(out []float64, in []Value) {
	reference.EmbeddingBackward(out, in[0].Floats, in[1].Ints, in[0].Shape[1])
}
func (o embeddingBackOp) Bind(b *Binding) (func(), error) { return b.bind(o.describe(b, false)) }
func (o embeddingBackOp) describe(b *Binding, add bool) compute.Op {
	return compute.EmbeddingBack{Rows: b.Nodes[1].size(), Dim: b.Nodes[0].shape[1], Vocab: o.vocab, Add: add}
}

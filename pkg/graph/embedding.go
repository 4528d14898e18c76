package graph

import (
	"fmt"

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
func (embeddingOp) Bind(b *Binding) func() {
	ids, dim := b.In[1].Ints, b.Nodes[0].shape[1]
	return func() { b.Device.Embedding(b.Out, b.In[0].Floats, ids, len(ids), dim) }
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
func (o embeddingBackOp) Bind(b *Binding) func() {
	ids, dim := b.In[1].Ints, b.Nodes[0].shape[1]
	return func() { b.Device.EmbeddingBackward(b.Out, b.In[0].Floats, ids, len(ids), dim, o.vocab) }
}
func (o embeddingBackOp) bindAdd(b *Binding, to []float32) func() {
	ids, dim := b.In[1].Ints, b.Nodes[0].shape[1]
	return func() {
		if &to[0] != &b.Out[0] {
			copy(b.Out, to)
		}
		b.Device.EmbeddingBackwardAdd(b.Out, b.In[0].Floats, ids, len(ids), dim, o.vocab)
	}
}

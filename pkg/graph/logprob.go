package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// LinearLogProb is the log-probability of each target: log softmax(x·wᵀ)[target], one value a row, with the output layer
// fused in: the logits are never stored. x (rows, dim), w (vocab, dim), targets (rows) of Ints; where a target is −100 the
// value is 0 and has no gradient. Preferences and rewards start from it: DPO, arXiv:2305.18290, eq. 7; PPO,
// arXiv:1707.06347, eq. 7.
func LinearLogProb(x, w, targets *Node) *Node {
	out := apply(logProbOp{}, x, w, targets)
	if out.op != nil {
		targets.limit("log-probability", 0, w.shape[0], true)
	}
	return out
}

type logProbOp struct{}

func (logProbOp) Integers() int { return 2 }
func (logProbOp) Name() string  { return "log-probability" }
func (logProbOp) Shape(in []*Node) ([]int, error) {
	x, w := in[0].shape, in[1].shape
	if len(x) != 2 || len(w) != 2 || x[1] != w[1] {
		return nil, fmt.Errorf("want x (rows, dim) and w (vocab, dim), got %v and %v", x, w)
	}
	if in[2].ints == nil || in[2].shape[0] != x[0] {
		return nil, fmt.Errorf("targets: want %d Ints, got %s %v", x[0], in[2].Op(), in[2].shape)
	}
	return []int{x[0]}, nil
}

func (logProbOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[0].Shape[0], in[0].Shape[1], in[1].Shape[0]
	reference.LinearLogProb(out, in[0].Floats, in[1].Floats, in[2].Ints, rows, dim, vocab)
}

func (logProbOp) Backward(in []*Node, _, grad *Node) []*Node {
	return append(bundle(logProbBackOp{}, append([]*Node{grad}, in...)...), nil)
}

func (logProbOp) Bind(b *Binding) (func(), error) {
	rows, dim, vocab := b.head(0)
	return b.bind(compute.LinearLogProb{Rows: rows, Dim: dim, Vocab: vocab})
}

// logProbBackOp gives dx and dw: those of a cross-entropy whose weights are the negated gradients of the rows. The logits
// are computed once more, a few hundred tokens at a time.
type logProbBackOp struct{ noSecond }

func (logProbBackOp) Integers() int                     { return 3 }
func (logProbBackOp) Name() string                      { return "log-probability.back" }
func (logProbBackOp) Parts(in []*Node) [][]int          { return [][]int{in[1].shape, in[2].shape} }
func (o logProbBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (logProbBackOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[1].Shape[0], in[1].Shape[1], in[2].Shape[0]
	reference.LinearLogProbBackward(out[:rows*dim], out[rows*dim:], in[0].Floats, in[1].Floats, in[2].Floats, in[3].Ints, rows, dim, vocab)
}
func (logProbBackOp) Bind(b *Binding) (func(), error) {
	rows, dim, vocab := b.head(1)
	return b.bind(compute.LinearLogProbBack{Rows: rows, Dim: dim, Vocab: vocab})
}

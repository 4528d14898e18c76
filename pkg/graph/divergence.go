package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// LinearEntropy is the entropy of the distribution of the next token, −Σ q·log q with q = softmax(x·wᵀ), one value a row, in
// nats, with the output layer fused in: the logits are never stored. x (rows, dim), w (vocab, dim). It is the bonus that
// keeps a policy from becoming certain too early: Mnih et al., arXiv:1602.01783, section 4; PPO, arXiv:1707.06347, eq. 9.
func LinearEntropy(x, w *Node) *Node { return apply(tokenEntropyOp{}, x, w) }

type tokenEntropyOp struct{}

func (tokenEntropyOp) Name() string { return "entropy" }
func (tokenEntropyOp) Shape(in []*Node) ([]int, error) {
	x, w := in[0].shape, in[1].shape
	if len(x) != 2 || len(w) != 2 || x[1] != w[1] {
		return nil, fmt.Errorf("want x (rows, dim) and w (vocab, dim), got %v and %v", x, w)
	}
	return []int{x[0]}, nil
}
func (tokenEntropyOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[0].Shape[0], in[0].Shape[1], in[1].Shape[0]
	reference.LinearEntropy(out, in[0].Floats, in[1].Floats, rows, dim, vocab)
}
func (tokenEntropyOp) Backward(in []*Node, _, grad *Node) []*Node {
	return bundle(tokenEntropyBackOp{}, grad, in[0], in[1])
}
func (tokenEntropyOp) Bind(b *Binding) (func(), error) {
	rows, dim, vocab := b.head(0)
	return b.bind(compute.LinearEntropy{Rows: rows, Dim: dim, Vocab: vocab})
}

// tokenEntropyBackOp gives dx and dw; the logits are computed once more.
type tokenEntropyBackOp struct{ noSecond }

func (tokenEntropyBackOp) Name() string                      { return "entropy.back" }
func (tokenEntropyBackOp) Parts(in []*Node) [][]int          { return [][]int{in[1].shape, in[2].shape} }
func (o tokenEntropyBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (tokenEntropyBackOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[1].Shape[0], in[1].Shape[1], in[2].Shape[0]
	reference.LinearEntropyBackward(out[:rows*dim], out[rows*dim:], in[0].Floats, in[1].Floats, in[2].Floats, rows, dim, vocab)
}
func (tokenEntropyBackOp) Bind(b *Binding) (func(), error) {
	rows, dim, vocab := b.head(1)
	return b.bind(compute.LinearEntropyBack{Rows: rows, Dim: dim, Vocab: vocab})
}

// Divergence says how far a student's distribution is from a teacher's: kind, mixture and temperature.
type Divergence = compute.Divergence

// DivergenceKind is which one.
type DivergenceKind = compute.DivergenceKind

// The kinds of Divergence, of a teacher p and a student q.
const (
	ForwardKL     = compute.ForwardKL     // KL(p‖q): the student covers all that the teacher does
	ReverseKL     = compute.ReverseKL     // KL(q‖p): the student keeps to what the teacher does most
	JensenShannon = compute.JensenShannon // Beta·KL(p‖m) + (1−Beta)·KL(q‖m) with m = Beta·p + (1−Beta)·q
)

// LinearDivergence is how far the student's distribution of the next token q = softmax(x·wᵀ/T) is from the teacher's,
// p = softmax(xRef·wRefᵀ/T), one value a row, in nats, with both output layers fused in: no logits are stored. x (rows, dim),
// w (vocab, dim), xRef (rows, dimRef), wRef (vocab, dimRef). The teacher does not move: its side has no gradient.
//
// ForwardKL is the distillation of Hinton et al., arXiv:1503.02531, section 2, without their factor T²: Scale by T² to
// have gradients of one size at all temperatures. ReverseKL is MiniLLM's, arXiv:2306.08543, eq. 1, and the penalty of RLHF
// with the reference model as teacher, computed over the whole vocabulary. JensenShannon is GKD's, arXiv:2306.13649, eq. 1;
// near Beta 0 it becomes Beta times the forward KL, near 1 (1−Beta) times the reverse.
func LinearDivergence(x, w, xRef, wRef *Node, d Divergence) *Node {
	return apply(divergenceOp{d}, x, w, xRef, wRef)
}

type divergenceOp struct{ Divergence }

func (divergenceOp) Fixed(input int) bool { return input >= 2 }
func (divergenceOp) Name() string         { return "divergence" }
func (o divergenceOp) Shape(in []*Node) ([]int, error) {
	x, w, xRef, wRef := in[0].shape, in[1].shape, in[2].shape, in[3].shape
	if len(x) != 2 || len(w) != 2 || x[1] != w[1] {
		return nil, fmt.Errorf("want x (rows, dim) and w (vocab, dim), got %v and %v", x, w)
	}
	if len(xRef) != 2 || len(wRef) != 2 || xRef[1] != wRef[1] || xRef[0] != x[0] || wRef[0] != w[0] {
		return nil, fmt.Errorf("want the teacher's x (%d, dim) and w (%d, dim), got %v and %v", x[0], w[0], xRef, wRef)
	}
	return []int{x[0]}, o.Check()
}

func (o divergenceOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[0].Shape[0], in[0].Shape[1], in[1].Shape[0]
	reference.LinearDivergence(out, in[0].Floats, in[1].Floats, in[2].Floats, in[3].Floats, rows, dim, in[2].Shape[1], vocab, o.Divergence)
}
func (o divergenceOp) Backward(in []*Node, _, grad *Node) []*Node {
	back := bundle(divergenceBackOp{forward: o}, append([]*Node{grad}, in...)...)
	return append(back, nil, nil)
}
func (o divergenceOp) Bind(b *Binding) (func(), error) {
	rows, dim, vocab := b.head(0)
	return b.bind(compute.LinearDivergence{Rows: rows, Dim: dim, DimRef: b.Nodes[2].shape[1], Vocab: vocab, Divergence: o.Divergence})
}

// divergenceBackOp gives the student's dx and dw; the logits of both are computed once more.
type divergenceBackOp struct {
	noSecond
	forward divergenceOp
}

func (divergenceBackOp) Name() string                      { return "divergence.back" }
func (divergenceBackOp) Parts(in []*Node) [][]int          { return [][]int{in[1].shape, in[2].shape} }
func (o divergenceBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (o divergenceBackOp) Reference(out []float64, in []Value) {
	rows, dim, vocab, n := in[1].Shape[0], in[1].Shape[1], in[2].Shape[0], len(in[1].Floats)
	reference.LinearDivergenceBackward(out[:n], out[n:], in[0].Floats, in[1].Floats, in[2].Floats, in[3].Floats, in[4].Floats, rows, dim, in[3].Shape[1], vocab, o.forward.Divergence)
}
func (o divergenceBackOp) Bind(b *Binding) (func(), error) {
	rows, dim, vocab := b.head(1)
	return b.bind(compute.LinearDivergenceBack{Rows: rows, Dim: dim, DimRef: b.Nodes[3].shape[1], Vocab: vocab, Divergence: o.forward.Divergence})
}

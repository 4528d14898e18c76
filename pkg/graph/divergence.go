package graph

import (
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
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
	reference.Entropy(out, logits(in[0], in[1]), in[0].Shape[0], in[1].Shape[0])
}

// logits are x·wᵀ.
func logits(x, w Value) []float64 {
	rows, dim, vocab := x.Shape[0], x.Shape[1], w.Shape[0]
	out := make([]float64, rows*vocab)
	reference.Linear(out, x.Floats, w.Floats, nil, rows, dim, vocab)
	return out
}

func (tokenEntropyOp) Backward(in []*Node, _, grad *Node) []*Node {
	return bundle(tokenEntropyBackOp{}, grad, in[0], in[1])
}
func (tokenEntropyOp) Bind(b *Binding) func() {
	rows, dim, vocab := b.Nodes[0].shape[0], b.Nodes[0].shape[1], b.Nodes[1].shape[0]
	return func() { b.Device.LinearEntropy(b.Out, b.In[0].Floats, b.In[1].Floats, rows, dim, vocab) }
}

// tokenEntropyBackOp gives dx and dw; the logits are computed once more.
type tokenEntropyBackOp struct{ noSecond }

func (tokenEntropyBackOp) Name() string                      { return "entropy.back" }
func (tokenEntropyBackOp) Parts(in []*Node) [][]int          { return [][]int{in[1].shape, in[2].shape} }
func (o tokenEntropyBackOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (tokenEntropyBackOp) Reference(out []float64, in []Value) {
	z := logits(in[1], in[2])
	dlogits := make([]float64, len(z))
	reference.EntropyBackward(dlogits, in[0].Floats, z, in[1].Shape[0], in[2].Shape[0])
	fromLogits(out, dlogits, in[1], in[2])
}

// fromLogits fills out with dx and dw.
func fromLogits(out, dlogits []float64, x, w Value) {
	n := len(x.Floats)
	reference.LinearBackward(out[:n], out[n:], nil, dlogits, x.Floats, w.Floats, x.Shape[0], x.Shape[1], w.Shape[0])
}

func (tokenEntropyBackOp) Bind(b *Binding) func() {
	rows, dim, vocab := b.Nodes[1].shape[0], b.Nodes[1].shape[1], b.Nodes[2].shape[0]
	dx, dw := b.Outs[0], b.Outs[1]
	return func() {
		b.Device.LinearEntropyBackward(dx, dw, b.In[0].Floats, b.In[1].Floats, b.In[2].Floats, rows, dim, vocab)
	}
}

// Divergence says how far a student's distribution is from a teacher's: kind, mixture and temperature.
type Divergence = cpu.Divergence

// The kinds of Divergence, of a teacher p and a student q.
const (
	ForwardKL     = cpu.ForwardKL     // KL(p‖q): the student covers all that the teacher does
	ReverseKL     = cpu.ReverseKL     // KL(q‖p): the student keeps to what the teacher does most
	JensenShannon = cpu.JensenShannon // Beta·KL(p‖m) + (1−Beta)·KL(q‖m) with m = Beta·p + (1−Beta)·q
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
	if o.Kind != ForwardKL && o.Kind != ReverseKL && o.Kind != JensenShannon {
		return nil, fmt.Errorf("kind %d: want ForwardKL, ReverseKL or JensenShannon", o.Kind)
	}
	if !(o.Beta >= 0 && o.Beta < 1) {
		return nil, fmt.Errorf("beta %g: want above 0 and below 1, or 0 for ½", o.Beta)
	}
	if !(o.Temperature >= 0) || math.IsInf(o.Temperature, 0) {
		return nil, fmt.Errorf("temperature %g: want above 0, or 0 for 1", o.Temperature)
	}
	return []int{x[0]}, nil
}

// numbers are beta and temperature with their defaults.
func (o divergenceOp) numbers() (beta, temperature float64) {
	beta, temperature = o.Beta, o.Temperature
	if beta == 0 {
		beta = 0.5
	}
	if temperature == 0 {
		temperature = 1
	}
	return beta, temperature
}

func (o divergenceOp) Reference(out []float64, in []Value) {
	q, p, rows, vocab := logits(in[0], in[1]), logits(in[2], in[3]), in[0].Shape[0], in[1].Shape[0]
	switch beta, temperature := o.numbers(); o.Kind {
	case ForwardKL:
		reference.ForwardKL(out, q, p, rows, vocab, temperature)
	case ReverseKL:
		reference.ReverseKL(out, q, p, rows, vocab, temperature)
	case JensenShannon:
		reference.JensenShannon(out, q, p, rows, vocab, beta, temperature)
	}
}
func (o divergenceOp) Backward(in []*Node, _, grad *Node) []*Node {
	back := bundle(divergenceBackOp{forward: o}, append([]*Node{grad}, in...)...)
	return append(back, nil, nil)
}
func (o divergenceOp) Bind(b *Binding) func() {
	rows, dim, vocab, dimRef := b.Nodes[0].shape[0], b.Nodes[0].shape[1], b.Nodes[1].shape[0], b.Nodes[2].shape[1]
	return func() {
		b.Device.LinearDivergence(b.Out, b.In[0].Floats, b.In[1].Floats, b.In[2].Floats, b.In[3].Floats, rows, dim, dimRef, vocab, o.Divergence)
	}
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
	dy, q, p, rows, vocab := in[0].Floats, logits(in[1], in[2]), logits(in[3], in[4]), in[1].Shape[0], in[2].Shape[0]
	dlogits := make([]float64, len(q))
	switch beta, temperature := o.forward.numbers(); o.forward.Kind {
	case ForwardKL:
		reference.ForwardKLBackward(dlogits, dy, q, p, rows, vocab, temperature)
	case ReverseKL:
		reference.ReverseKLBackward(dlogits, dy, q, p, rows, vocab, temperature)
	case JensenShannon:
		reference.JensenShannonBackward(dlogits, dy, q, p, rows, vocab, beta, temperature)
	}
	fromLogits(out, dlogits, in[1], in[2])
}
func (o divergenceBackOp) Bind(b *Binding) func() {
	rows, dim, vocab, dimRef := b.Nodes[1].shape[0], b.Nodes[1].shape[1], b.Nodes[2].shape[0], b.Nodes[3].shape[1]
	dx, dw := b.Outs[0], b.Outs[1]
	return func() {
		b.Device.LinearDivergenceBackward(dx, dw, b.In[0].Floats, b.In[1].Floats, b.In[2].Floats, b.In[3].Floats, b.In[4].Floats, rows, dim, dimRef, vocab, o.forward.Divergence)
	}
}

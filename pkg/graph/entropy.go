package graph

import (
	"fmt"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// LinearCrossEntropy is the output layer and its loss: the mean over tokens, weighted, of −log softmax(x·wᵀ)[target].
// x (rows, dim), w (vocab, dim), targets (rows) of Ints where −100 does not count, weights (rows) or nil for equal
// weights; weights have no gradient. The logits are never stored. The result is a scalar; it is zero when no token counts.
func LinearCrossEntropy(x, w, targets, weights *Node) *Node {
	in := []*Node{x, w, targets}
	if weights != nil {
		in = append(in, weights)
	}
	out := apply(&entropyOp{}, in...)
	if out.op != nil {
		targets.limit("cross-entropy", 0, w.shape[0], true)
	}
	return out
}

// CrossEntropy is the same for logits (rows, vocab) that exist already.
func CrossEntropy(logits, targets, weights *Node) *Node {
	if logits == nil || len(logits.shape) != 2 {
		return apply(&entropyOp{}, logits, logits, targets) // the shape error names what is wrong
	}
	identity := logits.graph.identity(logits.shape[1])
	return LinearCrossEntropy(logits, identity, targets, weights)
}

// identity is the n × n unit matrix, so that a loss on logits is the same operator as the fused one.
func (g *Graph) identity(n int) *Node {
	data := make([]float32, n*n)
	for i := range n {
		data[i*n+i] = 1
	}
	return g.leaf("identity", data, []int{n, n})
}

// entropyOp computes its gradients in the same pass as the loss, each when the plan asks for it, and keeps them for the
// two derivatives. It is used by pointer so that they find each other.
type entropyOp struct{ dx, dw *entropyBackOp }

func (*entropyOp) Integers() int        { return 2 }
func (*entropyOp) Fixed(input int) bool { return input == 3 }
func (*entropyOp) Name() string         { return "cross-entropy" }
func (*entropyOp) Shape(in []*Node) ([]int, error) {
	x, w := in[0].shape, in[1].shape
	if len(x) != 2 || len(w) != 2 || x[1] != w[1] {
		return nil, fmt.Errorf("want x (rows, dim) and w (vocab, dim), got %v and %v", x, w)
	}
	if in[2].ints == nil || in[2].shape[0] != x[0] {
		return nil, fmt.Errorf("targets: want %d Ints, got %s %v", x[0], in[2].Op(), in[2].shape)
	}
	if len(in) == 4 && (len(in[3].shape) != 1 || in[3].shape[0] != x[0]) {
		return nil, fmt.Errorf("weights: want (%d), got %v", x[0], in[3].shape)
	}
	return nil, nil
}

// normal fills out with each token's share: weight / sum of weights over the tokens that count.
func normal[F float32 | float64](out []F, targets []int32, weights []F) {
	var sum float64
	for r, target := range targets {
		out[r] = 0
		if target != cpu.Ignore {
			out[r] = 1
			if weights != nil {
				out[r] = weights[r]
			}
			sum += float64(out[r])
		}
	}
	if sum == 0 {
		return
	}
	for r := range out {
		out[r] = F(float64(out[r]) / sum)
	}
}

func (*entropyOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[0].Shape[0], in[0].Shape[1], in[1].Shape[0]
	logits, losses := make([]float64, rows*vocab), make([]float64, rows)
	reference.Linear(logits, in[0].Floats, in[1].Floats, nil, rows, dim, vocab)
	reference.CrossEntropy(losses, logits, in[2].Ints, shares(in, 2), rows, vocab)
	out[0] = 0
	for _, v := range losses {
		out[0] += v
	}
}

func shares(in []Value, targets int) []float64 {
	var weights []float64
	if len(in) > targets+1 {
		weights = in[targets+1].Floats
	}
	out := make([]float64, len(in[targets].Ints))
	normal(out, in[targets].Ints, weights)
	return out
}

// The loss is an input of its derivative, so that a plan with the second half alone has the first one too.
func (o *entropyOp) Backward(in []*Node, out, grad *Node) []*Node {
	o.dx, o.dw = &entropyBackOp{forward: o, input: 0}, &entropyBackOp{forward: o, input: 1}
	reads := append([]*Node{grad, out}, in...)
	return append([]*Node{apply(o.dx, reads...), apply(o.dw, reads...)}, make([]*Node, len(in)-2)...)
}

// entropyState is what the loss keeps for its derivatives in one plan: dx and dw, or nil.
type entropyState [2][]float32

func (o *entropyOp) Bind(b *Binding) func() {
	state := &entropyState{}
	b.Shared[o] = state
	for i, back := range []*entropyBackOp{o.dx, o.dw} {
		if back != nil && b.Active(back) {
			state[i] = b.floats(b.Nodes[i].size())
		}
	}
	return b.entropy(b.Out, state[0], state[1])
}

// entropy computes the loss and, where dx and dw are not nil, its gradients.
func (b *Binding) entropy(loss, dx, dw []float32) func() {
	rows, dim, vocab := b.Nodes[0].shape[0], b.Nodes[0].shape[1], b.Nodes[1].shape[0]
	losses, share := b.floats(rows), b.floats(rows)
	targets := b.In[2].Ints
	var weights []float32
	if len(b.In) == 4 {
		weights = b.In[3].Floats
	}
	return func() {
		normal(share, targets, weights)
		b.Device.LinearCrossEntropy(losses, dx, dw, b.In[0].Floats, b.In[1].Floats, targets, share, rows, dim, vocab)
		var sum float64
		for _, v := range losses {
			sum += float64(v)
		}
		loss[0] = float32(sum)
	}
}

// derivatives are those in a plan that their loss computes while it is at it.
func derivatives(order []*Node) map[Operator]bool {
	planned := map[Operator]bool{}
	for _, n := range order {
		if back, ok := n.op.(*entropyBackOp); ok {
			planned[back] = true
		}
	}
	return planned
}

// entropyBackOp gives dx (input 0) or dw (input 1), scaled by the gradient of the loss. They are two operators, so that a
// plan whose head is frozen does without dw, half of the work.
type entropyBackOp struct {
	noSecond
	forward *entropyOp
	input   int
}

func (*entropyBackOp) Integers() int { return 4 }
func (o *entropyBackOp) Name() string {
	return [...]string{"cross-entropy.dx", "cross-entropy.dw"}[o.input]
}
func (o *entropyBackOp) Shape(in []*Node) ([]int, error) { return in[2+o.input].shape, nil }
func (o *entropyBackOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[2].Shape[0], in[2].Shape[1], in[3].Shape[0]
	x, w := in[2].Floats, in[3].Floats
	logits, dlogits := make([]float64, rows*vocab), make([]float64, rows*vocab)
	reference.Linear(logits, x, w, nil, rows, dim, vocab)
	reference.CrossEntropyBackward(dlogits, logits, in[4].Ints, shares(in, 4), rows, vocab)
	var to [2][]float64
	to[o.input] = out
	reference.LinearBackward(to[0], to[1], nil, dlogits, x, w, rows, dim, vocab)
	for i := range out {
		out[i] *= in[0].Floats[0]
	}
}
func (o *entropyBackOp) Bind(b *Binding) func() {
	kept := b.Shared[o.forward].(*entropyState)[o.input]
	return func() { b.Device.Blend(b.Out, kept, 0, b.In[0].Floats[0], len(kept)) }
}

// entropyBothOp is a loss together with its gradients: what fusing makes of them where nothing scales the loss, so that
// the gradients go straight to their places. It gives dx, dw or both, and then the loss.
type entropyBothOp struct {
	noSecond
	inputs string // "x", "w" or "xw"
}

func (entropyBothOp) Integers() int { return 2 }
func (o entropyBothOp) Name() string {
	return "cross-entropy" + map[string]string{"x": "+dx", "w": "+dw", "xw": "+dx+dw"}[o.inputs]
}
func (o entropyBothOp) Parts(in []*Node) (parts [][]int) {
	for i, name := range "xw" {
		if strings.ContainsRune(o.inputs, name) {
			parts = append(parts, in[i].shape)
		}
	}
	return append(parts, nil)
}
func (o entropyBothOp) Shape(in []*Node) ([]int, error) { return total(o.Parts(in)), nil }
func (o entropyBothOp) Reference(out []float64, in []Value) {
	last := len(out) - 1
	loss, rest := out[last:], out[:last]
	(&entropyOp{}).Reference(loss, in)
	for i, name := range "xw" {
		if strings.ContainsRune(o.inputs, name) {
			n := len(in[i].Floats)
			(&entropyBackOp{input: i}).Reference(rest[:n], append([]Value{{Floats: []float64{1}}, {Floats: loss}}, in...))
			rest = rest[n:]
		}
	}
}
func (o entropyBothOp) Bind(b *Binding) func() {
	outs := b.Outs
	var gradients [2][]float32
	for i, name := range "xw" {
		if strings.ContainsRune(o.inputs, name) {
			gradients[i], outs = outs[0], outs[1:]
		}
	}
	return b.entropy(outs[0], gradients[0], gradients[1])
}

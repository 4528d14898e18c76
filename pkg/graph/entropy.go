package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
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

func (*entropyOp) Reference(out []float64, in []Value) {
	rows, dim, vocab := in[0].Shape[0], in[0].Shape[1], in[1].Shape[0]
	out[0] = reference.LinearCrossEntropy(in[0].Floats, in[1].Floats, in[2].Ints, weightsOf(in, 3), rows, dim, vocab)
}

func weightsOf(in []Value, at int) []float64 {
	if len(in) > at {
		return in[at].Floats
	}
	return nil
}

// The loss is an input of its derivative, so that a plan with the second half alone has the first one too.
func (o *entropyOp) Backward(in []*Node, out, grad *Node) []*Node {
	o.dx, o.dw = &entropyBackOp{forward: o, input: 0}, &entropyBackOp{forward: o, input: 1}
	reads := append([]*Node{grad, out}, in...)
	return append([]*Node{apply(o.dx, reads...), apply(o.dw, reads...)}, make([]*Node, len(in)-2)...)
}

// entropyState is what the loss keeps for its derivatives in one plan: dx and dw, or nil.
type entropyState [2]compute.Buffer

func (o *entropyOp) Bind(b *Binding) (func(), error) {
	state := &entropyState{}
	b.Shared[o] = state
	for i, back := range []*entropyBackOp{o.dx, o.dw} {
		if back != nil && b.Active(back) {
			var err error
			if state[i], err = b.floats(b.Nodes[i].size()); err != nil {
				return nil, err
			}
		}
	}
	return b.entropy(b.Out[0], state[0], state[1])
}

// entropy computes the loss and, where dx and dw are not nil, its gradients.
func (b *Binding) entropy(loss, dx, dw compute.Buffer) (func(), error) {
	rows, dim, vocab := b.head(0)
	b.Out = slices.DeleteFunc([]compute.Buffer{loss, dx, dw}, func(x compute.Buffer) bool { return x == nil })
	return b.bind(compute.LinearCrossEntropy{Rows: rows, Dim: dim, Vocab: vocab, Weights: len(b.Nodes) == 4, DX: dx != nil, DW: dw != nil})
}

// head are the sizes of an output layer whose x and w are inputs at and at+1: x (rows, dim), w (vocab, dim).
func (b *Binding) head(at int) (rows, dim, vocab int) {
	x, w := b.Nodes[at].shape, b.Nodes[at+1].shape
	return x[0], x[1], w[0]
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
	var to [2][]float64
	to[o.input] = out
	reference.LinearCrossEntropyBackward(to[0], to[1], in[0].Floats[0], in[2].Floats, in[3].Floats, in[4].Ints, weightsOf(in, 5), rows, dim, vocab)
}
func (o *entropyBackOp) Bind(b *Binding) (func(), error) {
	kept := b.Shared[o.forward].(*entropyState)[o.input]
	b.In = []compute.Buffer{kept, b.In[0]}
	return b.bind(compute.ScaleBy{N: kept.Len()})
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
func (o entropyBothOp) Bind(b *Binding) (func(), error) {
	outs := b.Out
	var gradients [2]compute.Buffer
	for i, name := range "xw" {
		if strings.ContainsRune(o.inputs, name) {
			gradients[i], outs = outs[0], outs[1:]
		}
	}
	return b.entropy(outs[0], gradients[0], gradients[1])
}

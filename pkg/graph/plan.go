package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Plan says what a machine runs and what memory it takes.
type Plan struct {
	Steps   []PlanStep
	Arena   int // bytes of the block that intermediate values share
	Values  int // bytes they would take if none were shared
	Bound   int // bytes of inputs and parameters, which live outside the block
	Own     int // bytes that operators keep for themselves between runs, such as tables of rotations
	Scratch int // bytes of scratch memory that the device has taken so far: it grows in the first runs, and all its machines share it
}

// Bytes is the memory that training or running the plan takes: everything above but Values. An optimizer adds its own.
func (p Plan) Bytes() int { return p.Arena + p.Bound + p.Own + p.Scratch }

// PlanStep is one operator of the plan.
type PlanStep struct {
	Name, Op string
	Shape    []int
	FLOPs    float64  // of matrix products; other operators count as zero
	Bytes    int      // of its value, in whole cache lines
	Inputs   []string // the steps, inputs and parameters that it reads, by name
}

// FLOPs is the number of floating-point operations of all matrix products in one run.
func (p Plan) FLOPs() float64 {
	var sum float64
	for _, s := range p.Steps {
		sum += s.FLOPs
	}
	return sum
}

// String is a summary, then a table with one line a step and the totals.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d steps, %.2f GFLOP, %.1f MB for values that would take %.1f MB apart, %.1f MB of inputs and parameters, %.1f MB beside\n",
		len(p.Steps), p.FLOPs()/1e9, float64(p.Arena)/1e6, float64(p.Values)/1e6, float64(p.Bound)/1e6, float64(p.Own+p.Scratch)/1e6)
	op, shape := len("operator"), len("shape")
	for _, s := range p.Steps {
		op, shape = max(op, len(s.Op)), max(shape, len(fmt.Sprint(s.Shape)))
	}
	row := func(step any, o, s string, mflop, kb any, name string) {
		line := fmt.Sprintf("%5v  %-*s  %-*s  %12v  %12v  %s", step, op, o, shape, s, mflop, kb, name)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	cost := func(flops float64, bytes int) (mflop, kb string) {
		return fmt.Sprintf("%.3f", flops/1e6), fmt.Sprintf("%.3f", float64(bytes)/1e3)
	}
	row("step", "operator", "shape", "MFLOP", "kB", "name")
	for i, s := range p.Steps {
		mflop, kb := cost(s.FLOPs, s.Bytes)
		row(i, s.Op, fmt.Sprint(s.Shape), mflop, kb, s.Name)
	}
	mflop, kb := cost(p.FLOPs(), p.Values)
	row("total", "", "", mflop, kb, "")
	return b.String()
}

// reads names the inputs of a node, each once, and what a view looks at in place of the view.
func reads(n *Node) []string {
	var names []string
	for _, in := range n.inputs {
		if name := owner(in).name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// owner is the operator that computes what a view looks at, or the node itself.
func owner(n *Node) *Node {
	for {
		if _, view := n.op.(*pickOp); !view {
			return n
		}
		n = n.inputs[0]
	}
}

// flops counts the products where they are computed: those of a loss's gradients in the loss.
func flops(n *Node, planned map[Operator]bool) float64 {
	switch op := plain(n.op).(type) {
	case linearOp, linearInputOp, linearWeightOp:
		return 2 * float64(n.inputs[0].size()) * float64(n.inputs[1].size()) / float64(shared(n))
	case linearNF4Op:
		return 2 * float64(n.inputs[0].size()) * float64(op.out)
	case linearInputNF4Op:
		return 2 * float64(n.inputs[0].size()) * float64(op.in)
	case *entropyOp:
		products := 1.
		for _, back := range []*entropyBackOp{op.dx, op.dw} {
			if planned[back] {
				products++
			}
		}
		return 2 * products * float64(n.inputs[0].size()) * float64(n.inputs[1].shape[0])
	case logProbOp:
		return 2 * float64(n.inputs[0].size()) * float64(n.inputs[1].shape[0])
	case logProbBackOp: // the logits again, and both gradients
		return 6 * float64(n.inputs[1].size()) * float64(n.inputs[2].shape[0])
	case tokenEntropyOp:
		return 2 * float64(n.inputs[0].size()) * float64(n.inputs[1].shape[0])
	case tokenEntropyBackOp:
		return 6 * float64(n.inputs[1].size()) * float64(n.inputs[2].shape[0])
	case divergenceOp: // the logits of both
		return 2 * float64(n.inputs[0].size()+n.inputs[2].size()) * float64(n.inputs[1].shape[0])
	case divergenceBackOp:
		return float64(6*n.inputs[1].size()+2*n.inputs[3].size()) * float64(n.inputs[2].shape[0])
	case entropyBothOp:
		return 2 * float64(1+len(op.inputs)) * float64(n.inputs[0].size()) * float64(n.inputs[1].shape[0])
	case attentionOp:
		s := op.s
		return 2 * float64(s.Batch*s.Heads*s.HeadDim) * float64(s.Length) * float64(s.Length)
	case attentionBackOp:
		s := op.s
		return 5 * float64(s.Batch*s.Heads*s.HeadDim) * float64(s.Length) * float64(s.Length)
	}
	return 0
}

// shared is the length that both inputs of a product have in common and the result has not.
func shared(n *Node) int {
	a, b := n.inputs[0].shape, n.inputs[1].shape
	switch plain(n.op).(type) {
	case linearInputOp:
		return b[0]
	case linearWeightOp:
		return a[0]
	}
	return a[1]
}

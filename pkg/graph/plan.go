package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Plan says what a machine runs and what memory it takes.
type Plan struct {
	Steps  []PlanStep
	Arena  int // bytes of the block that intermediate values share
	Values int // bytes they would take if none were shared
	Bound  int // bytes of inputs and parameters, which live outside the block
}

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
	fmt.Fprintf(&b, "%d steps, %.2f GFLOP, %.1f MB for values that would take %.1f MB apart, %.1f MB of inputs and parameters\n",
		len(p.Steps), p.FLOPs()/1e9, float64(p.Arena)/1e6, float64(p.Values)/1e6, float64(p.Bound)/1e6)
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

// align is a cache line in floats.
const align = 16

// layOut gives every node its memory: leaves their own, views a part of what they look at, and the rest a place in one
// block, taken over from values whose last reader has run (first fit). keep turns the taking over off.
func layOut(order []*Node, outputs map[*Node]bool, keep bool) (map[*Node][]float32, Plan) {
	var plan Plan
	planned := derivatives(order)
	last := map[*Node]int{} // the last step that reads a block
	for i, n := range order {
		for _, in := range n.inputs {
			last[owner(in)] = i
		}
	}
	for n := range outputs {
		last[owner(n)] = len(order)
	}
	offsets := map[*Node]int{}
	var free holes
	for i, n := range order {
		if n.op == nil || owner(n) != n {
			plan.Bound += 4 * (len(n.floats) + len(n.ints))
			continue
		}
		size := (n.size() + align - 1) / align * align
		offsets[n] = free.take(size)
		plan.Values += 4 * size
		plan.Steps = append(plan.Steps, PlanStep{n.name, n.op.Name(), n.Shape(), flops(n, planned), 4 * size, reads(n)})
		if keep {
			continue
		}
		for _, in := range n.inputs {
			if o := owner(in); o.op != nil && last[o] == i {
				free.give(offsets[o], (o.size()+align-1)/align*align)
				last[o] = -1 // read twice by one operator: given back once
			}
		}
	}
	plan.Arena = 4 * free.end
	arena := compute.Floats(free.end)
	memory := map[*Node][]float32{}
	for _, n := range order {
		if n.op == nil {
			memory[n] = n.floats
			continue
		}
		o := owner(n)
		if o.op == nil {
			memory[n] = o.floats[offset(n):][:n.size():n.size()]
			continue
		}
		at := offsets[o] + offset(n)
		memory[n] = arena[at : at+n.size() : at+n.size()]
	}
	return memory, plan
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

// owner is the node whose memory a view looks at.
func owner(n *Node) *Node {
	for {
		if _, view := n.op.(*pickOp); !view {
			return n
		}
		n = n.inputs[0]
	}
}

func offset(n *Node) int {
	sum := 0
	for {
		p, view := n.op.(*pickOp)
		if !view {
			return sum
		}
		sum += p.offset
		n = n.inputs[0]
	}
}

// flops counts the products where they are computed: those of a loss's gradients in the loss.
func flops(n *Node, planned map[Operator]bool) float64 {
	switch op := n.op.(type) {
	case linearOp, linearInputOp, linearWeightOp:
		return 2 * float64(n.inputs[0].size()) * float64(n.inputs[1].size()) / float64(shared(n))
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
	switch n.op.(type) {
	case linearInputOp:
		return b[0]
	case linearWeightOp:
		return a[0]
	}
	return a[1]
}

// holes is a first-fit allocator over one growing block, used only while planning.
type holes struct {
	free [][2]int // offset and size, by offset, no two touching
	end  int
}

func (h *holes) take(size int) int {
	for i, f := range h.free {
		if f[1] >= size {
			if f[1] == size {
				h.free = slices.Delete(h.free, i, i+1)
			} else {
				h.free[i] = [2]int{f[0] + size, f[1] - size}
			}
			return f[0]
		}
	}
	if n := len(h.free); n > 0 && h.free[n-1][0]+h.free[n-1][1] == h.end { // grow the last hole
		at := h.free[n-1][0]
		h.free = h.free[:n-1]
		h.end = at + size
		return at
	}
	at := h.end
	h.end += size
	return at
}

func (h *holes) give(at, size int) {
	i, _ := slices.BinarySearchFunc(h.free, at, func(f [2]int, at int) int { return f[0] - at })
	h.free = slices.Insert(h.free, i, [2]int{at, size})
	if i+1 < len(h.free) && h.free[i][0]+h.free[i][1] == h.free[i+1][0] {
		h.free[i][1] += h.free[i+1][1]
		h.free = slices.Delete(h.free, i+1, i+2)
	}
	if i > 0 && h.free[i-1][0]+h.free[i-1][1] == h.free[i][0] {
		h.free[i-1][1] += h.free[i][1]
		h.free = slices.Delete(h.free, i, i+1)
	}
}

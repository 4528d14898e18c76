package graph

import (
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
)

// schedule is what a plan runs, inputs first. Passes put nodes of their own in the place of the graph's, which stay as
// they are: other plans read them too.
type schedule struct {
	order  []*Node
	stands map[*Node]*Node // what has the value of a node of the graph, where that is another
}

func (s *schedule) of(n *Node) *Node {
	if other, ok := s.stands[n]; ok {
		return other
	}
	return n
}

// all are the nodes of the plan for those of the graph.
func (s *schedule) all(nodes []*Node) []*Node {
	out := make([]*Node, len(nodes))
	for i, n := range nodes {
		out[i] = s.of(n)
	}
	return out
}

// add puts a node at the end: itself where it reads the graph's own nodes, otherwise one with its name and another
// operator, nil for its own, or other inputs.
func (s *schedule) add(n *Node, op Operator, inputs []*Node) *Node {
	if op != nil || !slices.Equal(inputs, n.inputs) {
		made := *n
		made.inputs = inputs
		if op != nil {
			made.op = op
		}
		s.stands[n] = &made
		n = &made
	}
	s.order = append(s.order, n)
	return n
}

// adder is an operator that can add to a value on the way: its output or, of a bundle, the first one.
type adder interface {
	Operator
	describe(b *Binding, add bool) compute.Op // with add, the value follows the inputs
}

// plusOp is an operator and the sum that its result goes into; the other term is the last input.
type plusOp struct{ adder }

// plain is an operator without the sum.
func plain(op Operator) Operator {
	if plus, ok := op.(plusOp); ok {
		return plus.adder
	}
	return op
}

// Overwrites: the sum grows in the place of its other term.
func (plusOp) Overwrites(inputs int) [][2]int { return [][2]int{{0, inputs - 1}} }

func (o plusOp) Name() string { return o.adder.Name() + "+add" }
func (o plusOp) Reference(out []float64, in []Value) {
	last := len(in) - 1
	o.adder.Reference(out, in[:last])
	for i, v := range in[last].Floats {
		out[i] += v
	}
}
func (o plusOp) Bind(b *Binding) (func(), error) {
	b.Nodes = b.Nodes[:len(b.Nodes)-1]
	return b.bind(o.describe(b, true))
}

// fusion finds operators that are done together in one pass over memory.
//
//   - A sum with a product that nobody else reads becomes part of the product: x + Linear(h, w), and the sums of gradients
//     where a value had several readers, such as a norm's output that goes into q, k and v. The layout then lets such a sum
//     grow in place.
//   - The same for the first output of a norm's derivative, which meets the gradient of the skip connection, and for an
//     embedding's, which meets that of a head with the same weight.
//   - A loss and its gradients are one where the gradient of the loss is one.
//
// A sum is rounded in another order than apart, so values may differ in the last bits.
type fusion struct {
	schedule
	readers map[*Node]int // outputs are read once more
	step    map[*Node]int
	terms   map[*Node][2]*Node // by sum: the operator that it becomes part of, and the other term
	sums    map[*Node]*Node    // the sum that an operator takes in
	picks   map[*Node]*Node    // the sum that a view of such an operator stands for
	losses  map[*Node][2]*Node // derivatives by their losses
	done    map[*Node]bool
}

// fuse plans the nodes of order, of which some are outputs.
func fuse(order []*Node, outputs map[*Node]bool) *schedule {
	f := &fusion{schedule: schedule{stands: map[*Node]*Node{}}, readers: map[*Node]int{}, step: map[*Node]int{}, terms: map[*Node][2]*Node{},
		sums: map[*Node]*Node{}, picks: map[*Node]*Node{}, losses: map[*Node][2]*Node{}, done: map[*Node]bool{}}
	for i, n := range order {
		f.step[n] = i
		for _, in := range n.inputs {
			f.readers[in]++
		}
		if outputs[n] {
			f.readers[n]++
		}
	}
	for _, n := range order {
		f.find(n, outputs)
	}
	for _, n := range order {
		f.plan(n)
	}
	return &f.schedule
}

// find decides whether a node is fused.
func (f *fusion) find(n *Node, outputs map[*Node]bool) {
	switch op := n.op.(type) {
	case addOp:
		a, b := n.inputs[0], n.inputs[1]
		if f.step[a] > f.step[b] {
			a, b = b, a // the later term adds to the earlier one
		}
		_ = f.take(n, b, a, outputs) || f.take(n, a, b, outputs)
	case *entropyBackOp:
		grad, loss := n.inputs[0], n.inputs[1]
		if backs := f.losses[loss]; grad.fixed && grad.floats[0] == 1 && loss.op == op.forward && backs[op.input] == nil {
			backs[op.input] = n
			f.losses[loss] = backs
		}
	}
}

// take makes a sum part of one of its terms, where that allows it.
func (f *fusion) take(sum, term, other *Node, outputs map[*Node]bool) bool {
	if term == other || f.readers[term] != 1 {
		return false
	}
	op := term
	if pick, view := term.op.(*pickOp); view {
		op = term.inputs[0]
		if pick.offset != 0 || outputs[op] || f.sums[op] != nil || f.step[other] > f.step[op] {
			return false
		}
		f.picks[term] = sum
	}
	if _, able := op.op.(adder); !able {
		delete(f.picks, term)
		return false
	}
	f.terms[sum], f.sums[op] = [2]*Node{op, other}, sum
	return true
}

// plan adds a node to the schedule, unless it has become part of another.
func (f *fusion) plan(n *Node) {
	if f.done[n] {
		return
	}
	if sum := f.sums[n]; sum != nil {
		if f.done[f.terms[sum][1]] {
			f.plus(sum)
		} // otherwise the sum's own place is early enough
		return
	}
	if terms, ok := f.terms[n]; ok {
		if !f.done[terms[0]] {
			f.plus(n)
		}
		return
	}
	if backs, ok := f.losses[n]; ok {
		f.both(n, backs)
		return
	}
	made := f.add(n, nil, f.all(n.inputs))
	f.done[n] = true
	if sum := f.picks[n]; sum != nil {
		f.stands[sum], f.done[sum] = made, true
	}
}

// plus adds an operator that takes in a sum.
func (f *fusion) plus(sum *Node) {
	op, other := f.terms[sum][0], f.terms[sum][1]
	made := f.add(op, plusOp{op.op.(adder)}, append(f.all(op.inputs), f.of(other)))
	f.done[op] = true
	if partsOf(op) == nil {
		f.stands[sum], f.done[sum] = made, true
	}
}

// both adds a loss with its gradients.
func (f *fusion) both(loss *Node, backs [2]*Node) {
	op := entropyBothOp{}
	for i, back := range backs {
		if back != nil {
			op.inputs += "xw"[i : i+1]
		}
	}
	made := f.add(loss, op, f.all(loss.inputs))
	made.shape = total(op.Parts(made.inputs))
	offset := 0
	for _, n := range append(backs[:], loss) {
		if n == nil {
			continue
		}
		part := *n
		part.op, part.inputs = &pickOp{offset, n.shape}, []*Node{made}
		offset += n.size()
		f.order = append(f.order, &part)
		f.stands[n], f.done[n] = &part, true
	}
}

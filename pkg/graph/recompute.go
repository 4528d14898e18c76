package graph

// Keep marks a value that Options.Recompute keeps, such as what enters a block of a model.
func (n *Node) Keep() { n.kept = true }

// again is what the name of an operator ends with that computes a value once more.
const again = " again"

// recompute lets the backward pass compute values again from those that were marked with Keep, rather than keep all from
// the forward pass (Chen et al., arXiv:1604.06174, section 4.1). A value is computed again just before its first reader of
// the backward pass, by the operator that computed it first, so it has the same bits. What no marked value depends on is
// kept: the backward pass begins there.
func recompute(s *schedule, marked []*Node, outputs map[*Node]bool) *schedule {
	kept := set(s.all(marked))
	before := map[*Node]bool{} // what marked values are computed from
	for n := range kept {
		for _, in := range n.inputs {
			mark(in, before)
		}
	}
	r := &schedule{stands: map[*Node]*Node{}}
	copies := map[*Node]*Node{}
	var once func(n *Node) *Node
	once = func(n *Node) *Node {
		if n.op == nil || n.late || !before[n] || kept[n] || outputs[n] || stateful(n.op) {
			return r.of(n)
		}
		if copies[n] == nil {
			made := *n
			made.name += again
			made.inputs = make([]*Node, len(n.inputs))
			for i, in := range n.inputs {
				made.inputs[i] = once(in)
			}
			r.order = append(r.order, &made)
			copies[n] = &made
		}
		return copies[n]
	}
	for _, n := range s.order {
		inputs := r.all(n.inputs)
		if n.late {
			for i, in := range n.inputs {
				inputs[i] = once(in)
			}
		}
		r.add(n, nil, inputs)
	}
	for n, other := range s.stands {
		r.stands[n] = r.of(other)
	}
	return r
}

// stateful operators leave something for others beside their value.
func stateful(op Operator) bool {
	switch op.(type) {
	case *entropyOp, entropyBothOp:
		return true
	}
	return false
}

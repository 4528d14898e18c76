package graph

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
)

// align is a cache line in floats.
const align = 16

// slot is a stretch of the arena and the steps in which it is in use, both included. Values that lie in one another share it.
type slot struct {
	size, first, last int
	at                int
	into              *slot // the slot that this one became part of
}

func (s *slot) root() *slot {
	for s.into != nil {
		s = s.into
	}
	return s
}

// place is where a value lies.
type place struct {
	slot   *slot
	offset int
}

// layout gives every node its memory: leaves their own, views a part of what they look at, and the rest a place in one
// block, which values share whose lives do not overlap.
type layout struct {
	order  []*Node
	places map[*Node]place
	outs   map[*Node][]place // of the outputs of bundles
	slots  []*slot
	data   compute.Buffer
}

// layOut plans the memory on a device. keep gives every value a place to itself, for good.
func layOut(d compute.Device, order []*Node, outputs map[*Node]bool, keep bool) (*layout, Plan, error) {
	l := &layout{order: order, places: map[*Node]place{}, outs: map[*Node][]place{}}
	var plan Plan
	planned := derivatives(order)
	whole := map[*Node]bool{} // bundles that are read, or asked for, as they are
	for _, n := range order {
		for _, in := range n.inputs {
			if _, view := n.op.(*pickOp); !view {
				whole[in] = true
			}
		}
	}
	for i, n := range order {
		if n.op == nil {
			plan.Bound += 4 * (len(n.floats) + len(n.ints))
			continue
		}
		if owner(n) != n {
			l.view(n)
			continue
		}
		bytes := l.add(i, n, keep || whole[n] || outputs[n])
		plan.Values += bytes
		plan.Steps = append(plan.Steps, PlanStep{n.name, n.op.Name(), n.Shape(), flops(n, planned), bytes, reads(n)})
	}
	l.live(outputs, keep)
	if !keep {
		l.overwrite()
	}
	end := l.assign()
	plan.Arena = 4 * end
	var err error
	if l.data, err = d.Floats(end); err != nil {
		return nil, plan, fmt.Errorf("graph: Compile: %d bytes for values on %v: %w", plan.Arena, d, err)
	}
	return l, plan, nil
}

// add makes room for what an operator computes at step i, and returns its bytes.
func (l *layout) add(i int, n *Node, together bool) int {
	sum := 0
	take := func(size int) place {
		s := &slot{size: (size + align - 1) / align * align, first: i, last: i}
		l.slots = append(l.slots, s)
		sum += 4 * s.size
		return place{s, 0}
	}
	parts := partsOf(n)
	if parts == nil {
		l.places[n] = take(n.size())
		return sum
	}
	if together {
		l.places[n] = take(n.size())
	}
	offset := 0
	for _, size := range parts {
		p := place{l.places[n].slot, offset}
		if !together {
			p = take(size)
		}
		l.outs[n] = append(l.outs[n], p)
		offset += size
	}
	return sum
}

// view places a view where the output lies that it looks at.
func (l *layout) view(n *Node) {
	from, offset := n.inputs[0], n.op.(*pickOp).offset
	for i, size := range partsOf(from) {
		if offset == 0 && size == n.size() {
			l.places[n] = l.outs[from][i]
			return
		}
		offset -= size
	}
	p := l.places[from]
	l.places[n] = place{p.slot, p.offset + n.op.(*pickOp).offset}
}

// live finds the last step that reads each slot; outputs are read after the last one.
func (l *layout) live(outputs map[*Node]bool, keep bool) {
	for i, n := range l.order {
		if owner(n) != n {
			continue
		}
		for _, in := range n.inputs {
			if p, ok := l.places[in]; ok {
				p.slot.last = max(p.slot.last, i)
			}
		}
	}
	for n := range outputs {
		if p, ok := l.places[n]; ok {
			p.slot.last = len(l.order)
		}
		for _, p := range l.outs[n] {
			p.slot.last = len(l.order)
		}
	}
	for _, s := range l.slots {
		if keep {
			s.last = len(l.order)
		}
	}
}

// overwriter is an operator whose outputs may take the places of inputs of their size: pairs of an output and an input.
type overwriter interface {
	Overwrites(inputs int) [][2]int
}

// overwrite lets operators work in place where they are the last to read an input: less memory to plan, and none to fetch for
// what is only written.
func (l *layout) overwrite() {
	for i, n := range l.order {
		op, able := n.op.(overwriter)
		if !able {
			continue
		}
		for _, pair := range op.Overwrites(len(n.inputs)) {
			out := l.places[n]
			if outs := l.outs[n]; outs != nil {
				out = outs[pair[0]]
			}
			to, ok := l.places[n.inputs[pair[1]]]
			if !ok || out.slot == nil || to.offset != 0 || out.offset != 0 {
				continue
			}
			from, here := to.slot.root(), out.slot
			if from.last != i || from.size != here.size || here.into != nil {
				continue
			}
			if !l.readsElsewhere(n, pair[1], from) {
				here.into, from.last = from, here.last
			}
		}
	}
}

// readsElsewhere says whether another input of a node lies in a slot: that must stay as it is meanwhile.
func (l *layout) readsElsewhere(n *Node, but int, s *slot) bool {
	for i, in := range n.inputs {
		if p, ok := l.places[in]; ok && i != but && p.slot.root() == s {
			return true
		}
	}
	return false
}

// assign gives every slot its place, the largest first (Pisarchyk and Lee, arXiv:2001.03288, algorithm 3), between those that
// are in use at the same time, and returns the size of the block. Of the places that do not make the block grow each takes the
// one that was in use last: what caches still hold need not be fetched to be overwritten.
func (l *layout) assign() (end int) {
	roots := slices.DeleteFunc(slices.Clone(l.slots), func(s *slot) bool { return s.into != nil })
	slices.SortStableFunc(roots, func(a, b *slot) int { return cmp.Compare(b.size, a.size) })
	var placed []*slot // by place
	for _, s := range roots {
		s.at = s.choose(placed, end)
		end = max(end, s.at+s.size)
		i, _ := slices.BinarySearchFunc(placed, s.at, func(p *slot, at int) int { return cmp.Compare(p.at, at) })
		placed = slices.Insert(placed, i, s)
	}
	return end
}

// choose is the best place for a slot in a block of that size so far: beside the slots that are in use at the same time, or
// where another begins.
func (s *slot) choose(placed []*slot, end int) int {
	best, growth, used := -1, 0, 0
	try := func(at int) {
		grows, recent := max(0, at+s.size-end), -1
		for _, p := range placed {
			if p.at < at+s.size && at < p.at+p.size {
				if p.last >= s.first && s.last >= p.first {
					return
				}
				if p.last < s.first {
					recent = max(recent, p.last)
				}
			}
		}
		if best < 0 || grows < growth || grows == growth && recent > used {
			best, growth, used = at, grows, recent
		}
	}
	places := []int{0}
	for _, p := range placed {
		places = append(places, p.at, p.at+p.size)
	}
	slices.Sort(places)
	for _, at := range slices.Compact(places) {
		try(at)
	}
	return best
}

func (l *layout) at(p place, size int) compute.Buffer {
	from := p.slot.root().at + p.offset
	return l.data.Slice(from, from+size)
}

// memory is the value of each node that has one, leaves included.
func (l *layout) memory(c *copies) (map[*Node]compute.Buffer, error) {
	memory := map[*Node]compute.Buffer{}
	for _, n := range l.order {
		if p, ok := l.places[n]; ok {
			memory[n] = l.at(p, n.size())
		} else if n.op == nil {
			var err error
			if memory[n], err = c.leaf(n); err != nil {
				return nil, fmt.Errorf("graph: Compile: %v on %v: %w", n, c.device, err)
			}
		}
	}
	return memory, nil
}

// outputs are the values of the outputs of a bundle, nil of another node.
func (l *layout) outputs(n *Node) []compute.Buffer {
	var out []compute.Buffer
	for i, size := range partsOf(n) {
		out = append(out, l.at(l.outs[n][i], size))
	}
	return out
}

// partsOf are the sizes of the outputs of a bundle, nil for other nodes.
func partsOf(n *Node) []int {
	op, ok := plain(n.op).(bundleOp)
	if !ok {
		return nil
	}
	var sizes []int
	for _, shape := range op.Parts(n.inputs) {
		sizes = append(sizes, (&Node{shape: shape}).size())
	}
	return sizes
}

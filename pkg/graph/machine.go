package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Mode is how a machine treats intermediate values.
type Mode int

// Train reuses memory as soon as a value is not needed any more; Inspect keeps every value until the next run.
const (
	Train Mode = iota
	Inspect
)

// Options chooses how a plan runs. The zero value trains on the shared device.
type Options struct {
	Device  compute.Device // nil means cpu.Default()
	Mode    Mode
	Unfused bool // runs every operator by itself, as Inspect does

	// Recompute saves memory for time: values between those marked with Node.Keep are computed again in the backward pass
	// (activation checkpointing, Chen et al., arXiv:1604.06174). Results are the same to the last bit; the plan's names say
	// which steps are there again. An Inspect machine keeps every value and has no use for it.
	Recompute bool

	// Products is what the products of Linear and of its gradients multiply: Float32, or BFloat16, to which both sides are
	// then rounded, at up to twice the speed; sums are float32 all the same, and so is everything else, the fused output
	// layers included. It takes a device that has them: on the CPU see cpu.Device.BF16.
	Products cpu.Format
}

// Machine is a plan: the nodes that the outputs need, in order, bound to one block of memory.
type Machine struct {
	graph   *Graph
	device  compute.Device
	steps   []step
	stands  map[*Node]*Node // see schedule
	memory  map[*Node]compute.Buffer
	copies  *copies
	needed  map[*Node]bool
	outputs map[*Node]bool
	plan    Plan
	mode    Mode
	next    int // the step that Step runs next
	mu      sync.Mutex
}

type step struct {
	node *Node
	outs []compute.Buffer // of a bundle
	run  func()
}

// ErrBusy says that the machine is running in another goroutine.
var ErrBusy = errors.New("graph: this machine is running already: a graph belongs to one goroutine at a time")

// Compile plans what is needed to compute the outputs, and nothing else.
func (g *Graph) Compile(o Options, outputs ...*Node) (*Machine, error) {
	if g.err != nil {
		return nil, g.err
	}
	if len(outputs) == 0 {
		return nil, errors.New("graph: Compile needs at least one output")
	}
	for _, n := range outputs {
		if n == nil || n.graph != g {
			return nil, fmt.Errorf("graph: Compile: output %v belongs to another graph", n)
		}
	}
	if d, ok := o.Device.(*cpu.Device); o.Device == nil || ok && d == nil {
		o.Device = cpu.Default()
	}
	if o.Products != cpu.Float32 && o.Products != cpu.BFloat16 {
		return nil, fmt.Errorf("graph: Compile: Products is %v, want %v or %v", o.Products, cpu.Float32, cpu.BFloat16)
	}
	order := needed(outputs)
	m := &Machine{graph: g, device: o.Device, needed: set(order), outputs: set(outputs), mode: o.Mode}
	s := &schedule{order: order, stands: map[*Node]*Node{}}
	if o.Mode != Inspect && !o.Unfused {
		s = fuse(order, m.outputs)
	}
	if o.Mode != Inspect && o.Recompute {
		marked := slices.DeleteFunc(slices.Clone(order), func(n *Node) bool { return !n.kept })
		s = recompute(s, marked, set(s.all(outputs)))
	}
	m.stands = s.stands
	l, plan, err := layOut(o.Device, s.order, set(s.all(outputs)), o.Mode == Inspect)
	if err != nil {
		return nil, err
	}
	m.plan, m.copies = plan, newCopies(o.Device, l.data)
	if m.memory, err = l.memory(m.copies); err != nil {
		return nil, err
	}
	if err := m.bind(o, s.order, l); err != nil {
		return nil, err
	}
	return m, nil
}

func set(nodes []*Node) map[*Node]bool {
	out := make(map[*Node]bool, len(nodes))
	for _, n := range nodes {
		out[n] = true
	}
	return out
}

// needed lists the nodes that the outputs depend on, inputs first: gorgonia numbers nodes in the order in which they
// were made, and an operator is made after its inputs.
func needed(outputs []*Node) []*Node {
	seen := map[*Node]bool{}
	for _, n := range outputs {
		mark(n, seen)
	}
	order := make([]*Node, 0, len(seen))
	for n := range seen {
		order = append(order, n)
	}
	slices.SortFunc(order, func(a, b *Node) int { return int(a.n.ID() - b.n.ID()) })
	return order
}

func (m *Machine) bind(o Options, order []*Node, l *layout) error {
	shared := map[any]any{}
	planned := derivatives(order)
	for _, n := range order {
		if n.op == nil {
			continue
		}
		outs := l.outputs(n)
		b := &Binding{Device: m.device, BF16: o.Products == cpu.BFloat16, Out: outs, Nodes: n.inputs, Shared: shared,
			Active: func(op Operator) bool { return planned[op] }, copies: m.copies}
		if outs == nil {
			b.Out = []compute.Buffer{m.memory[n]}
		}
		for _, in := range n.inputs {
			b.In = append(b.In, m.memory[in])
		}
		run, err := n.op.Bind(b)
		if err != nil {
			return m.unbound(n, err)
		}
		if run != nil {
			m.steps = append(m.steps, step{n, outs, run})
		}
		m.plan.Own += b.Own
	}
	return nil
}

// unbound says which operator a device cannot run, and what can.
func (m *Machine) unbound(n *Node, err error) error {
	if _, all := m.device.(*cpu.Device); errors.Is(err, compute.ErrUnsupported) && !all {
		return fmt.Errorf("graph: Compile: %v: %w: compile for the CPU, which has every operator (leave Options.Device nil)", n, err)
	}
	return fmt.Errorf("graph: Compile: %v: %w", n, err)
}

func (m *Machine) own(door string, n *Node) error {
	if n == nil || n.graph != m.graph {
		return fmt.Errorf("graph: %s: %v belongs to another graph", door, n)
	}
	return nil
}

// SetInts fills an Ints node. Every value must be in the range that its readers accept.
func (m *Machine) SetInts(n *Node, values []int32) error {
	if err := m.own("SetInts", n); err != nil {
		return err
	}
	if n.ints == nil {
		return fmt.Errorf("graph: SetInts: %s does not hold integers", n.name)
	}
	if len(values) != len(n.ints) {
		return fmt.Errorf("graph: SetInts: %s holds %d integers, got %d", n.name, len(n.ints), len(values))
	}
	if n.reader != "" {
		for i, v := range values {
			if (v < n.low || v >= n.high) && (!n.ignore || v != compute.Ignore) {
				return fmt.Errorf("graph: SetInts: %s[%d] is %d; %s takes %d to %d", n.name, i, v, n.reader, n.low, n.high-1)
			}
		}
	}
	copy(n.ints, values)
	return nil
}

// SetFloats fills an Input.
func (m *Machine) SetFloats(n *Node, values []float32) error {
	if err := m.own("SetFloats", n); err != nil {
		return err
	}
	if n.floats == nil || n.op != nil {
		return fmt.Errorf("graph: SetFloats: %s is not an input", n.name)
	}
	if len(values) != len(n.floats) {
		return fmt.Errorf("graph: SetFloats: %s has shape %v, got %d values", n.name, n.shape, len(values))
	}
	copy(n.floats, values)
	return nil
}

// Run computes all outputs. It stops between two operators when ctx is cancelled and returns an error that wraps
// ctx.Err(); values are then undefined until the next whole run.
func (m *Machine) Run(ctx context.Context) error {
	if !m.mu.TryLock() {
		return ErrBusy
	}
	defer m.mu.Unlock()
	m.next = 0
	if err := m.copies.begin(); err != nil {
		return fmt.Errorf("graph: run: %w", err)
	}
	for i := range m.steps {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("graph: run stopped before %s: %w", m.steps[i].node.name, err)
		}
		m.steps[i].run()
	}
	if err := m.copies.end(); err != nil {
		return fmt.Errorf("graph: run: %w", err)
	}
	return nil
}

// Step runs the next operator of an Inspect machine and returns its node; nil after the last one, when it starts over.
func (m *Machine) Step(ctx context.Context) (*Node, error) {
	if m.mode != Inspect {
		return nil, errors.New("graph: Step needs a machine compiled with Mode: graph.Inspect")
	}
	if !m.mu.TryLock() {
		return nil, ErrBusy
	}
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("graph: step: %w", err)
	}
	if m.next == len(m.steps) {
		m.next = 0
		return nil, nil
	}
	s := m.steps[m.next]
	if err := m.copies.begin(); err != nil {
		return nil, fmt.Errorf("graph: step: %w", err)
	}
	s.run()
	if err := m.copies.end(); err != nil {
		return nil, fmt.Errorf("graph: step: %s: %w", s.node.name, err)
	}
	m.next++
	return s.node, nil
}

// Value is a node's value after a run. It shares the machine's memory, so the next run changes it; Clone keeps it. From a
// device with memory of its own it is copied, now and after each run from then on. A
// Train machine has only what was asked for as output and the inputs; an Inspect machine has every node of its plan.
func (m *Machine) Value(n *Node) (*compute.Tensor, error) {
	data, err := m.value(n)
	if err != nil {
		return nil, err
	}
	return compute.From(data, n.shape...)
}

func (m *Machine) value(n *Node) ([]float32, error) {
	if err := m.own("Value", n); err != nil {
		return nil, err
	}
	if n.ints != nil {
		return nil, fmt.Errorf("graph: Value: %s holds integers, which SetInts gave", n.name)
	}
	if !m.needed[n] {
		return nil, fmt.Errorf("graph: Value: %s is not in this plan", n.name)
	}
	if n.op != nil && !m.outputs[n] && m.mode != Inspect {
		return nil, fmt.Errorf("graph: Value: %s is not an output, and a Train machine reuses its memory: ask for it in Compile, or use Mode: graph.Inspect", n.name)
	}
	if n.op == nil {
		return n.floats, nil
	}
	at := n
	if other, ok := m.stands[n]; ok {
		at = other
	}
	value, err := m.copies.look(at, m.memory[at])
	if err != nil {
		return nil, fmt.Errorf("graph: Value: %s: %w", n.name, err)
	}
	return value, nil
}

// Scalar is the value of a scalar node.
func (m *Machine) Scalar(n *Node) (float64, error) {
	v, err := m.value(n)
	if err != nil {
		return 0, err
	}
	if len(v) != 1 {
		return 0, fmt.Errorf("graph: Scalar: %s has shape %v", n.name, n.shape)
	}
	return float64(v[0]), nil
}

// Plan describes the machine, and the device's scratch memory by now.
func (m *Machine) Plan() Plan {
	p := m.plan
	p.Scratch = m.device.Scratch()
	return p
}

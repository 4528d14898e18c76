package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"slices"
	"strings"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Operator is one kind of node, independent of the device.
type Operator interface {
	// Name is the operator's name in plans and errors.
	Name() string
	// Shape checks the inputs and gives the output's shape.
	Shape(in []*Node) ([]int, error)
	// Reference computes the output in float64, in plain loops.
	Reference(out []float64, in []Value)
	// Backward gives the gradient of each input as nodes, nil for inputs without one.
	Backward(in []*Node, out, grad *Node) []*Node
	// Bind is called once per plan with the buffers and returns what to run, nil for nothing. It fails where the device lacks
	// the operator or has no room.
	Bind(b *Binding) (func(), error)
}

// integerReader is an operator that reads Ints. Every input that it does not name holds floats.
type integerReader interface{ Integers() (input int) }

// fixedReader is an operator with inputs of floats that have no gradient.
type fixedReader interface{ Fixed(input int) bool }

// Value is an input of a Reference: floats or integers.
type Value struct {
	Shape  []int
	Floats []float64
	Ints   []int32
}

// Binding is the memory that an operator works on in one plan.
type Binding struct {
	Device compute.Device
	BF16   bool             // products are in bfloat16
	Out    []compute.Buffer // one, or those of a bundleOp
	In     []compute.Buffer
	Nodes  []*Node               // the inputs, for their shapes
	Shared map[any]any           // state that operators of one plan share by key
	Active func(o Operator) bool // whether an operator is in the plan
	Own    int                   // bytes that the operator took for itself
	copies *copies
}

// bind is an operator of the device on the binding's buffers.
func (b *Binding) bind(op compute.Op) (func(), error) {
	bound, err := b.Device.Bind(op, b.Out, b.In)
	b.Own += bound.Bytes
	return bound.Run, err
}

// floats are values that an operator keeps between runs.
func (b *Binding) floats(n int) (compute.Buffer, error) {
	b.Own += 4 * n
	return b.Device.Floats(n)
}

// constant are values that do not change, in the device's memory.
func (b *Binding) constant(values []float32) (compute.Buffer, error) {
	b.Own += 4 * len(values)
	return b.copies.constant(compute.HostFloats(values))
}

// apply adds an operator to the graph.
func apply(op Operator, in ...*Node) *Node {
	g := home(in)
	for i, n := range in {
		if n == nil {
			g.fail("%s: input %d is nil", op.Name(), i)
			continue
		}
		if n.graph != g {
			g.fail("%s: %s belongs to another graph", op.Name(), n.name)
		}
	}
	if g.err != nil {
		return g.broken(op.Name(), nil)
	}
	shape, err := op.Shape(in)
	if err == nil {
		err = floatsOnly(op, in)
	}
	if err != nil {
		names := make([]string, len(in))
		for i, n := range in {
			names[i] = n.String()
		}
		g.fail("%s(%s): %w", op.Name(), strings.Join(names, ", "), err)
		return g.broken(op.Name(), nil)
	}
	g.serial++
	a := &adapter{op: op, id: g.serial, shape: shape, graph: g}
	children := make(G.Nodes, len(in))
	for i, n := range in {
		a.in = append(a.in, n.n.Type())
		a.moves = append(a.moves, differentiable(op, i, n))
		children[i] = n.n
	}
	made, err := G.ApplyOp(a, children...)
	if err != nil {
		g.fail("%s: %w", op.Name(), err)
		return g.broken(op.Name(), shape)
	}
	n := g.keep(&Node{graph: g, n: made, name: g.unique(op.Name()), shape: shape, op: op, inputs: in, late: g.graded})
	for i, c := range g.children(made) {
		if i >= len(in) || c != in[i].n {
			g.fail("internal: gorgonia gave %s other inputs than it was applied to", n)
		}
	}
	return n
}

// home is the graph of the first input that is not nil, or one that nobody sees, to keep the error.
func home(in []*Node) *Graph {
	for _, n := range in {
		if n != nil {
			return n.graph
		}
	}
	return New()
}

// floatsOnly refuses integers where an operator does not read them: their buffer of floats is empty.
func floatsOnly(op Operator, in []*Node) error {
	for i, n := range in {
		if reader, ok := op.(integerReader); n.ints != nil && (!ok || reader.Integers() != i) {
			return fmt.Errorf("input %d: want floats, %s holds integers", i, n.name)
		}
	}
	return nil
}

// differentiable says whether input i of an operator has a gradient.
func differentiable(op Operator, i int, n *Node) bool {
	fixed, ok := op.(fixedReader)
	return n.ints == nil && (!ok || !fixed.Fixed(i))
}

// adapter shows an Operator to gorgonia. Its number is part of its hash: gorgonia merges operators of equal hash.
type adapter struct {
	op    Operator
	id    uint64
	in    []hm.Type
	moves []bool // which inputs have a gradient
	shape []int
	graph *Graph
}

func (a *adapter) Arity() int { return len(a.in) }
func (a *adapter) Type() hm.Type {
	var out hm.Type = tensor.Float32
	if len(a.shape) > 0 {
		out = G.TensorType{Dims: len(a.shape), Of: tensor.Float32}
	}
	return hm.NewFnType(append(slices.Clone(a.in), out)...)
}
func (a *adapter) InferShape(...G.DimSizer) (tensor.Shape, error) {
	return tensor.Shape(slices.Clone(a.shape)), nil
}
func (a *adapter) ReturnsPtr() bool      { return false }
func (a *adapter) CallsExtern() bool     { return false }
func (a *adapter) OverwritesInput() int  { return -1 }
func (a *adapter) WriteHash(h hash.Hash) { fmt.Fprintf(h, "%s/%d", a.op.Name(), a.id) }
func (a *adapter) Hashcode() uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, a.String())
	return h.Sum32()
}
func (a *adapter) String() string { return fmt.Sprintf("%s/%d", a.op.Name(), a.id) }

// DiffWRT must say no where Backward answers nil: gorgonia follows that nil otherwise.
func (a *adapter) DiffWRT(int) []bool { return a.moves }

// SymDiff answers gorgonia's question for the derivative with the operator's Backward.
func (a *adapter) SymDiff(inputs G.Nodes, output, grad *G.Node) (G.Nodes, error) {
	in := make([]*Node, len(inputs))
	for i, n := range inputs {
		in[i] = a.graph.wrap(n)
	}
	back := a.op.Backward(in, a.graph.wrap(output), a.graph.wrap(grad))
	if a.graph.err != nil {
		return nil, a.graph.err
	}
	out := make(G.Nodes, len(back))
	for i, n := range back {
		if n != nil {
			out[i] = n.n
		}
	}
	return out, nil
}

// Do runs the reference, for gorgonia's stock machine.
func (a *adapter) Do(values ...G.Value) (G.Value, error) {
	in := make([]Value, len(values))
	for i, v := range values {
		in[i].Shape = v.Shape()
		switch data := v.Data().(type) {
		case []float32:
			in[i].Floats = widen(data)
		case float32:
			in[i].Floats = []float64{float64(data)}
		case []int32:
			in[i].Ints = data
		default:
			return nil, fmt.Errorf("graph: %s: input %d holds %T", a.op.Name(), i, data)
		}
	}
	out := make([]float64, (&Node{shape: a.shape}).size())
	a.op.Reference(out, in)
	data := make([]float32, len(out))
	for i, v := range out {
		data[i] = float32(v)
	}
	if len(a.shape) == 0 {
		return G.NewF32(data[0]), nil
	}
	return tensor.New(tensor.WithShape(a.shape...), tensor.WithBacking(data)), nil
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// wrap finds our node for one of gorgonia's, or makes one for those that gorgonia itself adds while differentiating:
// the constant one that the gradient starts from, and sums where a node is used twice.
func (g *Graph) wrap(n *G.Node) *Node {
	if ours, ok := g.nodes[n.ID()]; ok {
		return ours
	}
	ours := &Node{graph: g, n: n, name: g.unique("grad"), shape: slices.Clone([]int(n.Shape())), late: g.graded}
	switch {
	case len(g.children(n)) == 0:
		value, ok := scalarOf(n.Value())
		if !ok {
			g.fail("internal: gorgonia added %v, whose value is not a scalar", n)
			return ours
		}
		ours.floats, ours.fixed = []float32{value}, true
	case strings.HasPrefix(n.Op().String(), "+"):
		for _, c := range g.children(n) {
			ours.inputs = append(ours.inputs, g.wrap(c))
		}
		ours.op = addOp{}
		if _, err := ours.op.Shape(ours.inputs); err != nil {
			g.fail("internal: a sum of gradients: %w", err)
		}
	default:
		g.fail("internal: gorgonia added an operator we do not know: %v", n.Op())
	}
	g.nodes[n.ID()] = ours
	return ours
}

func (g *Graph) children(n *G.Node) []*G.Node {
	var out []*G.Node
	for it := g.g.From(n.ID()); it.Next(); {
		out = append(out, it.Node().(*G.Node))
	}
	return out
}

func scalarOf(v G.Value) (float32, bool) {
	if v == nil {
		return 0, false
	}
	f, ok := v.Data().(float32)
	return f, ok
}

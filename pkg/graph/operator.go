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

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Operator is one kind of node. Everything but Bind is independent of the device.
type Operator interface {
	// Name is the operator's name in plans and errors.
	Name() string
	// Shape checks the inputs and gives the output's shape.
	Shape(in []*Node) ([]int, error)
	// Reference computes the output in float64, in plain loops.
	Reference(out []float64, in []Value)
	// Backward gives the gradient of each input as nodes, nil for inputs without one.
	Backward(in []*Node, out, grad *Node) []*Node
	// Bind is called once per plan with the buffers and returns what to run.
	Bind(b *Binding) func()
}

// Value is an input of a Reference: floats or integers.
type Value struct {
	Shape  []int
	Floats []float64
	Ints   []int32
}

// Binding is the memory that an operator works on in one plan.
type Binding struct {
	Device *cpu.Device
	Out    []float32
	In     []Buffer
	Nodes  []*Node               // the inputs, for their shapes
	Shared map[any]any           // state that operators of one plan share by key
	Active func(o Operator) bool // whether an operator is in the plan
}

// Buffer is one input: floats or integers.
type Buffer struct {
	Floats []float32
	Ints   []int32
}

// apply adds an operator to the graph.
func apply(op Operator, in ...*Node) *Node {
	g := in[0].graph
	for _, n := range in {
		if n.graph != g {
			g.fail("%s: %s belongs to another graph", op.Name(), n.name)
		}
	}
	if g.err != nil {
		return g.broken(op.Name(), nil)
	}
	shape, err := op.Shape(in)
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
		children[i] = n.n
	}
	made, err := G.ApplyOp(a, children...)
	if err != nil {
		g.fail("%s: %w", op.Name(), err)
		return g.broken(op.Name(), shape)
	}
	n := g.keep(&Node{graph: g, n: made, name: g.unique(op.Name()), shape: shape, op: op, inputs: in})
	for i, c := range g.children(made) {
		if i >= len(in) || c != in[i].n {
			g.fail("internal: gorgonia gave %s other inputs than it was applied to", n)
		}
	}
	return n
}

// adapter shows an Operator to gorgonia. Its number is part of its hash: gorgonia merges operators of equal hash.
type adapter struct {
	op    Operator
	id    uint64
	in    []hm.Type
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

// DiffWRT says yes to all: operators answer nil in Backward for what has no gradient.
func (a *adapter) DiffWRT(n int) []bool {
	yes := make([]bool, n)
	for i := range yes {
		yes[i] = a.in[i] != nil && !isInts(a.in[i])
	}
	return yes
}

func isInts(t hm.Type) bool {
	tt, ok := t.(G.TensorType)
	return ok && tt.Of == tensor.Int32
}

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
	ours := &Node{graph: g, n: n, name: g.unique("grad"), shape: slices.Clone([]int(n.Shape()))}
	switch {
	case len(g.children(n)) == 0:
		value, ok := scalarOf(n.Value())
		if !ok {
			g.fail("internal: gorgonia added %v, whose value is not a scalar", n)
			return ours
		}
		ours.floats = []float32{value}
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

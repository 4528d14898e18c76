package graph

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Graph is a computation under construction.
type Graph struct {
	g      *G.ExprGraph
	nodes  map[int64]*Node // by gorgonia's id
	names  map[string]int
	serial uint64
	masks  uint32 // dropouts so far, each with random numbers of its own
	graded bool
	err    error
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{g: G.NewGraph(), nodes: map[int64]*Node{}, names: map[string]int{}}
}

// Err is the first mistake made while building, or nil.
func (g *Graph) Err() error { return g.err }

func (g *Graph) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf("graph: "+format, args...)
	}
}

// Node is one value of the graph: an input, a parameter, or what an operator gives.
type Node struct {
	graph  *Graph
	n      *G.Node
	name   string
	shape  []int
	op     Operator
	inputs []*Node
	floats []float32 // bound memory of inputs, parameters and constants
	ints   []int32
	low    int32 // allowed range of ints, low ≤ v < high, or ignored
	high   int32
	ignore bool
	reader string // who set the range
	fixed  bool   // a constant of gorgonia's own
	late   bool   // made by Grad, or after it
	kept   bool   // see Keep
}

// Name is unique in the graph.
func (n *Node) Name() string { return n.name }

// Graph is the one that the node belongs to.
func (n *Node) Graph() *Graph { return n.graph }

// Shape is the node's shape; a scalar's is empty.
func (n *Node) Shape() []int { return slices.Clone(n.shape) }

// Op is the operator's name, or input, param, constant or ints for a leaf.
func (n *Node) Op() string {
	switch {
	case n.op != nil:
		return n.op.Name()
	case n.ints != nil:
		return "ints"
	}
	return "leaf"
}

func (n *Node) String() string { return fmt.Sprintf("%s %v", n.name, n.shape) }

func (n *Node) size() int {
	size := 1
	for _, d := range n.shape {
		size *= d
	}
	return size
}

// unique makes a name that no other node has: gorgonia merges inputs of equal name, type and shape.
func (g *Graph) unique(name string) string {
	made := name
	for k := g.names[name]; g.names[made] > 0; { // x#2 may be taken by somebody who asked for that name
		k++
		made = fmt.Sprintf("%s#%d", name, k)
		g.names[name] = k
	}
	g.names[made]++
	return made
}

func (g *Graph) leaf(name string, data []float32, shape []int) *Node {
	for _, d := range shape {
		if d <= 0 {
			g.fail("%s: shape %v has a dimension that is not positive", name, shape)
			return g.broken(name, shape)
		}
	}
	if want := (&Node{shape: shape}).size(); len(data) != want {
		g.fail("%s: shape %v needs %d values, got %d", name, shape, want, len(data))
		return g.broken(name, shape)
	}
	name = g.unique(name)
	var n *G.Node
	if len(shape) == 0 {
		n = G.NewScalar(g.g, tensor.Float32, G.WithName(name))
	} else {
		n = G.NewTensor(g.g, tensor.Float32, len(shape), G.WithShape(shape...), G.WithName(name))
	}
	return g.keep(&Node{graph: g, n: n, name: name, shape: slices.Clone(shape), floats: data})
}

func (g *Graph) keep(n *Node) *Node {
	if other, taken := g.nodes[n.n.ID()]; taken {
		g.fail("internal: gorgonia merged %s with %s", n, other)
		return other
	}
	g.nodes[n.n.ID()] = n
	return n
}

// broken stands in for a node that could not be made, so that building goes on until Err is asked.
func (g *Graph) broken(name string, shape []int) *Node {
	return &Node{graph: g, name: name, shape: slices.Clone(shape)}
}

// Input is a float input that SetFloats fills before each run.
func (g *Graph) Input(name string, shape ...int) *Node {
	n := 1
	for _, d := range shape {
		n *= max(d, 0)
	}
	return g.leaf(name, make([]float32, n), shape)
}

// Param is a trainable value. The graph reads t.Data in place, so an optimizer that changes it is seen by the next run.
func (g *Graph) Param(name string, t *compute.Tensor) *Node {
	if t == nil {
		g.fail("param %s: the tensor is nil", name)
		return g.broken(name, nil)
	}
	return g.leaf(name, t.Data, t.Shape)
}

// Constant is a value that does not move. It is read in place, like a Param.
func (g *Graph) Constant(name string, t *compute.Tensor) *Node { return g.Param(name, t) }

// Ints is a vector of n integers, such as token ids, that SetInts fills before each run.
func (g *Graph) Ints(name string, n int) *Node {
	if n <= 0 {
		g.fail("%s: %d integers: want at least one", name, n)
		return g.broken(name, []int{n})
	}
	name = g.unique(name)
	node := G.NewVector(g.g, tensor.Int32, G.WithShape(n), G.WithName(name))
	return g.keep(&Node{graph: g, n: node, name: name, shape: []int{n}, ints: make([]int32, n)})
}

// Codes is a vector of integers that are there already, such as a weight of four bits a value. The graph reads them in place,
// like a Constant.
func (g *Graph) Codes(name string, values []int32) *Node {
	n := g.Ints(name, len(values))
	n.ints = values
	return n
}

// limit says which integers an operator accepts; SetInts checks, so that no kernel ever reads outside its slices.
func (n *Node) limit(reader string, low, high int, ignore bool) {
	if n == nil || n.ints == nil {
		return
	}
	if n.reader == "" {
		n.low, n.high, n.ignore, n.reader = int32(low), int32(high), ignore, reader
		return
	}
	if int32(high) < n.high || n.ignore && !ignore {
		n.reader = reader
	}
	n.low, n.high, n.ignore = max(n.low, int32(low)), min(n.high, int32(high)), n.ignore && ignore
}

// ErrGraded reports a second Grad on one graph, which gorgonia would answer with wrong gradients.
var ErrGraded = errors.New("graph: Grad was called before on this graph: build a new graph for other gradients")

// Grad adds the gradients of the scalar loss with respect to the nodes in wrt and returns them in that order, each with
// the shape of its node. It works once per graph.
func (g *Graph) Grad(loss *Node, wrt ...*Node) ([]*Node, error) {
	if g.err != nil {
		return nil, g.err
	}
	if g.graded {
		return nil, ErrGraded
	}
	if loss == nil || loss.graph != g {
		return nil, fmt.Errorf("graph: Grad: the loss %v belongs to another graph", loss)
	}
	if len(loss.shape) != 0 {
		return nil, fmt.Errorf("graph: Grad needs a scalar loss, %s has shape %v", loss.name, loss.shape)
	}
	reached := map[*Node]bool{}
	markMoving(loss, reached)
	if len(wrt) == 0 {
		return nil, fmt.Errorf("graph: Grad of %s: want at least one node to differentiate by", loss.name)
	}
	inputs := make(G.Nodes, len(wrt))
	for i, n := range wrt {
		switch {
		case n == nil || n.graph != g:
			return nil, fmt.Errorf("graph: Grad: %v belongs to another graph", n)
		case n.op != nil:
			return nil, fmt.Errorf("graph: Grad: %s is computed: gradients are of inputs and parameters", n)
		}
		if !reached[n] {
			return nil, fmt.Errorf("graph: Grad: %s does not reach the loss through differentiable inputs, so it has no gradient: leave it out or use it", n)
		}
		inputs[i] = n.n
	}
	g.graded = true
	found, err := G.Grad(loss.n, inputs...)
	if g.err != nil {
		return nil, g.err
	}
	if err != nil {
		return nil, fmt.Errorf("graph: Grad of %s: %w", loss.name, err)
	}
	grads := make([]*Node, len(found))
	for i, n := range found {
		grads[i] = g.wrap(n)
		if !slices.Equal(grads[i].shape, wrt[i].shape) {
			return nil, fmt.Errorf("graph: Grad: the gradient of %s has shape %v, want %v", wrt[i].name, grads[i].shape, wrt[i].shape)
		}
	}
	return grads, g.err
}

// markMoving marks what the gradient flows to.
func markMoving(n *Node, seen map[*Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	for i, in := range n.inputs {
		if differentiable(n.op, i, in) {
			markMoving(in, seen)
		}
	}
}

func mark(n *Node, seen map[*Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	for _, in := range n.inputs {
		mark(in, seen)
	}
}

// Reaches says whether a gradient of loss flows to n.
func (n *Node) Reaches(loss *Node) bool {
	seen := map[*Node]bool{}
	markMoving(loss, seen)
	return seen[n]
}

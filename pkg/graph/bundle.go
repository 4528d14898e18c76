package graph

import "fmt"

// bundleOp is an operator with several outputs. In the graph their values stand one after another in one vector, and each
// output is a view into it; a plan that reuses memory gives each a place of its own, from which it is freed by itself.
type bundleOp interface {
	Operator
	Parts(in []*Node) [][]int // the shapes of the outputs
}

// bundle applies an operator with several outputs.
func bundle(op bundleOp, in ...*Node) []*Node {
	all := apply(op, in...)
	if all.op == nil {
		return make([]*Node, len(in)) // Err has the reason
	}
	shapes := op.Parts(in)
	out := make([]*Node, len(shapes))
	offset := 0
	for i, shape := range shapes {
		out[i] = apply(&pickOp{offset, shape}, all)
		offset += (&Node{shape: shape}).size()
	}
	return out
}

// pickOp is the view of some values of a vector, with a shape.
type pickOp struct {
	offset int
	shape  []int
}

func (o *pickOp) Name() string { return "pick" }
func (o *pickOp) Shape(in []*Node) ([]int, error) {
	if end := o.offset + (&Node{shape: o.shape}).size(); end > in[0].size() {
		return nil, fmt.Errorf("values %d to %d of %d", o.offset, end, in[0].size())
	}
	return o.shape, nil
}
func (o *pickOp) Reference(out []float64, in []Value) { copy(out, in[0].Floats[o.offset:]) }

// Backward is not reached: bundles are made by derivatives only, and those are not differentiated again.
func (o *pickOp) Backward(in []*Node, _, _ *Node) []*Node {
	in[0].graph.fail("pick: second derivatives are not supported")
	return make([]*Node, 1)
}
func (o *pickOp) Bind(*Binding) (func(), error) { return nil, nil }

// noSecond is embedded by derivatives: they have no derivative of their own.
type noSecond struct{}

func (noSecond) Backward(in []*Node, _, _ *Node) []*Node {
	in[0].graph.fail("second derivatives are not supported")
	return make([]*Node, len(in))
}

func total(shapes [][]int) []int {
	n := 0
	for _, s := range shapes {
		n += (&Node{shape: s}).size()
	}
	return []int{n}
}

package graph

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Rotation describes rotary position embeddings (arXiv:2104.09864): heads in a row, positions 0 to Context-1.
type Rotation struct {
	Heads, Context int
	Base           float64
}

// RoPE turns each head of x (rows, heads·headDim) by the angle of its row's position, positions (rows) of Ints.
func RoPE(x, positions *Node, r Rotation) *Node { return RoPEFrom(x, positions, r, 0) }

// RoPEFrom is RoPE with positions that are counted from from on, as behind a prefix.
func RoPEFrom(x, positions *Node, r Rotation, from int) *Node {
	out := apply(ropeOp{r, from, false}, x, positions)
	positions.limit("rope", 0, r.Context, false)
	return out
}

type ropeOp struct {
	Rotation
	from    int
	inverse bool
}

func (ropeOp) Integers() int { return 1 }
func (ropeOp) Name() string  { return "rope" }
func (o ropeOp) Shape(in []*Node) ([]int, error) {
	x := in[0].shape
	if len(x) != 2 || in[1].ints == nil || in[1].shape[0] != x[0] {
		return nil, fmt.Errorf("want x (rows, heads·headDim) and Ints (rows), got %v and %v", x, in[1].shape)
	}
	if o.Heads <= 0 || o.Context <= 0 || o.from < 0 || o.Base <= 0 || x[1]%(2*o.Heads) != 0 {
		return nil, fmt.Errorf("rows of %d values, %+v: want heads of an even size, a positive context and base", x[1], o.Rotation)
	}
	return x, nil
}
func (o ropeOp) Reference(out []float64, in []Value) {
	positions := slices.Clone(in[1].Ints)
	for i := range positions {
		positions[i] += int32(o.from)
	}
	reference.RoPE(out, in[0].Floats, positions, o.Heads, in[0].Shape[1]/o.Heads, o.Base, o.inverse)
}
func (o ropeOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(ropeOp{o.Rotation, o.from, !o.inverse}, grad, in[1]), nil}
}
func (ropeOp) Overwrites(int) [][2]int { return [][2]int{{0, 0}} }

// rotary are the cosines and sines of a rotation: one table for all layers of a plan.
type rotary struct {
	context, dim, from int
	base               float64
}

func (r rotary) table(b *Binding) ([2]compute.Buffer, error) {
	if made, ok := b.Shared[r].([2]compute.Buffer); ok {
		return made, nil
	}
	var made [2]compute.Buffer
	cos, sin := compute.RotaryTable(r.from+r.context, r.dim, r.base)
	for i, values := range [][]float32{cos[r.from*r.dim/2:], sin[r.from*r.dim/2:]} {
		var err error
		if made[i], err = b.constant(values); err != nil {
			return made, err
		}
	}
	b.Shared[r] = made
	return made, nil
}

func (o ropeOp) Bind(b *Binding) (func(), error) {
	x := b.Nodes[0].shape
	dim := x[1] / o.Heads
	table, err := rotary{o.Context, dim, o.from, o.Base}.table(b)
	if err != nil {
		return nil, err
	}
	b.In = append(b.In, table[:]...)
	return b.bind(compute.RoPE{Rows: x[0], Heads: o.Heads, HeadDim: dim, Context: o.Context, Inverse: o.inverse})
}

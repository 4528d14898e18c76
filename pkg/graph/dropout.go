package graph

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Dropout sets each value of x to zero with probability rate and divides the others by 1−rate, so that the mean stays and
// evaluation needs no scaling (Srivastava et al., JMLR 15, 2014, section 10). key is Ints (3), filled with DropoutKey
// before each run: the mask is a function of seed, step, which of the graph's dropouts it is, and the value's index, drawn
// with Philox4x32-10 (Salmon et al., SC'11). Equal keys give equal masks with any number of workers, and the backward pass
// draws the mask again instead of keeping it. A rate of 0 adds nothing to the graph: x itself comes back.
func Dropout(x, key *Node, rate float64) *Node {
	g := home([]*Node{x, key})
	o := dropoutOp{rate, g.masks}
	if rate == 0 && x != nil && key != nil && g.err == nil {
		if _, err := o.Shape([]*Node{x, key}); err == nil && x.ints == nil && x.graph == key.graph {
			return x
		}
	}
	g.masks++
	return apply(o, x, key)
}

// DropoutKey is what a Dropout's key holds: the seed, and the step of training from 0 on. With a step below zero dropout
// is off and values pass as they are, at the price of a copy.
func DropoutKey(seed uint64, step int) []int32 { return compute.MaskKey(seed, step) }

type dropoutOp struct {
	rate  float64
	layer uint32
}

func (dropoutOp) Integers() int { return 1 }
func (dropoutOp) Name() string  { return "dropout" }
func (o dropoutOp) Shape(in []*Node) ([]int, error) {
	if in[1].ints == nil || in[1].shape[0] != 3 {
		return nil, fmt.Errorf("key: want 3 Ints, got %s %v", in[1].Op(), in[1].shape)
	}
	if !(o.rate >= 0 && o.rate < 1) {
		return nil, fmt.Errorf("rate %g: want at least 0 and below 1", o.rate)
	}
	return in[0].shape, nil
}
func (o dropoutOp) Reference(out []float64, in []Value) {
	seed, step, on := compute.Mask(in[1].Ints)
	if !on {
		copy(out, in[0].Floats)
		return
	}
	reference.Dropout(out, in[0].Floats, seed, step, o.layer, o.rate)
}
func (o dropoutOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(o, grad, in[1]), nil}
}
func (o dropoutOp) Bind(b *Binding) (func(), error) {
	return b.bind(compute.Dropout{N: b.Nodes[0].size(), Rate: o.rate, Layer: o.layer})
}

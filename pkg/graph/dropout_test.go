package graph

import (
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
)

// One plan serves all steps: another key is another mask, the same key the same one, and the backward pass has the mask of
// its forward pass. Two dropouts of one graph have masks of their own.
func TestDropoutFollowsItsKey(t *testing.T) {
	const n = 200
	for _, device := range devices(t) {
		g := New()
		x, key := g.Param("x", compute.New(n)), g.Ints("key", 3)
		for i := range x.floats {
			x.floats[i] = 1
		}
		first, second := Dropout(x, key, 0.5), Dropout(x, key, 0.5)
		grads, err := g.Grad(Mean(first), x)
		if err != nil {
			t.Fatal(err)
		}
		m, err := g.Compile(Options{Device: device}, first, second, grads[0])
		if err != nil {
			t.Fatal(err)
		}
		at := func(seed uint64, step int) [][]float32 {
			if err := m.SetInts(key, DropoutKey(seed, step)); err != nil {
				t.Fatal(err)
			}
			return rerun(t, m, first, second, grads[0])
		}
		one := at(1, 0)
		if slices.Equal(one[0], one[1]) {
			t.Error("two dropouts of one graph have the same mask")
		}
		for i, v := range one[0] {
			if v != 0 && v != 2 || one[2][i] != v/n {
				t.Fatalf("value %d is %g and its gradient %g", i, v, one[2][i])
			}
		}
		for name, other := range map[string][][]float32{"step": at(1, 1), "seed": at(2, 0), "the upper half of the seed": at(1|1<<32, 0), "the last step": at(1, 1<<31-1)} {
			if slices.Equal(one[0], other[0]) {
				t.Errorf("another %s has the same mask", name)
			}
		}
		if again := at(1, 0); !slices.Equal(one[0], again[0]) || !slices.Equal(one[1], again[1]) {
			t.Error("the same key has another mask")
		}
		if off := at(1, -5); !slices.Equal(off[0], x.floats) || slices.ContainsFunc(off[2], func(v float32) bool { return v != float32(1)/n }) {
			t.Error("a step below zero does not switch dropout off")
		}
	}
	g := New()
	x := g.Input("x", 3)
	if Dropout(x, g.Ints("key", 3), 0) != x || g.Err() != nil {
		t.Error("a rate of zero is a step of the plan")
	}
}

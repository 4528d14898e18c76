package graph

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// A chain of operators that may work in place needs one place, and gives what a machine gives that keeps every value. A value
// that is read again stays.
func TestOverwrite(t *testing.T) {
	const rows, dim = 12, 8
	chain := func(again bool) (*bench, *Node) {
		b := &bench{g: New(), rng: rand.New(rand.NewPCG(3, 5)), ints: map[*Node][]int32{}}
		x, w := b.x(rows, dim), b.x(dim, dim)
		first := Linear(x, w, nil)
		turned := RoPE(first, b.integers(b.some(rows, 9)...), Rotation{Heads: 2, Context: 9, Base: 100})
		out := Scale(Add(turned, Scale(x, 3)), 0.5)
		if again {
			out = Add(out, Scale(first, 2))
		}
		return b, out
	}
	value := func(again bool, mode Mode) ([]float32, Plan) {
		b, out := chain(again)
		m, err := b.g.Compile(Options{Mode: mode, Unfused: true}, out)
		if err != nil {
			t.Fatal(err)
		}
		m.poison()
		for n, v := range b.ints {
			if err := m.SetInts(n, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		v, err := m.Value(out)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Clone(v.Data), m.Plan()
	}
	for again, places := range map[bool]int{false: 2, true: 3} {
		got, plan := value(again, Train)
		want, _ := value(again, Inspect)
		if !slices.Equal(got, want) {
			t.Errorf("read again %v: %v in place, %v apart", again, got, want)
		}
		// The product, turned, summed and scaled, is one; the other term of the sum another.
		if one := 4 * rows * dim; plan.Arena != places*one {
			t.Errorf("read again %v: an arena of %d bytes, want %d places of %d", again, plan.Arena, places, one)
		}
	}
}

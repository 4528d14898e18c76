package graph

import (
	"context"
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// stock runs the graph on gorgonia's own TapeMachine, which calls each operator's reference and its own additions.
func (g *Graph) stock(t *testing.T, outputs ...*Node) [][]float32 {
	t.Helper()
	read := make([]G.Value, len(outputs))
	for i, n := range outputs {
		G.Read(n.n, &read[i])
	}
	for _, n := range g.nodes {
		var err error
		switch {
		case n.op != nil || n.n.Value() != nil: // computed, or gorgonia's own constant
			continue
		case n.ints != nil:
			err = G.Let(n.n, tensor.New(tensor.WithShape(n.shape...), tensor.WithBacking(slices.Clone(n.ints))))
		case len(n.shape) == 0:
			err = G.Let(n.n, n.floats[0])
		default:
			err = G.Let(n.n, tensor.New(tensor.WithShape(n.shape...), tensor.WithBacking(slices.Clone(n.floats))))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	vm := G.NewTapeMachine(g.g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	out := make([][]float32, len(read))
	for i, v := range read {
		switch data := v.Data().(type) {
		case []float32:
			out[i] = data
		case float32:
			out[i] = []float32{data}
		default:
			t.Fatalf("%v holds %T", outputs[i], data)
		}
	}
	return out
}

// The whole decoder, loss and all gradients, on gorgonia's machine and on ours. Both round each value to float32; a
// value passes some 40 operators with sums of at most 40 terms, so they may differ by 40·(40+8)·2⁻²⁴ ≈ 1e-4 of the
// largest value.
func TestDecoderMeetsStockMachine(t *testing.T) {
	build := func() (*decoder, []*Node) {
		d := newDecoder(t, 8)
		grads, err := d.g.Grad(d.loss, d.params...)
		if err != nil {
			t.Fatal(err)
		}
		return d, append(grads, d.loss)
	}
	theirs, outputs := build()
	m, err := theirs.g.Compile(Options{}, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	theirs.feed(t, m)
	want := theirs.g.stock(t, outputs...)

	for _, device := range devices(t) {
		for _, mode := range []Mode{Train, Inspect} {
			ours, outputs := build() // a fresh graph: stock left values in the other
			m, err := ours.g.Compile(Options{Device: device, Mode: mode}, outputs...)
			if err != nil {
				t.Fatal(err)
			}
			ours.feed(t, m)
			m.poison()
			if err := m.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			for i, n := range outputs {
				v, err := m.Value(n)
				if err != nil {
					t.Fatal(err)
				}
				size := 0.0
				for _, x := range want[i] {
					size = math.Max(size, math.Abs(float64(x)))
				}
				if size == 0 {
					t.Fatalf("output %d is all zeros: nothing is compared", i)
				}
				for j, x := range v.Data {
					if !(math.Abs(float64(x-want[i][j])) <= 40*48*0x1p-24*size) {
						t.Fatalf("%v: output %d %v[%d] = %g, the stock machine has %g", device, i, n, j, x, want[i][j])
					}
				}
			}
		}
	}
}

// Every specimen on the stock machine: the derivative that gorgonia made of it is the one that we run.
func TestStockMachineMeetsReference(t *testing.T) {
	for _, s := range catalog() {
		t.Run(s.String(), func(t *testing.T) {
			x := s.trial(t)
			want := slow(nil, x.all()...)
			got := x.g.stock(t, x.all()...)
			for i, n := range x.all() {
				for j, v := range got[i] {
					if allowed := far(s.terms+x.out.size(), largest(want[n])); !(math.Abs(float64(v)-want[n][j]) <= allowed) {
						t.Fatalf("%v[%d] = %g, want %g", n, j, v, want[n][j])
					}
				}
			}
		})
	}
}

package graph

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func (m *Machine) ops() []string {
	var ops []string
	for _, s := range m.steps {
		ops = append(ops, s.node.Op())
	}
	return ops
}

// place is where the value of a node begins.
func (m *Machine) place(n *Node) *float32 {
	if other, ok := m.stands[n]; ok {
		n = other
	}
	return &hostFloats(m.memory[n])[0]
}

// Which sums become part of a product, and which of those grow where one of their terms lies.
func TestFuse(t *testing.T) {
	const rows, dim = 20, 16
	type made struct {
		sum, term *Node // term: what may be overwritten
		outputs   []*Node
	}
	for name, c := range map[string]struct {
		build   func(b *bench) made
		ops     string
		inPlace bool
	}{
		"first": {func(b *bench) made {
			r := Scale(b.x(rows, dim), 2)
			return made{Add(Linear(b.x(rows, 8), b.x(dim, 8), nil), r), r, nil}
		}, "scale linear+add", true},
		"second": {func(b *bench) made {
			r := Scale(b.x(rows, dim), 2)
			return made{Add(r, Linear(b.x(rows, 8), b.x(dim, 8), b.x(dim))), r, nil}
		}, "scale linear+add", true},
		"a parameter": {func(b *bench) made {
			r := b.x(rows, dim)
			return made{Add(r, Linear(b.x(rows, 8), b.x(dim, 8), nil)), r, nil}
		}, "linear+add", false},
		"two products": {func(b *bench) made {
			r := Linear(b.x(rows, 8), b.x(dim, 8), nil)
			return made{Add(Linear(b.x(rows, 5), b.x(dim, 5), nil), r), r, nil}
		}, "linear linear+add", true},
		"three products": {func(b *bench) made {
			r := Linear(b.x(rows, 8), b.x(dim, 8), nil)
			r2 := Linear(b.x(rows, 8), b.x(dim, 8), nil)
			return made{Add(Add(r, r2), Linear(b.x(rows, 5), b.x(dim, 5), nil)), r, nil}
		}, "linear linear+add linear+add", true},
		"the product is asked for": {func(b *bench) made {
			y := Linear(b.x(rows, 8), b.x(dim, 8), nil)
			return made{Add(b.x(rows, dim), y), y, []*Node{y}}
		}, "linear add", false},
		"the product is read twice": {func(b *bench) made {
			y := Linear(b.x(rows, 8), b.x(dim, 8), nil)
			return made{Add(Scale(y, 3), y), y, nil}
		}, "linear scale add", false},
		"the product and itself": {func(b *bench) made {
			y := Linear(b.x(rows, 8), b.x(dim, 8), nil)
			return made{Add(y, y), y, nil}
		}, "linear add", false},
		"the other term is asked for": {func(b *bench) made {
			r := Scale(b.x(rows, dim), 2)
			return made{Add(r, Linear(b.x(rows, 8), b.x(dim, 8), nil)), r, []*Node{r}}
		}, "scale linear+add", false},
		"the other term is read later": {func(b *bench) made {
			r := Scale(b.x(rows, dim), 2)
			sum := Add(r, Linear(b.x(rows, 8), b.x(dim, 8), nil))
			return made{sum, r, []*Node{Scale(r, 5)}}
		}, "scale linear+add scale", false},
		"the other term is multiplied": {func(b *bench) made {
			r := Scale(b.x(rows, dim), 2)
			return made{Add(r, Linear(r, b.x(dim, dim), nil)), r, nil}
		}, "scale linear+add", false},
		"the other term comes later": {func(b *bench) made {
			y := Linear(b.x(rows, 8), b.x(dim, 8), nil)
			r := Scale(b.x(rows, dim), 2)
			return made{Add(y, r), r, nil}
		}, "scale linear+add", true},
	} {
		b, _ := newBench(specimen{build: func(b *bench) *Node { return nil }})
		made := c.build(b)
		if err := b.g.Err(); err != nil {
			t.Fatal(name, err)
		}
		outputs := append(made.outputs, made.sum)
		for _, d := range devices(t) {
			m, err := b.g.Compile(Options{Device: d}, outputs...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(m.ops(), " "); got != c.ops {
				t.Errorf("%s: steps %q, want %q", name, got, c.ops)
			}
			if made.term != nil && !slices.Contains(strings.Fields(c.ops), "add") && (m.place(made.sum) == m.place(made.term)) != c.inPlace {
				t.Errorf("%s: in place: %v, want %v", name, !c.inPlace, c.inPlace)
			}
			m.poison()
			want := slow(nil, outputs...)
			for i, got := range rerun(t, m, outputs...) {
				for j, v := range got {
					if w := want[outputs[i]][j]; !(math.Abs(float64(v)-w) <= far(dim, largest(want[outputs[i]]))) {
						t.Fatalf("%s on %v: %v[%d] is %g, want %g", name, d, outputs[i], j, v, w)
					}
				}
			}
		}
	}
}

// follow computes a plan's own nodes in float64.
func follow(m *Machine) map[*Node][]float64 {
	memory := map[*Node][]float64{}
	var value func(n *Node) []float64
	value = func(n *Node) []float64 {
		if n.op == nil {
			return widen(n.floats)
		}
		if memory[n] == nil {
			in := make([]Value, len(n.inputs))
			for i, from := range n.inputs {
				in[i] = Value{Shape: from.shape, Floats: value(from), Ints: from.ints}
			}
			memory[n] = make([]float64, n.size())
			n.op.Reference(memory[n], in)
		}
		return memory[n]
	}
	for n := range m.memory {
		value(n)
	}
	return memory
}

// A decoder has no sum left by itself, forward or backward: each has become part of the operator before it. What the fused
// operators say they compute is what the graph says, to the precision of float64, and they compute it as exactly as apart.
func TestFusedDecoder(t *testing.T) {
	for _, device := range devices(t) {
		d, outputs := trained(t, 21)
		fused, apart := d.compile(t, Options{Device: device}, outputs...), d.compile(t, Options{Device: device, Unfused: true}, outputs...)
		if ops := apart.ops(); !slices.Contains(ops, "add") || slices.ContainsFunc(ops, func(op string) bool { return strings.Contains(op, "+") }) {
			t.Errorf("unfused steps: %v", ops)
		}
		count := map[string]int{}
		for _, op := range fused.ops() {
			count[op]++
		}
		// Of each of two layers: two skips forward and two backward; q, k and v, and gate and up, meet at a norm's output.
		want := map[string]int{"linear+add": 4, "rmsnorm.back+add": 4, "linear.dx+add": 6, "embedding.dtable+add": 1, "cross-entropy+dx+dw": 1, "add": 0, "cross-entropy": 0, "cross-entropy.dx": 0}
		for op, n := range want {
			if count[op] != n {
				t.Errorf("%d steps %s, want %d: %v", count[op], op, n, fused.ops())
			}
		}
		fused.poison()
		got, plain := rerun(t, fused, outputs...), rerun(t, apart, outputs...)
		exact, said := slow(nil, outputs...), follow(fused)
		for i, n := range outputs {
			at := n
			if other, ok := fused.stands[n]; ok {
				at = other
			}
			size, off, offApart := largest(exact[n]), 0., 0.
			for j, v := range exact[n] {
				off, offApart = math.Max(off, math.Abs(float64(got[i][j])-v)), math.Max(offApart, math.Abs(float64(plain[i][j])-v))
				if s := said[at][j]; math.Abs(s-v) > 1e-12*size {
					t.Fatalf("%v: the fused operators say %v[%d] is %.15g, the graph says %.15g", device, n, j, s, v)
				}
			}
			// A value passes some 40 operators, as in TestDecoderMeetsStockMachine; the other order of sums adds a few roundings.
			if off > offApart+8*0x1p-24*size || off > 40*48*0x1p-24*size {
				t.Errorf("%v: %v is off by %.2g, apart by %.2g, of values up to %g", device, n, off, offApart, size)
			}
		}
	}
}

// A loss that something scales keeps its derivative apart, which scales, too.
func TestScaledLossStaysApart(t *testing.T) {
	for _, factor := range []float64{1, 3} {
		d := newDecoder(t, 22)
		loss := d.loss
		if factor != 1 {
			loss = Scale(loss, factor)
		}
		grads, err := d.g.Grad(loss, d.params...)
		if err != nil {
			t.Fatal(err)
		}
		m := d.compile(t, Options{}, append(grads, loss, d.loss)...)
		if both := slices.Contains(m.ops(), "cross-entropy+dx+dw"); both != (factor == 1) {
			t.Errorf("factor %g: %v", factor, m.ops())
		}
		exact := slow(nil, append(grads, d.loss)...)
		for i, got := range rerun(t, m, grads...) {
			for j, v := range exact[grads[i]] {
				if math.Abs(float64(got[j])-v) > 40*48*0x1p-24*largest(exact[grads[i]]) {
					t.Fatalf("factor %g: gradient of %v [%d] is %g, want %g", factor, d.params[i], j, got[j], v)
				}
			}
		}
		if v, err := m.Scalar(d.loss); err != nil || math.Abs(v-exact[d.loss][0]) > 1e-5*v {
			t.Errorf("factor %g: the loss is %g, want %g (%v)", factor, v, exact[d.loss][0], err)
		}
	}
}

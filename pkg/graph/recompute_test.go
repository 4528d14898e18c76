package graph

import (
	"slices"
	"strings"
	"testing"
)

// Every gradient has the same bits whether what is inside of the blocks is kept or computed again, fused or not.
func TestRecomputeChangesNoBit(t *testing.T) {
	for _, device := range devices(t) {
		for _, unfused := range []bool{false, true} {
			d, outputs := trained(t, 31)
			for _, n := range d.blocks {
				n.Keep()
			}
			o := Options{Device: device, Unfused: unfused}
			kept := d.compile(t, o, outputs...)
			o.Recompute = true
			again := d.compile(t, o, outputs...)
			again.poison()
			want, got := rerun(t, kept, outputs...), rerun(t, again, outputs...)
			for i := range outputs {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("%v, unfused %v: output %d is %v, without recomputing %v", device, unfused, i, got[i], want[i])
				}
			}
			if len(again.steps) == len(kept.steps) {
				t.Errorf("unfused %v: nothing is computed again", unfused)
			}
		}
	}
}

// The plan names what is computed again: all of the first layer that the backward pass reads, and nothing of the last, where
// it begins. Without marks, or in a plan without a backward pass, there is nothing.
func TestRecomputedSteps(t *testing.T) {
	d, outputs := trained(t, 32)
	recomputed := func(o Options, outputs ...*Node) (ops []string) {
		m := d.compile(t, o, outputs...)
		for _, s := range m.Plan().Steps {
			if name, found := strings.CutSuffix(s.Name, again); found {
				ops = append(ops, s.Op)
				if !slices.ContainsFunc(m.Plan().Steps, func(first PlanStep) bool { return first.Name == name && first.FLOPs == s.FLOPs }) {
					t.Errorf("%s is not there a first time", name)
				}
			}
		}
		return ops
	}
	if ops := recomputed(Options{Recompute: true}, outputs...); ops != nil {
		t.Errorf("%v without marks", ops)
	}
	for _, n := range d.blocks {
		n.Keep()
	}
	got := recomputed(Options{Recompute: true}, outputs...)
	slices.Sort(got)
	// Norm, q, k, v and their rotations, attention, the product that adds to the stream, norm, gate, up and what they give.
	want := strings.Fields("attention linear linear linear linear linear linear+add rmsnorm rmsnorm rope rope swiglu")
	if !slices.Equal(got, want) {
		t.Errorf("%v are computed again, want %v", got, want)
	}
	for name, ops := range map[string][]string{
		"the loss alone": recomputed(Options{Recompute: true}, d.loss),
		"inspect":        recomputed(Options{Recompute: true, Mode: Inspect}, outputs...),
		"not asked for":  recomputed(Options{}, outputs...),
	} {
		if ops != nil {
			t.Errorf("%s: %v", name, ops)
		}
	}
}

// Without recomputing, twelve layers need all that is inside of them at the end of the forward pass. With it, they need what
// lies between them and one layer's inside; towards the end of the backward pass, the weights' gradients take the place of
// what lies between. Inside a layer with B·T rows of D values are the two norms, q, k, v, attention and the stream after it
// (7·D), gate, up and their product (3·F); their gradients take as much again at most.
func TestRecomputeSavesMemory(t *testing.T) {
	const rows, D, F, layers, V = 1024, 64, 192, 12, 512
	build := func(o Options) Plan {
		g, outputs := stack(t, rows, D, F, layers)
		m, err := g.Compile(o, outputs...)
		if err != nil {
			t.Fatal(err)
		}
		return m.Plan()
	}
	whole, less := build(Options{}), build(Options{Recompute: true})
	inside, between, weights := 4*rows*(7*D+3*F), 4*rows*D, 4*(V*D+layers*(4*D*D+3*D*F+2*D))
	t.Logf("arena %d bytes, %d with recomputing; a layer has %d inside and %d before it, all weights have %d", whole.Arena, less.Arena, inside, between, weights)
	if want := layers * (inside + between); whole.Arena < want {
		t.Errorf("an arena of %d bytes has no room for %d of values", whole.Arena, want)
	}
	if least, most := layers*between+inside, max(layers*between, weights)+2*inside; less.Arena < least || less.Arena > most {
		t.Errorf("an arena of %d bytes with recomputing, want %d to %d", less.Arena, least, most)
	}
	// All products of the forward pass but the last layer's and every other layer's last one, once more.
	product := func(in, out int) float64 { return 2 * rows * float64(in) * float64(out) }
	attention := 2 * float64(rows) * 64 * D // scores and their use, half of each hidden
	if got, want := less.FLOPs()-whole.FLOPs(), (layers-1)*(4*product(D, D)+2*product(D, F)+attention); got != want {
		t.Errorf("%g FLOPs more, want %g", got, want)
	}
}

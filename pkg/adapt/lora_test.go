package adapt_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
)

// family are all techniques of low rank, and IA3, on a small model.
var family = []adapt.Adaptation{
	adapt.LoRA{}, adapt.LoRA{Rank: 3, Alpha: 6, On: []string{adapt.AllLinear}, Dropout: 0.3}, adapt.LoRA{Rank: 4, RSLoRA: true},
	adapt.LoRA{Rank: 4, DoRA: true, On: []string{"q_proj", "down_proj"}}, adapt.LoRA{Rank: 4, LoRAPlus: 16},
	adapt.LoRA{Rank: 4, PiSSA: true}, adapt.LoRA{Rank: 2, PiSSA: true, DoRA: true}, adapt.IA3{},
}

// drawn gives everything that was added other values, as training does.
func drawn(t *adapt.Attached, seed uint64) *adapt.Attached {
	rng := rand.New(rand.NewPCG(seed, 9))
	for _, name := range t.Added.Names() {
		for i, x := 0, t.Tensor(name).Data; i < len(x); i++ {
			x[i] += float32(0.1 * rng.NormFloat64())
		}
	}
	return t
}

var sentences = [][]int{{1, 9, 30, 31, 32, 7}, {1, 40, 41}, {1, 5, 90, 33, 21, 60, 12, 4}}

// apart is the largest difference of two lists of logits.
func gap(t *testing.T, a, b []*compute.Tensor) (largest float64) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d sequences and %d", len(a), len(b))
	}
	for i := range a {
		if !slices.Equal(a[i].Shape, b[i].Shape) {
			t.Fatalf("shapes %v and %v", a[i].Shape, b[i].Shape)
		}
		for j, v := range a[i].Data {
			if d := math.Abs(float64(v - b[i].Data[j])); !(d <= largest) {
				largest = d
			}
		}
	}
	return largest
}

func logits(t *testing.T, x *adapt.Attached, sequences ...[]int) []*compute.Tensor {
	t.Helper()
	out, err := x.Logits(context.Background(), sequences...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func plainLogits(t *testing.T, m *model.Model) []*compute.Tensor {
	t.Helper()
	return logits(t, adapt.Must(adapt.Attach(m, adapt.Full())), sentences...)
}

// Fresh, no bit of the output changes (PiSSA to rounding); as training leaves it, it does, and folded in it gives the same; a
// batch is what each sequence is alone; the base keeps its bits, and is what unmerging gives.
func TestFamilyKeepsItsPromises(t *testing.T) {
	for _, biased := range []bool{false, true} {
		base := small(true)
		if biased {
			if err := base.AddBiases(); err != nil {
				t.Fatal(err)
			}
			for _, name := range base.Params.Names() {
				if strings.HasSuffix(name, ".bias") {
					base.Params.Get(name).Data[1] = 0.5
				}
			}
		}
		before, want := base.Hash(), plainLogits(t, base)
		for _, a := range family {
			x := adapt.Must(adapt.Attach(base, a, adapt.Run{Seed: 3}))
			limit := 0.0
			if l, ok := a.(adapt.LoRA); ok && l.PiSSA {
				limit = 1e-6
			}
			if d := gap(t, logits(t, x, sentences...), want); d > limit {
				t.Errorf("%v: fresh, it changes logits by %g", a, d)
			}
			tuned := logits(t, drawn(x, 1), sentences...)
			if d := gap(t, tuned, want); d < 1e-4 {
				t.Errorf("%v: changed, it moves logits by %g only", a, d)
			}
			merged, err := x.Merged()
			if err != nil {
				t.Fatal(err)
			}
			if d := gap(t, plainLogits(t, merged), tuned); d > 1e-4 {
				t.Errorf("%v: merged, logits differ by %g", a, d)
			}
			for i, s := range sentences {
				if d := gap(t, logits(t, x, s), tuned[i:i+1]); d > 1e-5 {
					t.Errorf("%v: sequence %d alone differs by %g", a, i, d)
				}
			}
			if base.Hash() != before || x.Unmerged().Hash() != before {
				t.Errorf("%v changed the base", a)
			}
		}
	}
}

// What was trained is saved without the base and gives the same logits when it is put on it again, bit for bit.
func TestFamilySaves(t *testing.T) {
	ctx, base := context.Background(), small(true)
	for _, a := range append(slices.Clone(family), adapt.QLoRA{}) {
		dir := filepath.Join(t.TempDir(), "saved")
		x := drawn(adapt.Must(adapt.Attach(base, a, adapt.Run{Seed: 3})), 1)
		if err := x.Save(ctx, dir); err != nil {
			t.Fatal(err)
		}
		again, err := adapt.Load(ctx, dir, base, a)
		if err != nil {
			t.Fatal(err)
		}
		if d := gap(t, logits(t, x, sentences...), logits(t, again, sentences...)); d != 0 {
			t.Errorf("%v: loaded, it differs by %g", a, d)
		}
	}
}

// Four bits a weight: the fresh model is the one with rounded weights, merged equals unmerged, and the weights in float32 are
// gone until they are asked for.
func TestQLoRAHoldsFourBits(t *testing.T) {
	base := small(true)
	rounded := base.Clone()
	for _, name := range rounded.Params.Names() {
		if w := rounded.Params.Get(name); strings.HasSuffix(name, "_proj.weight") {
			codes, scales := compute.QuantizeNF4(w.Data)
			compute.DequantizeNF4(w.Data, codes, scales, 0)
		}
	}
	for _, a := range []adapt.QLoRA{{}, {LoRA: adapt.LoRA{On: []string{"q_proj"}}}, {LoRA: adapt.LoRA{DoRA: true, Rank: 2}}} {
		x := adapt.Must(adapt.Attach(base, a))
		if d := gap(t, logits(t, x, sentences...), plainLogits(t, rounded)); d > 1e-5 {
			t.Errorf("%v: fresh, it is %g from the rounded base", a, d)
		}
		if n := x.Model.Params.Get("model.layers.0.mlp.up_proj.weight").Len(); n != 0 {
			t.Errorf("%v: a weight has %d values in float32", a, n)
		}
		if _, err := x.Model.Logits(context.Background(), sentences[0]); !errors.Is(err, model.ErrHollow) {
			t.Errorf("%v: writing with the run's model: %v", a, err)
		}
		if x.Count() != base.Count()+x.Trainable() {
			t.Errorf("%v: counts %d parameters, want the base's %d and what was added", a, x.Count(), base.Count())
		}
		merged, err := drawn(x, 2).Merged()
		if err != nil {
			t.Fatal(err)
		}
		if d := gap(t, plainLogits(t, merged), logits(t, x, sentences...)); d > 1e-4 {
			t.Errorf("%v: merged, logits differ by %g", a, d)
		}
		if x.Model.Params.Get("model.layers.0.mlp.up_proj.weight").Len() != 0 {
			t.Errorf("%v: merging widened the run's own weights", a)
		}
	}
	if _, err := adapt.Attach(base, adapt.QLoRA{LoRA: adapt.LoRA{PiSSA: true}}); err == nil || !strings.Contains(err.Error(), "choose one") {
		t.Errorf("with PiSSA: %v", err)
	}
}

// Sum of squares of a rank: what LoRA adds has the rank it says, and PiSSA's parts are the largest singular values of the
// weight, whose product with the rest is smallest (Eckart and Young): no other matrix of that rank is nearer.
func TestPiSSATakesTheLargestPart(t *testing.T) {
	base := small(true)
	x := adapt.Must(adapt.Attach(base, adapt.LoRA{Rank: 4, PiSSA: true, On: []string{"up_proj"}}))
	const name = "model.layers.1.mlp.up_proj"
	was, rest := base.Params.Get(name+".weight"), x.Model.Params.Get(name+".weight")
	a, b := x.Tensor(name+".lora_A.weight"), x.Tensor(name+".lora_B.weight")
	size := func(x []float32) (sum float64) {
		for _, v := range x {
			sum += float64(v) * float64(v)
		}
		return sum
	}
	// The parts are orthogonal: their squares add up.
	if whole, left := size(was.Data), size(rest.Data); left >= whole {
		t.Errorf("the rest has %g of %g", left, whole)
	} else {
		part := make([]float32, len(was.Data))
		for o := range wide {
			for i := range dim {
				for k := range 4 {
					part[o*dim+i] += 4 * b.Data[o*4+k] * a.Data[k*dim+i] // α/r is 16/4
				}
				if d := part[o*dim+i] + rest.Data[o*dim+i] - was.Data[o*dim+i]; math.Abs(float64(d)) > 1e-6 {
					t.Fatalf("parts of [%d %d] do not add up: off by %g", o, i, d)
				}
			}
		}
		if got := size(part) + left; math.Abs(got-whole) > 1e-4*whole {
			t.Errorf("squares %g and %g of the parts, %g of the whole: want a sum", size(part), left, whole)
		}
		// Power iteration on the rest finds no more than the smallest that was taken.
		taken := math.Inf(1)
		for k := range 4 {
			var u, v float64
			for o := range wide {
				u += float64(b.Data[o*4+k]) * float64(b.Data[o*4+k])
			}
			for i := range dim {
				v += float64(a.Data[k*dim+i]) * float64(a.Data[k*dim+i])
			}
			taken = min(taken, 4*math.Sqrt(u*v))
		}
		v := make([]float64, dim)
		for i := range v {
			v[i] = 1 + float64(i%3)
		}
		var top float64
		for range 200 {
			u, next := make([]float64, wide), make([]float64, dim)
			for o := range wide {
				for i := range dim {
					u[o] += float64(rest.Data[o*dim+i]) * v[i]
				}
			}
			var norm float64
			for i := range dim {
				for o := range wide {
					next[i] += float64(rest.Data[o*dim+i]) * u[o]
				}
				norm += next[i] * next[i]
			}
			top = math.Sqrt(math.Sqrt(norm))
			for i := range v {
				v[i] = next[i] / math.Sqrt(norm)
			}
		}
		if top > taken*(1+1e-3) {
			t.Errorf("a singular value of %g was left, the smallest taken is %g", top, taken)
		}
	}
}

func TestLoRARefuses(t *testing.T) {
	for _, c := range []struct {
		a    adapt.Adaptation
		is   error
		says []string
	}{
		{adapt.LoRA{On: []string{"q"}}, adapt.ErrNoMatch, []string{`"q"`, "near are q_proj,", `"all-linear" for all`}},
		{adapt.LoRA{On: []string{"q_proj", "mlp.up_prj"}}, adapt.ErrNoMatch, []string{"near are model.layers.*.mlp.up_proj,"}},
		{adapt.LoRA{On: []string{"*.attention.*"}}, adapt.ErrNoMatch, []string{"near are"}},
		{adapt.LoRA{On: []string{"lm_head"}}, adapt.ErrNoMatch, []string{"no layers of a block"}},
		{adapt.LoRA{On: []string{"input_layernorm"}}, adapt.ErrNoMatch, []string{"Norms moves them"}},
		{adapt.LoRA{On: []string{"[q"}}, nil, []string{"needs its ]"}},
		{adapt.LoRA{Rank: -1}, nil, []string{"LoRA.Rank is -1", "0 for 8"}},
		{adapt.LoRA{Rank: 17}, nil, []string{"rank 17 on model.layers.0.self_attn.q_proj, whose weight is 16 × 16: want 1 to 16"}},
		{adapt.LoRA{Rank: 9, PiSSA: true}, nil, []string{"rank 9 on model.layers.0.self_attn.v_proj, whose weight is 8 × 16: want 1 to 8"}},
		{adapt.LoRA{Alpha: -2}, nil, []string{"LoRA.Alpha is -2", "alpha over rank"}},
		{adapt.LoRA{Alpha: math.NaN()}, nil, []string{"LoRA.Alpha"}},
		{adapt.LoRA{Dropout: 1}, nil, []string{"LoRA.Dropout is 1", "below 1"}},
		{adapt.LoRA{LoRAPlus: -1}, nil, []string{"LoRAPlus"}},
		{adapt.LoRA{Ranks: map[string]int{"k_proj": 4}}, adapt.ErrNoMatch, []string{"LoRA.Ranks", "near are"}},
		{adapt.LoRA{Ranks: map[string]int{"q_proj": 0}}, nil, []string{"rank 0"}},
		{adapt.LoRA{Alphas: map[string]float64{"q_proj": -1}}, nil, []string{"alpha -1 on model.layers.0"}},
		{adapt.IA3{On: []string{"key"}}, adapt.ErrNoMatch, []string{`"key"`}},
		{adapt.IA3{On: []string{"down_proj"}}, nil, []string{"not both"}},
		{adapt.QLoRA{LoRA: adapt.LoRA{Rank: 100}}, nil, []string{"want 1 to"}},
	} {
		_, err := adapt.Attach(small(true), c.a)
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%v: %v, want %v", c.a, err, c.is)
			continue
		}
		for _, s := range append(c.says, "adapt: ") {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%v: %q does not say %q", c.a, err, s)
			}
		}
	}
}

// A cell shows what matched, ranks, the effective scale and the share that moves; settings that differ read differently.
func TestLoRACard(t *testing.T) {
	x := adapt.Must(adapt.Attach(small(true), adapt.LoRA{Rank: 4, On: []string{"q_proj", "v_proj"}, Ranks: map[string]int{"model.layers.2.*v_proj": 2}}))
	var rows []string
	for _, r := range x.Table().Rows {
		rows = append(rows, strings.Join(r, "|"))
	}
	trained := 3*4*(16+16) + 2*4*(16+8) + 2*(16+8)
	want := []string{
		fmt.Sprintf("model.layers.*.self_attn.q_proj|3|16 × 16|4|16|4|%d|50.0%%", 3*4*32),
		fmt.Sprintf("model.layers.*.self_attn.v_proj|2|8 × 16|4|16|4|%d|75.0%%", 2*4*24),
		fmt.Sprintf("model.layers.*.self_attn.v_proj|1|8 × 16|2|16|8|%d|37.5%%", 2*24),
		fmt.Sprintf("all|6|||||%d|%.1f%% of the model", trained, 100*float64(trained)/float64(x.Count())),
	}
	if !slices.Equal(rows, want) {
		t.Errorf("%q\nwant\n%q", rows, want)
	}
	if h := x.HTML(); !strings.Contains(h, "effective scale") || !strings.Contains(h, "lora of rank 4 and alpha 16 on q_proj, v_proj; rank 2 on model.layers.2.*v_proj") {
		t.Errorf("%s", h)
	}
	if s := adapt.Must(adapt.Attach(small(true), adapt.LoRA{Rank: 4, RSLoRA: true})).Layers[0].Scale; s != 8 { // 16/√4
		t.Errorf("rsLoRA scales by %g", s)
	}
	seen := map[string]bool{}
	for _, a := range append(slices.Clone(family), adapt.QLoRA{}, adapt.LoRA{Alpha: 8}, adapt.LoRA{Dropout: 0.1}, adapt.LoRA{LoRAPlus: 4}, adapt.LoRA{Ranks: map[string]int{"q_proj": 4}}, adapt.LoRA{Alphas: map[string]float64{"q_proj": 4}}) {
		if seen[a.String()] {
			t.Errorf("%q: another adaptation says the same", a)
		}
		seen[a.String()] = true
	}
}

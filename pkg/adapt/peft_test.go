package adapt_test

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
)

// Logits, loss and gradients of every variant are PEFT's, and so are loss, logits and merged weights after three steps:
// see testdata/reference.py.
func TestMeetsPEFT(t *testing.T) {
	const B, T = 2, 13
	ctx := context.Background()
	base := model.Must(model.Load(ctx, "../model/testdata/untied"))
	given, err := checkpoint.Open(os.DirFS("../model/testdata/untied"), "vectors.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer given.Close()
	theirs, err := checkpoint.Open(os.DirFS("testdata"), "peft.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	get := func(f *checkpoint.File, name string) []float32 {
		x, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data
	}
	whole := func(x []float32) []int32 {
		out := make([]int32, len(x))
		for i, v := range x {
			out[i] = int32(v)
		}
		return out
	}
	for variant, a := range map[string]adapt.Adaptation{
		"lora":     adapt.LoRA{Rank: 4, Alpha: 12},
		"all":      adapt.LoRA{Rank: 4, Alpha: 12, On: []string{adapt.AllLinear}, Ranks: map[string]int{"down_proj": 6}, Alphas: map[string]float64{"k_proj": 3}},
		"rslora":   adapt.LoRA{Rank: 4, Alpha: 12, RSLoRA: true},
		"dora":     adapt.LoRA{Rank: 4, Alpha: 12, DoRA: true, On: []string{"q_proj", "v_proj", "down_proj"}},
		"pissa":    adapt.LoRA{Rank: 4, Alpha: 12, PiSSA: true},
		"loraplus": adapt.LoRA{Rank: 4, Alpha: 12, LoRAPlus: 16},
		"ia3":      adapt.IA3{},
	} {
		t.Run(variant, func(t *testing.T) {
			near := func(name string, got, want []float32, tolerance float64) {
				t.Helper()
				if len(got) != len(want) {
					t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
				}
				for i := range got {
					if !(math.Abs(float64(got[i]-want[i])) <= tolerance*math.Max(1, math.Abs(float64(want[i])))) {
						t.Fatalf("%s[%d] = %g, want %g", name, i, got[i], want[i])
					}
				}
			}
			x := adapt.Must(adapt.Attach(base, a))
			stored := 0
			for _, e := range theirs.Entries() {
				name, ok := strings.CutPrefix(e.Name, variant+".start.")
				if !ok {
					continue
				}
				to := x.Tensor(name)
				if to == nil || to.Len() != len(get(theirs, e.Name)) {
					t.Fatalf("%s %v has no place", name, e.Shape)
				}
				copy(to.Data, get(theirs, e.Name))
				stored++
			}
			if variant != "pissa" && stored != x.Added.Len() {
				t.Fatalf("PEFT adds %d tensors, we add %d", stored, x.Added.Len())
			}
			g := graph.New()
			in := model.Inputs{IDs: g.Ints("ids", B*T), Positions: g.Ints("positions", B*T), Segments: g.Ints("segments", B*T), Batch: B, Length: T}
			out, err := x.Model.Build(g, in, x.HooksAt(0))
			if err != nil {
				t.Fatal(err)
			}
			target := g.Ints("targets", B*T)
			loss, logits := graph.LinearCrossEntropy(out.Hidden, out.Head, target, nil), graph.Linear(out.Hidden, out.Head, nil)
			grads, err := g.Grad(loss, out.Params...)
			if err != nil {
				t.Fatal(err)
			}
			machine, err := g.Compile(graph.Options{}, append(grads, loss, logits)...)
			if err != nil {
				t.Fatal(err)
			}
			positions := make([]int32, B*T)
			for i := range positions {
				positions[i] = int32(i % T)
			}
			for n, v := range map[*graph.Node][]int32{in.IDs: whole(get(given, "ids")), in.Positions: positions, in.Segments: make([]int32, B*T), target: whole(get(given, "targets"))} {
				if err := machine.SetInts(n, v); err != nil {
					t.Fatal(err)
				}
			}
			value := func(n *graph.Node) *compute.Tensor {
				v, err := machine.Value(n)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			o := optim.NewAdamW(cpu.Default(), nil, optim.Options{})
			var all []*compute.Tensor
			for i, p := range out.Params {
				o.AddAt(x.Rate(p.Name()), x.Tensor(p.Name()))
				all = append(all, value(grads[i]))
			}
			for step := range 4 {
				if err := machine.Run(ctx); err != nil {
					t.Fatal(err)
				}
				switch step {
				case 0:
					near("logits", value(logits).Data, get(theirs, variant+".logits"), 1e-4)
					near("loss", value(loss).Data, get(theirs, variant+".loss"), 1e-5)
					for i, p := range out.Params {
						if name := variant + ".grad." + p.Name(); variant != "pissa" {
							near(name, all[i].Data, get(theirs, name), 1e-4)
						}
					}
				case 3:
					near("logits after", value(logits).Data, get(theirs, variant+".after.logits"), 1e-3)
					near("loss after", value(loss).Data, get(theirs, variant+".after.loss"), 1e-4)
				}
				if step < 3 {
					o.Step(all, 3e-3, 0)
				}
			}
			merged, err := x.Merged()
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range theirs.Entries() {
				if name, ok := strings.CutPrefix(e.Name, variant+".merged."); ok {
					near(e.Name, merged.Params.Get(name).Data, get(theirs, e.Name), 2e-4)
				}
			}
		})
	}
}

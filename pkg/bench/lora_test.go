package bench

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/nn"
)

// little takes a moment.
var little = Model{Name: "little", Dim: 16, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 24, Vocab: 300, Batch: 2, Length: 8}

func stepped(t *testing.T, hooks nn.Hooks, change func(*nn.Params)) *trainer {
	t.Helper()
	o, err := Options{}.withDefaults(1)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := o.trainer(context.Background(), little, hooks)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(tr.model.Params)
	}
	if err := tr.step(context.Background()); err != nil {
		t.Fatal(err)
	}
	return tr
}

// The plan has the gradients of adapters and of no frozen weight, and its products outside attention, which it counts as
// whole squares, are what LoRAFLOPs counts.
func TestFrozenWeightsAreNotInThePlan(t *testing.T) {
	count := map[string]int{}
	var flops float64
	for _, s := range stepped(t, lora, nil).machine.Plan().Steps {
		count[s.Op]++
		if !strings.HasPrefix(s.Op, "attention") {
			flops += s.FLOPs
		}
	}
	// A and B of two layers in two blocks.
	if count["linear.dw"] != 8 || count["embedding.dtable"] != 0 || count["cross-entropy+dx"] != 1 {
		t.Errorf("the plan has %v", count)
	}
	if want := little.LoRAFLOPs() - little.attentionFLOPs(); flops != want {
		t.Errorf("the plan has %g operations outside attention, want %g", flops, want)
	}
}

// h = W₀x + (α/r)·BAx (arXiv:2106.09685, eq. 3) is a layer of the weight W₀ + (α/r)·BA: with the adapters merged by hand the
// plain model has the same loss, which without them is another.
func TestAdaptersAreAMergedWeight(t *testing.T) {
	with, without := stepped(t, lora, nil), stepped(t, nn.Hooks{}, nil)
	o, err := Options{}.withDefaults(1)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := o.trainer(context.Background(), little, lora) // its adapters have not moved
	if err != nil {
		t.Fatal(err)
	}
	merged := stepped(t, nn.Hooks{}, func(p *nn.Params) {
		for l := range little.Layers {
			for _, layer := range []string{"q_proj", "v_proj"} {
				name := fmt.Sprintf("model.layers.%d.self_attn.%s", l, layer)
				w, a, b := p.Get(name+".weight"), drawn.model.Params.Get(name+".lora_A.weight"), drawn.model.Params.Get(name+".lora_B.weight")
				out, in := w.Shape[0], w.Shape[1]
				for i := range out {
					for j := range in {
						var sum float64
						for k := range 8 {
							sum += float64(b.Data[i*8+k]) * float64(a.Data[k*in+j])
						}
						w.Data[i*in+j] += float32(16. / 8 * sum)
					}
				}
			}
		}
	})
	if d := math.Abs(merged.first - with.first); d > 1e-6*merged.first {
		t.Errorf("the loss is %.8f with adapters, %.8f merged", with.first, merged.first)
	}
	if d := math.Abs(without.first - with.first); d < 1e-4*merged.first {
		t.Errorf("the loss is %.8f with adapters and %.8f without: too near to tell", with.first, without.first)
	}
}

// A step moves the adapters and nothing else.
func TestOnlyAdaptersMove(t *testing.T) {
	o, err := Options{}.withDefaults(1)
	if err != nil {
		t.Fatal(err)
	}
	before, err := o.trainer(context.Background(), little, lora)
	if err != nil {
		t.Fatal(err)
	}
	after := stepped(t, lora, nil)
	for _, name := range before.model.Params.Names() {
		moved := false
		for i, v := range before.model.Params.Get(name).Data {
			moved = moved || after.model.Params.Get(name).Data[i] != v
		}
		if moved != strings.Contains(name, ".lora_") {
			t.Errorf("%s moves: %v", name, moved)
		}
	}
}

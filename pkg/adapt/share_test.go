package adapt_test

import (
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
)

// What never moves lies in the base's memory; what moves in any stage, and what an adaptation changes before training, does not.
func TestFrozenWeightsAreTheBases(t *testing.T) {
	const q, up, embed = "model.layers.0.self_attn.q_proj.weight", "model.layers.2.mlp.up_proj.weight", "model.embed_tokens.weight"
	for _, c := range []struct {
		a      adapt.Adaptation
		shared []string // of the three
	}{
		{adapt.Full(), nil},
		{adapt.Last(1), []string{q, embed}},
		{adapt.Unfreeze(10), nil},
		{adapt.LoRA{Rank: 2}, []string{q, up, embed}},
		{adapt.LoRA{Rank: 2, DoRA: true, On: []string{adapt.AllLinear}}, []string{q, up, embed}},
		{adapt.LoRA{Rank: 2, PiSSA: true}, []string{up, embed}}, // on q_proj and v_proj: what is left of them is the run's own
		{adapt.Pfeiffer{Size: 2}, []string{q, up, embed}},
	} {
		base := small(true)
		x := adapt.Must(adapt.Attach(base, c.a))
		for _, name := range []string{q, up, embed} {
			got := &x.Model.Params.Get(name).Data[0] == &base.Params.Get(name).Data[0]
			if want := slices.Contains(c.shared, name); got != want {
				t.Errorf("%s: %s lies where the base's does: %v, want %v", c.a.Name(), name, got, want)
			}
		}
	}
}

package adapt_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

// gpt2 are the shapes of GPT-2 with 124 million parameters: with q, k and v in one matrix, as its checkpoint has them, or apart,
// with a head of two classes.
func gpt2(apart bool) (shapes []model.Shape) {
	add := func(name string, dims ...int) {
		shapes = append(shapes, model.Shape{Name: name + ".weight", Dims: dims})
	}
	const d = 768
	add("wte", 50257, d)
	add("wpe", 1024, d)
	for l := range 12 {
		p := fmt.Sprintf("h.%d.", l)
		add(p+"ln_1", d)
		if apart {
			add(p+"attn.q", d, d)
			add(p+"attn.k", d, d)
			add(p+"attn.v", d, d)
		} else {
			add(p+"attn.c_attn", d, 3*d)
		}
		add(p+"attn.c_proj", d, d)
		add(p+"mlp.c_fc", d, 4*d)
		add(p+"mlp.c_proj", 4*d, d)
	}
	if apart {
		add("classes", 2, d)
	}
	return shapes
}

// The numbers of the field, from shapes alone. 2,666,528 counts q, k and v apart and a head of two classes, as the book Build a
// Large Language Model from Scratch has GPT-2 (appendix E); in one matrix, and without the head, it is 16·12·12288.
func TestCountTrainable(t *testing.T) {
	llama := model.Config{Vocab: 128256, Dim: 3072, Layers: 28, Heads: 24, KVHeads: 8, Hidden: 8192, Tied: true}.Shapes()
	all := []string{adapt.AllLinear}
	for _, c := range []struct {
		a      adapt.Adaptation
		shapes []model.Shape
		want   int
	}{
		{adapt.LoRA{Rank: 16, On: all}, gpt2(true), 2666528},
		{adapt.LoRA{Rank: 16, On: []string{"c_attn", "c_proj", "c_fc"}}, gpt2(false), 2359296},
		{adapt.LoRA{Rank: 32}, llama, 9175040},
		{adapt.LoRA{Rank: 32, PiSSA: true}, llama, 9175040},
		{adapt.LoRA{Rank: 32, DoRA: true}, llama, 9289728},
		{adapt.QLoRA{LoRA: adapt.LoRA{Rank: 32, On: []string{"q_proj", "v_proj"}}}, llama, 9175040},
		{adapt.IA3{}, llama, 286720},
		{adapt.Norms(), llama, 175104},
		{nil, llama, 3212749824}, // Llama-3.2-3B
		{adapt.LoRA{Rank: 4, Ranks: map[string]int{"v_proj": 8, "model.layers.0.*": 2}, On: []string{"q_proj", "v_proj"}}, llama, 27*(4*6144+8*4096) + 2*(6144+4096)},
	} {
		if got, err := adapt.CountTrainable(c.a, c.shapes); err != nil || got != c.want {
			t.Errorf("%v: %d, %v; want %d", c.a, got, err, c.want)
		}
	}
	base := small(true)
	for _, a := range append(slices.Clone(family), adapt.QLoRA{}, adapt.Last(2), adapt.Match("*.mlp.*"), adapt.Untie(adapt.Head()), adapt.BitFit(), adapt.BitFit("q_proj")) {
		x := adapt.Must(adapt.Attach(base, a))
		if got, err := adapt.CountTrainable(a, base.Config.Shapes()); err != nil || got != x.Trainable() {
			t.Errorf("%v: %d, %v; attached, %d move", a, got, err, x.Trainable())
		}
	}
	if _, err := adapt.CountTrainable(adapt.LoRA{On: []string{"nobody"}}, llama); !errors.Is(err, adapt.ErrNoMatch) {
		t.Errorf("no match: %v", err)
	}
}

package model_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/model"
)

// Half rounds the matrices to bfloat16 and nothing else: a model whose matrices are rounded beforehand, by arithmetic,
// writes the same text, and most of the time not the text of the whole weights.
func TestHalf(t *testing.T) {
	ctx := context.Background()
	known, err := base.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for seed := range uint64(4) {
		m, err := model.New(model.Config{Dim: 64, Layers: 2, Context: 64}, known.Tokenizer, rand.New(rand.NewPCG(seed, 2)))
		if err != nil {
			t.Fatal(err)
		}
		rounded := m.Clone()
		for _, name := range rounded.Params.Names() {
			p := rounded.Params.Get(name)
			if len(p.Shape) != 2 || strings.Contains(name, "embed_tokens") { // rows of the embedding are looked up, not multiplied
				continue
			}
			for i, v := range p.Data {
				fraction, exponent := math.Frexp(float64(v))
				p.Data[i] = float32(math.Ldexp(math.RoundToEven(fraction*256), exponent-8))
			}
		}
		write := func(m *model.Model, half bool) string {
			text, err := m.Generate(ctx, "Market day", model.Generate{MaxTokens: 50, Temperature: 1, Seed: seed, Half: half})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		if half, want := write(m, true), write(rounded, false); half != want {
			t.Errorf("seed %d: half wrote %q, the rounded model %q", seed, half, want)
		} else if half != write(m, false) {
			differ++
		}
	}
	if differ == 0 {
		t.Error("rounding changed no text: is it done at all?")
	}
}

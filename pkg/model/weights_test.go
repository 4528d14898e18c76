package model_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/model"
)

// Weights changes the matrices of products and nothing else: a model whose matrices are rounded beforehand, by arithmetic,
// writes the same text, and most of the time not the text of the whole weights.
func TestWeights(t *testing.T) {
	ctx := context.Background()
	known, err := base.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, weights := range []model.Weights{model.BFloat16, model.Int8, model.Int4} {
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
				for at := 0; at < len(p.Data); at += 32 { // rows are multiples of 32
					roundBlock(p.Data[at:at+32], weights)
				}
			}
			write := func(m *model.Model, weights model.Weights) string {
				text, err := m.Generate(ctx, "Market day", model.Generate{MaxTokens: 50, Temperature: 1, Seed: seed, Weights: weights})
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			if got, want := write(m, weights), write(rounded, model.Float32); got != want {
				t.Errorf("%v, seed %d: wrote %q, the rounded model %q", weights, seed, got, want)
			} else if got != write(m, model.Float32) {
				differ++
			}
		}
		if differ == 0 {
			t.Errorf("%v: rounding changed no text: is it done at all?", weights)
		}
	}
}

// roundBlock does by float64 arithmetic what the formats say: bfloat16 has eight significant digits; int8 is q·s with s the
// largest value over 127, int4 is m+q·s with s the range over 15, m rounded down and s up to bfloat16.
func roundBlock(w []float32, weights model.Weights) {
	digits := func(v float64, round func(float64) float64) float64 {
		fraction, exponent := math.Frexp(v)
		return math.Ldexp(round(fraction*256), exponent-8)
	}
	low, high := float64(slices.Min(w)), float64(slices.Max(w))
	from, step, least, most := 0.0, digits(float64(float32(max(-low, high)/127)), math.Ceil), -127.0, 127.0
	if weights == model.Int4 {
		from = digits(low, math.Floor)
		step, least, most = digits(float64(float32((high-from)/15)), math.Ceil), 0, 15
	}
	for i, v := range w {
		if weights == model.BFloat16 {
			w[i] = float32(digits(float64(v), math.RoundToEven))
			continue
		}
		q := min(max(math.RoundToEven((float64(v)-from)/step), least), most)
		w[i] = float32(from + q*step)
	}
}

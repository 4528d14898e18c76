package base

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/token"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// Recipe says how a base model is made; equal recipes give equal weights on the same kind of processor.
type Recipe struct {
	Seed      uint64
	Model     model.Config
	Documents int  // of the world's text, seen several times over
	Plain     bool // the world's short texts of fixed sentences, which a smaller model can learn
	Held      int  // documents kept apart to measure perplexity
	Steps     int
	Batch     int // rows a step
	Length    int // tokens a row
	LR        float64
}

// Default is the recipe of the embedded model.
func Default() Recipe {
	return Recipe{
		Seed:      1,
		Model:     model.Config{Vocab: 2048, Dim: 128, Layers: 6, Heads: 4, KVHeads: 2, Hidden: 384, Context: 256, Tied: true},
		Documents: 40000, Held: 400,
		Steps: 4800, Batch: 8, Length: 128, LR: 3e-3,
	}
}

// Made is a base model and how it went.
type Made struct {
	*train.Result
	Recipe     Recipe
	Perplexity map[string]float64 // by language, on documents that training never saw
}

// Make trains a tokenizer and a model from the world's text.
func Make(ctx context.Context, r Recipe, watch func(metric.Snapshot)) (*Made, error) {
	text, err := world.Text(ctx, world.TextOptions{Documents: r.Documents, Seed: r.Seed, Plain: r.Plain})
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	held, err := world.Text(ctx, world.TextOptions{Documents: r.Held, Seed: r.Seed + 1, Plain: r.Plain})
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	var sample []string
	for _, record := range text.Take(12000) { // enough to rank the merges
		sample = append(sample, record.Text)
	}
	tok, err := token.Train(ctx, sample, token.TrainOptions{Vocab: r.Model.Vocab})
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	m, err := model.New(r.Model, tok, rand.New(rand.NewPCG(r.Seed, 0xba5e)))
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	result, err := train.Run(ctx, train.Job{
		Name: "base", Model: m, Method: method.Causal{}, Data: text, Eval: held, Seed: r.Seed,
		Steps: r.Steps, Batch: r.Batch, Length: r.Length, LR: r.LR, WeightDecay: 0.05,
		Schedule: optim.WSD{Warmup: 100, Decay: 0.4}, Watch: watch,
	})
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	made := &Made{Result: result, Recipe: r, Perplexity: map[string]float64{}}
	for _, lang := range []string{world.English, world.Chinese} {
		loss, err := train.Measure(ctx, result.Model, method.Causal{}, held.Filter(func(r data.Record) bool { return r.Lang == lang }), r.Length)
		if err != nil {
			return nil, fmt.Errorf("base: %s: %w", lang, err)
		}
		made.Perplexity[lang] = metric.Perplexity(loss)
	}
	return made, nil
}

package base

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/checkpoint"
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
	Documents int // of the world's text, seen several times over
	Held      int // documents kept apart to measure perplexity
	Steps     int
	Batch     int // rows a step
	Length    int // tokens a row
	LR        float64
}

// Default is the recipe of the embedded model: 2.8 million parameters, eighteen million tokens. Rows of 256 hold every paper
// whole; one in eleven is longer than 128, and rows of 128 would be a quarter empty.
func Default() Recipe {
	return Recipe{
		Seed:      1,
		Model:     model.Config{Vocab: 2048, Dim: 192, Layers: 6, Heads: 6, KVHeads: 2, Hidden: 512, Context: 256, Tied: true},
		Documents: 120000, Held: 400,
		Steps: 18000, Batch: 4, Length: 256, LR: 3e-3,
	}
}

// Twin is the shape of the smaller twin, for lessons that train from scratch: 0.4 million parameters with the base
// model's vocabulary, of which half a minute of two cores makes a reader.
func Twin() model.Config {
	return model.Config{Vocab: 2048, Dim: 96, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 256, Context: 256, Tied: true}
}

// MakeOptions say how a run of Make is followed, kept and resumed; the zero value does neither.
type MakeOptions struct {
	Dir   string // where the run is saved, to go on from after an interruption; empty means nowhere
	Watch func(metric.Snapshot)
}

// Made is a base model and how it went.
type Made struct {
	*train.Result
	Recipe     Recipe
	Perplexity map[string]float64 // by language, on documents that training never saw
}

// check refuses what would fail an hour later.
func (r Recipe) check() error {
	if r.Documents < 1 || r.Held < 2 || r.Steps < 1 || r.Batch < 1 || r.Length < 2 || !(r.LR > 0) {
		return fmt.Errorf("base: recipe: Documents %d, Held %d, Steps %d, Batch %d, Length %d, LR %g: want all positive, and two documents held", r.Documents, r.Held, r.Steps, r.Batch, r.Length, r.LR)
	}
	return nil
}

// Make trains a tokenizer and a model from the world's text. When ctx ends it returns an error that wraps that of ctx; with
// a Dir the same call goes on from there.
func Make(ctx context.Context, r Recipe, o MakeOptions) (*Made, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	text, err := world.Text(ctx, world.TextOptions{Documents: r.Documents, Seed: r.Seed})
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	held, err := r.held(ctx)
	if err != nil {
		return nil, err
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
		Schedule: optim.WSD{Warmup: 100, Decay: 0.4}, Watch: o.Watch, Dir: o.Dir, SaveEvery: min(500, r.Steps),
	})
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	perplexity, err := r.perplexity(ctx, result.Model)
	if err != nil {
		return nil, err
	}
	return &Made{Result: result, Recipe: r, Perplexity: perplexity}, nil
}

// held are documents of another seed than those that are read.
func (r Recipe) held(ctx context.Context) (data.Set, error) {
	held, err := world.Text(ctx, world.TextOptions{Documents: r.Held, Seed: r.Seed + 1})
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	return held, nil
}

// perplexity measures a model by language on the held documents.
func (r Recipe) perplexity(ctx context.Context, m *model.Model) (map[string]float64, error) {
	held, err := r.held(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for _, lang := range []string{world.English, world.Chinese} {
		loss, err := train.Measure(ctx, m, method.Causal{}, held.Filter(func(r data.Record) bool { return r.Lang == lang }), r.Length)
		if err != nil {
			return nil, fmt.Errorf("base: %s: %w", lang, err)
		}
		out[lang] = metric.Perplexity(loss)
	}
	return out, nil
}

// Save examines the model and writes it in half precision with report.json and README.md. The report tells of the weights
// as they were written.
func (m *Made) Save(ctx context.Context, dir, kernels string) (*Report, error) {
	if err := m.Model.SaveAs(ctx, dir, checkpoint.F16); err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	written, err := model.Load(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	curve := m.Log.Get(metric.EvalLoss)
	if curve == nil {
		return nil, errors.New("base: the run has no held-out curve")
	}
	r := &Report{Recipe: m.Recipe, Kernels: kernels, Seconds: m.Elapsed.Seconds(), Tokens: m.Tokens, Steps: curve.Steps, HeldOutLoss: curve.Values}
	if r.Perplexity, err = m.Recipe.perplexity(ctx, written); err != nil {
		return nil, err
	}
	if r.Examination, err = Examine(ctx, written); err != nil {
		return nil, err
	}
	return r, r.save(dir)
}

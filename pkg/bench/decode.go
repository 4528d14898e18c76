package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/model"
)

// NewTokens is how many tokens a continuation has.
const NewTokens = 128

// question is what is continued, as a chat.
const question = "Hello"

// Decode measures greedy decoding with a cache of keys and values. When ctx ends it returns what was measured, and an
// error.
func Decode(ctx context.Context, o Options) ([]Result, error) {
	o, err := o.withDefaults(0.5)
	if err != nil {
		return nil, err
	}
	if o.Device != cpu.Default() {
		return nil, errors.New("bench: decode runs on the shared device only: leave Device nil, and set GOMAXPROCS for another number of threads")
	}
	models, err := o.selected()
	if err != nil {
		return nil, err
	}
	other, err := o.startTorch(ctx)
	if err != nil {
		return nil, err
	}
	defer other.close()
	var out []Result
	for _, m := range models {
		for _, batch := range o.Batches {
			for _, weights := range o.Weights {
				r, err := o.decode(ctx, m, batch, weights, other)
				if r.Rounds > 0 {
					out = append(out, r)
					o.Each(r)
				}
				if err != nil {
					return out, fmt.Errorf("bench: decode %s, batch %d, %v: %w", m.Name, batch, weights, err)
				}
			}
		}
	}
	return out, nil
}

func (o Options) decode(ctx context.Context, m Model, batch int, weights cpu.Format, other *peer) (Result, error) {
	out := Result{Bench: "decode", Model: m.Name, Batch: batch, Weights: weights.String(), Params: m.Params(), Bytes: m.DecodeBytes(weights)}
	if batch < 1 {
		return out, errors.New("the batch must be at least 1")
	}
	built, err := m.build(ctx)
	if err != nil {
		return out, err
	}
	prompt := built.Tokenizer.ChatPrompt(question)
	var theirs side
	if other != nil {
		o.Progress(fmt.Sprintf("decode %s, batch %d: PyTorch compiles and tunes", m.Name, batch))
		ids := make([]int32, len(prompt))
		for i, id := range prompt {
			ids[i] = int32(id)
		}
		p, err := other.prepare(ctx, request{Bench: "decode", Shape: m, Batch: batch, IDs: ids, NewTokens: NewTokens, Only: o.Variant, source: built})
		if err != nil {
			return out, err
		}
		next, err := built.NextID(ctx, prompt, 1)
		if err != nil {
			return out, err
		}
		if err := agree(float64(next[0].ID), float64(p.First), out.Params, p.Params); err != nil {
			return out, err
		}
		out.Torch, theirs = other.result(p), other.round
	}
	o.Progress(fmt.Sprintf("decode %s, batch %d", m.Name, batch))
	questions := make([]string, batch)
	for i := range questions {
		questions[i] = question
	}
	r, err := o.measure(ctx, o.repeat(func(ctx context.Context) error {
		_, err := built.Answers(ctx, questions, model.Generate{MaxTokens: NewTokens, Weights: weights})
		return err
	}), theirs)
	for _, times := range [][]float64{r.ours, r.theirs} { // from a continuation to a token of each sequence
		for i := range times {
			times[i] /= NewTokens
		}
	}
	if len(r.ours) > 0 {
		r.fill(&out, o, float64(batch)*2*float64(m.products()), float64(batch))
		out.GBPerS = float64(out.Bytes) / (out.MsPerStep / 1e3) / 1e9
	}
	return out, err
}

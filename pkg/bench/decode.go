package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

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
		built, err := m.build(ctx)
		if err != nil {
			return out, err
		}
		for _, batch := range o.Batches {
			if err := o.decode(ctx, m, built, batch, other, &out); err != nil {
				return out, fmt.Errorf("bench: decode %s, batch %d: %w", m.Name, batch, err)
			}
		}
	}
	return out, nil
}

// decode measures a model with every kind of weights, each in turns with PyTorch, which is prepared once.
func (o Options) decode(ctx context.Context, m Model, built *model.Model, batch int, other *peer, out *[]Result) error {
	if batch < 1 {
		return errors.New("the batch must be at least 1")
	}
	var prepared *Torch
	var theirs side
	if other != nil {
		var err error
		if prepared, theirs, err = o.decodeTorch(ctx, m, built, batch, other); err != nil {
			return err
		}
	}
	for _, weights := range o.Weights {
		r := Result{Bench: "decode", Model: m.Name, Batch: batch, Weights: weights.String(), Params: m.Params(), Bytes: m.DecodeBytes(weights)}
		if prepared != nil {
			torch := *prepared
			r.Torch = &torch
		}
		err := o.decodeWith(ctx, m, built, weights, theirs, &r)
		if r.Rounds > 0 {
			*out = append(*out, r)
			o.Each(r)
		}
		if err != nil {
			return fmt.Errorf("%v: %w", weights, err)
		}
	}
	return nil
}

// decodeTorch tunes PyTorch for a model and a batch, and checks that it says the same first token.
func (o Options) decodeTorch(ctx context.Context, m Model, built *model.Model, batch int, other *peer) (*Torch, side, error) {
	o.Progress(fmt.Sprintf("decode %s, batch %d: PyTorch compiles and tunes", m.Name, batch))
	prompt := built.Tokenizer.ChatPrompt(question)
	ids := make([]int32, len(prompt))
	for i, id := range prompt {
		ids[i] = int32(id)
	}
	p, err := other.prepare(ctx, request{Bench: "decode", Shape: m, Batch: batch, IDs: ids, NewTokens: NewTokens, Only: o.Variant, source: built})
	if err != nil {
		return nil, nil, err
	}
	next, err := built.NextID(ctx, prompt, 1)
	if err != nil {
		return nil, nil, err
	}
	if err := agree(float64(next[0].ID), float64(p.First), 0, m.Params(), p.Params); err != nil {
		return nil, nil, err
	}
	return other.result(p), other.round, nil
}

// decodeWith fills in a result: continuations by a decoder that has packed the weights, and what memory gives, measured in
// the same rounds.
func (o Options) decodeWith(ctx context.Context, m Model, built *model.Model, weights cpu.Format, theirs side, out *Result) error {
	o.Progress(fmt.Sprintf("decode %s, batch %d, %v", m.Name, out.Batch, weights))
	decoder, err := built.Decoder(ctx, weights)
	if err != nil {
		return err
	}
	questions := slices.Repeat([]string{question}, out.Batch)
	ours := o.repeat(func(ctx context.Context) error {
		_, err := decoder.Answers(ctx, questions, model.Generate{MaxTokens: NewTokens})
		return err
	})
	var memory []float64
	r, err := o.measure(ctx, func(ctx context.Context, seconds float64) ([]float64, error) {
		rate, err := o.bandwidth(ctx)
		if err != nil {
			return nil, err
		}
		memory = append(memory, rate)
		return ours(ctx, seconds)
	}, theirs)
	for _, times := range [][]float64{r.ours, r.theirs} { // from a continuation to a token of each sequence
		for i := range times {
			times[i] /= NewTokens
		}
	}
	if len(r.ours) > 0 {
		r.fill(out, o, float64(out.Batch)*2*float64(m.products()), float64(out.Batch))
		out.GBPerS, out.MemoryGBPerS = float64(out.Bytes)/(out.MsPerStep/1e3)/1e9, median(memory)/1e9
		out.ShareOfMemory = out.GBPerS / out.MemoryGBPerS
	}
	return err
}

// readings is the memory that bandwidth reads, made when first needed.
var readings = sync.OnceValue(func() memory { return newMemory(bandwidthFloats) })

// bandwidth is how many bytes a second all workers read from memory, as the fastest of a few tries.
func (o Options) bandwidth(ctx context.Context) (float64, error) {
	m, best := readings(), 0.0
	for range 3 {
		times, err := o.repeat(func(context.Context) error { m.read(o.Device); return nil })(ctx, 0)
		if err != nil {
			return 0, err
		}
		if times[0] > 0 {
			best = max(best, m.bytes()/times[0])
		}
	}
	return best, nil
}

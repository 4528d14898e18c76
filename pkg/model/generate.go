package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Generate says how text is continued. The zero value is greedy, up to 64 tokens.
type Generate struct {
	MaxTokens   int          // zero means 64
	Temperature float64      // zero means greedy: always the most probable token
	TopK        int          // draw from the k most probable only; zero means all
	TopP        float64      // draw from the smallest set that holds this probability; zero means all
	Seed        uint64       // of the draws
	Stop        []string     // texts that end the continuation; they are not part of it
	OnToken     func(string) // sees the text as it comes, in whole characters; with Answers, of all mixed
	Weights     Weights      // how the weights of products are kept while writing: each token reads all of them
}

// Weights is how the weights of matrix products are kept: fewer bits are read faster and say less. The embedding, norms
// and the cache of keys and values stay float32, and so do sums.
type Weights = cpu.Format

// The kinds of weights: see cpu.Format for what each loses.
const (
	Float32  = cpu.Float32
	BFloat16 = cpu.BFloat16
	Int8     = cpu.Int8
	Int4     = cpu.Int4
)

// ErrContext says that a prompt does not fit the model's context.
var ErrContext = errors.New("the prompt is longer than the context")

// batchRows is how many sequences are decoded side by side.
const batchRows = 64

// Generate continues raw text, without any chat template.
func (m *Model) Generate(ctx context.Context, prompt string, o Generate) (string, error) {
	d, err := m.Decoder(ctx, o.Weights)
	if err != nil {
		return "", err
	}
	return d.Generate(ctx, prompt, o)
}

// Continue continues many raw texts side by side, each as Generate would, but with draws of its own.
func (m *Model) Continue(ctx context.Context, prompts []string, o Generate) ([]string, error) {
	d, err := m.Decoder(ctx, o.Weights)
	if err != nil {
		return nil, err
	}
	return d.Continue(ctx, prompts, o)
}

// Answer puts the question through the chat template and returns what the model says until it ends its turn.
func (m *Model) Answer(ctx context.Context, question string, o Generate) (string, error) {
	out, err := m.Answers(ctx, []string{question}, o)
	return first(out), err
}

// Answers answers many questions side by side, which is much faster than one by one and gives exactly the same.
func (m *Model) Answers(ctx context.Context, questions []string, o Generate) ([]string, error) {
	d, err := m.Decoder(ctx, o.Weights)
	if err != nil {
		return nil, err
	}
	return d.Answers(ctx, questions, o)
}

// Generate is the Model's. Weights are the decoder's own: zero, or the same.
func (d *Decoder) Generate(ctx context.Context, prompt string, o Generate) (string, error) {
	if err := d.m.needsTokenizer(); err != nil {
		return "", err
	}
	out, err := d.complete(ctx, [][]int{d.m.opening(prompt)}, nil, 0, o)
	return first(out), err
}

// Answer is the Model's, as Generate.
func (d *Decoder) Answer(ctx context.Context, question string, o Generate) (string, error) {
	out, err := d.Answers(ctx, []string{question}, o)
	return first(out), err
}

// Answers is the Model's, as Generate.
func (d *Decoder) Answers(ctx context.Context, questions []string, o Generate) ([]string, error) {
	if err := d.m.needsTokenizer(); err != nil {
		return nil, err
	}
	prompts := make([][]int, len(questions))
	for i, q := range questions {
		prompts[i] = d.m.Tokenizer.ChatPrompt(q)
	}
	return d.inBatches(ctx, prompts, nil, o)
}

// AnswersBy is Answers with an extras of the decoder's own for each question, by their numbers in MixedDecoder. Each answer is
// what that question gets alone.
func (d *Decoder) AnswersBy(ctx context.Context, questions []string, by []int, o Generate) ([]string, error) {
	if err := d.m.needsTokenizer(); err != nil {
		return nil, err
	}
	if len(by) != len(questions) {
		return nil, fmt.Errorf("model: generate: %d questions and %d numbers of extras: want one for each", len(questions), len(by))
	}
	prompts := make([][]int, len(questions))
	for i, q := range questions {
		if by[i] < 0 || by[i] >= len(d.variants) {
			return nil, fmt.Errorf("model: generate: question %d asks for extras number %d, the decoder has 0 to %d", i, by[i], len(d.variants)-1)
		}
		prompts[i] = d.m.Tokenizer.ChatPrompt(q)
	}
	return d.inBatches(ctx, prompts, by, o)
}

// Continue is the Model's, as Generate.
func (d *Decoder) Continue(ctx context.Context, prompts []string, o Generate) ([]string, error) {
	if err := d.m.needsTokenizer(); err != nil {
		return nil, err
	}
	openings := make([][]int, len(prompts))
	for i, p := range prompts {
		openings[i] = d.m.opening(p)
	}
	return d.inBatches(ctx, openings, nil, o)
}

// inBatches completes the prompts, batchRows of them at a time, with the extras of these numbers, nil for the first. A cancelled
// ctx gives what there is so far, and an error.
func (d *Decoder) inBatches(ctx context.Context, prompts [][]int, by []int, o Generate) ([]string, error) {
	var out []string
	for lo := 0; lo < len(prompts); lo += batchRows {
		hi := min(lo+batchRows, len(prompts))
		var kinds []int
		if by != nil {
			kinds = by[lo:hi]
		}
		part, err := d.complete(ctx, prompts[lo:hi], kinds, lo, o)
		out = append(out, part...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// ContinueIDs continues prompts of token ids and gives the ids that were drawn: those of the token that ends a turn too, so that
// a continuation without it was cut by MaxTokens, by Stop or by the context. The draws of prompt i depend on
// Seed and i, not on its neighbours. A cancelled ctx gives what there is so far, and an error.
func (d *Decoder) ContinueIDs(ctx context.Context, prompts [][]int, o Generate) ([][]int, error) {
	if err := d.m.needsTokenizer(); err != nil {
		return nil, err
	}
	var out [][]int
	for lo := 0; lo < len(prompts); lo += batchRows {
		part, err := d.run(ctx, prompts[lo:min(lo+batchRows, len(prompts))], nil, lo, o, true)
		for _, r := range part {
			out = append(out, r.ids)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// opening is how every text of pre-training began: the token for a beginning, where there is one, and the text.
func (m *Model) opening(text string) []int {
	ids := m.Tokenizer.Encode(text)
	if bos := m.Tokenizer.BOS(); bos >= 0 {
		ids = append([]int{bos}, ids...)
	}
	return ids
}

func (m *Model) needsTokenizer() error {
	if m.Tokenizer == nil {
		return errors.New("model: this model was loaded without a tokenizer.json: it works on ids only")
	}
	return nil
}

func first(out []string) string {
	if len(out) == 0 {
		return ""
	}
	return out[0]
}

// running is one sequence that is being continued.
type running struct {
	slot, position int
	next           int
	made           int
	sample         *sampler
	out            stream
	keep           bool   // the ids
	ids            []int  // what was drawn, if they are kept
	text           string // all of it, once it is finished
}

func (o Generate) check() error {
	// Written so that NaN is refused too.
	if o.MaxTokens < 0 || !(o.Temperature >= 0) || math.IsInf(o.Temperature, 0) || o.TopK < 0 || !(o.TopP >= 0 && o.TopP <= 1) {
		return fmt.Errorf("model: generate: MaxTokens %d, Temperature %g, TopK %d, TopP %g: none may be negative or infinite, TopP at most 1", o.MaxTokens, o.Temperature, o.TopK, o.TopP)
	}
	if !slices.Contains(cpu.Formats(), o.Weights) {
		return fmt.Errorf("model: generate: Weights is %v, want one of %v", o.Weights, cpu.Formats())
	}
	return nil
}

// complete continues each prompt, with the extras of these kinds, nil for the first. The draws of prompt i are those of number
// start+i, whatever stands beside it. A cancelled ctx gives what there is so far, and an error.
func (d *Decoder) complete(ctx context.Context, prompts [][]int, kinds []int, start int, o Generate) ([]string, error) {
	all, err := d.run(ctx, prompts, kinds, start, o, false)
	if all == nil {
		return nil, err
	}
	texts := make([]string, len(all))
	for i, r := range all {
		texts[i] = r.text
	}
	return texts, err
}

// run is complete with all that is known of each sequence.
func (d *Decoder) run(ctx context.Context, prompts [][]int, kinds []int, start int, o Generate, keep bool) ([]*running, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Weights != Float32 && o.Weights != d.weights {
		return nil, fmt.Errorf("model: generate: Weights is %v, but this decoder was made for %v: leave it out, or make another", o.Weights, d.weights)
	}
	if !d.busy.TryLock() {
		return nil, ErrWriting
	}
	defer d.busy.Unlock()
	o.MaxTokens = orInt(o.MaxTokens, 64)
	draws := make([]int, len(prompts)) // the numbers of the prompts in the order in which they are run
	for i := range draws {
		draws[i] = i
	}
	if kinds != nil { // rows of one kind stand together
		slices.SortStableFunc(draws, func(a, b int) int { return kinds[a] - kinds[b] })
		sorted, of := make([][]int, len(prompts)), make([]int, len(prompts))
		for i, at := range draws {
			sorted[i], of[i] = prompts[at], kinds[at]
		}
		prompts, kinds = sorted, of
	}
	front := 0
	for i := range prompts {
		kind := 0
		if kinds != nil {
			kind = kinds[i]
		}
		front = max(front, d.variants[kind].front())
	}
	room, err := d.m.room(prompts, o.MaxTokens, front)
	if err != nil {
		return nil, err
	}
	d.reserve(len(prompts), room)
	d.kinds = kinds
	all := make([]*running, 0, len(prompts))
	err = d.write(ctx, prompts, draws, start, o, keep, &all)
	for _, r := range all {
		r.text = r.out.finish() // gives OnToken what was held back, while this decoder is still taken
	}
	if kinds != nil && len(all) == len(prompts) {
		back := make([]*running, len(all))
		for i, at := range draws {
			back[at] = all[i]
		}
		all = back
	}
	return all, err
}

// room is how many positions the longest prompt and its continuation take, behind front positions of extras.
func (m *Model) room(prompts [][]int, most, front int) (int, error) {
	longest := front
	for _, p := range prompts {
		if len(p) == 0 {
			return 0, errors.New("model: generate: an empty prompt, and the tokenizer has no token for a beginning")
		}
		if err := m.checkIDs(p); err != nil {
			return 0, fmt.Errorf("model: generate: %w", err)
		}
		longest = max(longest, front+len(p))
	}
	if longest > m.Config.Context {
		return 0, fmt.Errorf("model: %w: %d tokens, the context holds %d", ErrContext, longest, m.Config.Context)
	}
	return min(m.Config.Context, longest+most), nil
}

// write reads the prompts, then takes steps until every sequence has ended; all are those that were begun.
func (d *Decoder) write(ctx context.Context, prompts [][]int, draws []int, start int, o Generate, keep bool, all *[]*running) error {
	V := d.m.Config.Vocab
	live := make([]*running, 0, len(prompts))
	for lo := 0; lo < len(prompts); {
		next, logits, err := d.prefill(ctx, prompts, lo)
		if err != nil {
			return err
		}
		for i := lo; i < next; i++ {
			r := &running{slot: i, position: d.of(i).front() + len(prompts[i]), sample: newSampler(o, start+draws[i]), out: newStream(d.m.Tokenizer.AppendBytes, o), keep: keep}
			*all = append(*all, r)
			more, err := r.take(d.m, logits[(i-lo)*V:(i-lo+1)*V], o.MaxTokens, d.room)
			if err != nil {
				return err
			}
			if more {
				live = append(live, r)
			}
		}
		lo = next
	}
	for len(live) > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("model: generate: %w", err)
		}
		var err error
		if live, err = d.step(ctx, live, o.MaxTokens); err != nil {
			return err
		}
	}
	return nil
}

// step feeds each live sequence its newest token and picks the next; it returns those that go on, in the same memory.
func (d *Decoder) step(ctx context.Context, live []*running, most int) ([]*running, error) {
	d.clear()
	for _, r := range live {
		d.row(r.next, r.slot, r.position)
		r.position++
	}
	hidden, err := d.forward(ctx)
	if err != nil {
		return nil, err
	}
	V := d.m.Config.Vocab
	logits := d.logits(hidden, len(live))
	on := live[:0]
	for i, r := range live {
		more, err := r.take(d.m, logits[i*V:(i+1)*V], most, d.room)
		if err != nil {
			return nil, err
		}
		if more {
			on = append(on, r)
		}
	}
	return on, nil
}

// take picks the next token and reports whether the sequence goes on after it.
func (r *running) take(m *Model, logits []float32, most, room int) (bool, error) {
	id, err := r.sample.pick(logits)
	if err != nil {
		return false, err
	}
	if r.keep {
		r.ids = append(r.ids, id)
	}
	if id == m.Tokenizer.EOS() {
		return false, nil
	}
	r.next = id
	r.made++
	return !r.out.add(id) && r.made < most && r.position < room, nil
}

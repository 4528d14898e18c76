package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
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
	if err := m.needsTokenizer(); err != nil {
		return "", err
	}
	out, err := m.complete(ctx, [][]int{m.opening(prompt)}, 0, o)
	return first(out), err
}

// Answer puts the question through the chat template and returns what the model says until it ends its turn.
func (m *Model) Answer(ctx context.Context, question string, o Generate) (string, error) {
	out, err := m.Answers(ctx, []string{question}, o)
	return first(out), err
}

// Answers answers many questions side by side, which is much faster than one by one and gives the same.
func (m *Model) Answers(ctx context.Context, questions []string, o Generate) ([]string, error) {
	if err := m.needsTokenizer(); err != nil {
		return nil, err
	}
	prompts := make([][]int, len(questions))
	for i, q := range questions {
		prompts[i] = m.Tokenizer.ChatPrompt(q)
	}
	var out []string
	for lo := 0; lo < len(prompts); lo += batchRows {
		part, err := m.complete(ctx, prompts[lo:min(lo+batchRows, len(prompts))], lo, o)
		out = append(out, part...)
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

// complete continues each prompt. The draws of prompt i are those of number start+i, whatever stands beside it. A
// cancelled ctx gives what there is so far, and an error.
func (m *Model) complete(ctx context.Context, prompts [][]int, start int, o Generate) ([]string, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.MaxTokens = orInt(o.MaxTokens, 64)
	longest := 0
	for _, p := range prompts {
		if len(p) == 0 {
			return nil, errors.New("model: generate: an empty prompt, and the tokenizer has no token for a beginning")
		}
		if err := m.checkIDs(p); err != nil {
			return nil, fmt.Errorf("model: generate: %w", err)
		}
		longest = max(longest, len(p))
	}
	if longest > m.Config.Context {
		return nil, fmt.Errorf("model: %w: %d tokens, the context holds %d", ErrContext, longest, m.Config.Context)
	}
	room := min(m.Config.Context, longest+o.MaxTokens)
	d := m.decoder(len(prompts), room, o.Weights)
	logits := make([]float32, len(prompts)*m.Config.Vocab)
	all := make([]*running, len(prompts))
	result := func() []string {
		texts := make([]string, 0, len(all))
		for _, r := range all {
			if r != nil {
				texts = append(texts, r.out.finish())
			}
		}
		return texts
	}
	var live []*running
	for i, p := range prompts {
		if err := ctx.Err(); err != nil {
			return result(), fmt.Errorf("model: generate: %w", err)
		}
		r := &running{slot: i, position: len(p), sample: newSampler(o, start+i), out: stream{bytes: m.Tokenizer.Bytes, stops: o.Stop, emit: o.OnToken}}
		all[i] = r
		hidden := d.prefill(i, p)
		d.logits(logits[:m.Config.Vocab], hidden, 1)
		more, err := r.take(m, logits[:m.Config.Vocab], o.MaxTokens, room)
		if err != nil {
			return result(), err
		}
		if more {
			live = append(live, r)
		}
	}
	for len(live) > 0 {
		if err := ctx.Err(); err != nil {
			return result(), fmt.Errorf("model: generate: %w", err)
		}
		var err error
		if live, err = d.step(live, logits, o.MaxTokens); err != nil {
			return result(), err
		}
	}
	return result(), nil
}

// prefill reads a whole prompt into slot and returns the last hidden row.
func (d *decoder) prefill(slot int, prompt []int) []float32 {
	ids, sequence, position := make([]int32, len(prompt)), make([]int32, len(prompt)), make([]int32, len(prompt))
	for i, id := range prompt {
		ids[i], sequence[i], position[i] = int32(id), int32(slot), int32(i)
	}
	hidden := d.forward(ids, sequence, position)
	return hidden[(len(prompt)-1)*d.m.Config.Dim:]
}

// step feeds each live sequence its newest token and picks the next; it returns those that go on.
func (d *decoder) step(live []*running, logits []float32, most int) ([]*running, error) {
	n, V := len(live), d.m.Config.Vocab
	ids, sequence, position := make([]int32, n), make([]int32, n), make([]int32, n)
	for i, r := range live {
		ids[i], sequence[i], position[i] = int32(r.next), int32(r.slot), int32(r.position)
		r.position++
	}
	d.logits(logits[:n*V], d.forward(ids, sequence, position), n)
	var on []*running
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
	if id == m.Tokenizer.EOS() {
		return false, nil
	}
	r.next = id
	r.made++
	return !r.out.add(id) && r.made < most && r.position < room, nil
}

// checkIDs refuses ids outside the vocabulary, such as the -1 of a special token that a foreign tokenizer lacks.
func (m *Model) checkIDs(ids []int) error {
	for i, id := range ids {
		if id < 0 || id >= m.Config.Vocab {
			return fmt.Errorf("token %d has id %d, the model knows 0 to %d", i, id, m.Config.Vocab-1)
		}
	}
	return nil
}

// Logits are the scores after every position of ids: (T, V).
func (m *Model) Logits(ctx context.Context, ids []int) (*compute.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("model: logits: %w", err)
	}
	if len(ids) == 0 || len(ids) > m.Config.Context {
		return nil, fmt.Errorf("model: logits: %w: %d tokens, the context holds 1 to %d", ErrContext, len(ids), m.Config.Context)
	}
	if err := m.checkIDs(ids); err != nil {
		return nil, fmt.Errorf("model: logits: %w", err)
	}
	d := m.decoder(1, len(ids), Float32)
	d.prefill(0, ids)
	out := compute.New(len(ids), m.Config.Vocab)
	d.logits(out.Data, d.h, len(ids))
	return out, nil
}

// Candidate is a token that may come next.
type Candidate struct {
	Token string
	ID    int
	Prob  float64
}

// Next lists the k most probable tokens after text, most probable first.
func (m *Model) Next(ctx context.Context, text string, k int) ([]Candidate, error) {
	if err := m.needsTokenizer(); err != nil {
		return nil, err
	}
	return m.NextID(ctx, m.opening(text), k)
}

// NextID is Next for token ids, such as Tokenizer.ChatPrompt gives.
func (m *Model) NextID(ctx context.Context, ids []int, k int) ([]Candidate, error) {
	logits, err := m.Logits(ctx, ids)
	if err != nil {
		return nil, err
	}
	s := newSampler(Generate{Temperature: 1}, 0)
	choices, err := s.distribution(logits.Row(len(ids) - 1))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(choices, moreProbable)
	out := make([]Candidate, 0, min(max(k, 0), len(choices)))
	for _, c := range choices[:cap(out)] {
		name := fmt.Sprint(c.id)
		if m.Tokenizer != nil && c.id < m.Tokenizer.Size() {
			name = m.Tokenizer.Token(c.id)
		}
		out = append(out, Candidate{name, c.id, c.prob})
	}
	return out, nil
}

package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
)

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
	d, err := m.Decoder(ctx, Float32)
	if err != nil {
		return nil, err
	}
	return d.read(ctx, ids)
}

// read are the logits after every id.
func (d *Decoder) read(ctx context.Context, ids []int) (*compute.Tensor, error) {
	m := d.m
	if most := m.Config.Context - m.Extras.Front(); len(ids) == 0 || len(ids) > most {
		return nil, fmt.Errorf("model: logits: %w: %d tokens, the context holds 1 to %d", ErrContext, len(ids), most)
	}
	if err := m.checkIDs(ids); err != nil {
		return nil, fmt.Errorf("model: logits: %w", err)
	}
	d.reserve(1, m.Extras.Front()+len(ids))
	d.open(ids, 0)
	hidden, err := d.forward(ctx)
	if err != nil {
		return nil, err
	}
	hidden = hidden[d.of(0).prompt*m.Config.Dim:]
	return compute.From(d.logits(hidden, len(ids)), len(ids), m.Config.Vocab)
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

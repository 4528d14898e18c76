package method

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
)

// Sampling says how a policy answers prompts. It draws from all that it holds possible: with tokens cut off (top-k, top-p) the
// log-probabilities that the methods compare would not be those of the draws, and KL estimates fall below zero.
type Sampling struct {
	MaxTokens   int     // of an answer; zero means 64
	Temperature float64 // of the draws, and of all log-probabilities, entropies and KL; zero means 1
	Seed        uint64  // of the draws; within a run it is added to the run's
}

func (s Sampling) withDefaults() Sampling {
	if s.MaxTokens == 0 {
		s.MaxTokens = 64
	}
	if s.Temperature == 0 {
		s.Temperature = 1
	}
	return s
}

func (s Sampling) check() error {
	if s.MaxTokens < 0 || !(s.Temperature > 0) || math.IsInf(s.Temperature, 0) {
		return fmt.Errorf("fields Sampling.MaxTokens %d, Sampling.Temperature %g: none may be negative, and answers are drawn", s.MaxTokens, s.Temperature)
	}
	return nil
}

// String names every setting.
func (s Sampling) String() string {
	return fmt.Sprintf("at most %d tokens at temperature %g, seed %d", s.MaxTokens, s.Temperature, s.Seed)
}

// Write lets the policy answer each record's prompt once, side by side, and reads the answers again for log-probabilities and
// entropies.
func (s Sampling) Write(ctx context.Context, policy *model.Model, set data.Set) ([]Rollout, error) {
	if s = s.withDefaults(); policy == nil || policy.Tokenizer == nil {
		return nil, errors.New("method: write: the policy is nil or has no tokenizer: give it a model, such as base.Load(ctx)")
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("method: write: %w", err)
	}
	rollouts, err := s.write(ctx, policy, set)
	if err != nil {
		return nil, fmt.Errorf("method: write: %w", err)
	}
	reader, err := s.reader(policy, model.ReaderOptions{Entropy: true})
	if err != nil {
		return nil, fmt.Errorf("method: write: %w", err)
	}
	return rollouts, drawn(ctx, reader, rollouts)
}

// write is Write without what reading finds out.
func (s Sampling) write(ctx context.Context, policy *model.Model, set data.Set) ([]Rollout, error) {
	tok := policy.Tokenizer
	prompts := make([][]int, len(set))
	for i, r := range set {
		if r.Prompt == "" {
			return nil, fmt.Errorf("record %d: %w", i, data.ErrNoPrompt)
		}
		prompts[i] = tok.ChatPrompt(r.Prompt)
	}
	d, err := policy.Decoder(ctx, model.Float32)
	if err != nil {
		return nil, err
	}
	said, err := d.ContinueIDs(ctx, prompts, model.Generate{MaxTokens: s.MaxTokens, Temperature: s.Temperature, Seed: s.Seed})
	if err != nil {
		return nil, err
	}
	out := make([]Rollout, len(set))
	for i, ids := range said {
		r := Rollout{Record: set[i], Group: i, IDs: slices.Concat(prompts[i], ids), From: len(prompts[i]), Answer: tok.Decode(ids)}
		r.Ended = ids[len(ids)-1] == tok.EOS()
		for _, id := range r.IDs {
			r.Tokens = append(r.Tokens, tok.Token(id))
		}
		out[i] = r
	}
	return out, nil
}

// reader reads at the temperature of the draws.
func (s Sampling) reader(m *model.Model, o model.ReaderOptions) (*model.Reader, error) {
	o.Temperature = s.Temperature
	return m.Reader(o)
}

// drawn fills in what the policy that drew the answers says of them.
func drawn(ctx context.Context, policy *model.Reader, rollouts []Rollout) error {
	return each(ctx, policy, rollouts, func(r *Rollout, read model.Reading) {
		r.LogProbs = wide(read.LogProbs[r.From-1:])
		r.Entropy = wide(read.Entropy[r.From-1 : len(r.IDs)-1])
		if read.Scores != nil {
			r.Values = wide(read.Scores[r.From-1 : len(r.IDs)-1])
		}
	})
}

// Refer fills in what a reference says of the answers, and how far the policy is from it, by an estimator for each token.
func (s Sampling) Refer(ctx context.Context, reference *model.Model, rollouts []Rollout, by Estimator) error {
	reader, err := s.withDefaults().reader(reference, model.ReaderOptions{})
	if err != nil {
		return fmt.Errorf("method: refer: %w", err)
	}
	return measureKL(ctx, reader, rollouts, by)
}

func measureKL(ctx context.Context, reference *model.Reader, rollouts []Rollout, by Estimator) error {
	return each(ctx, reference, rollouts, func(r *Rollout, read model.Reading) {
		r.Reference = wide(read.LogProbs[r.From-1:])
		r.KL = make([]float64, r.Len())
		for t, q := range r.Reference {
			r.KL[t] = by.Of(r.LogProbs[t], q)
		}
	})
}

// Value fills in what a critic expects: its scalar head's words before each token of the answers. head is nil for the critic's own.
func (s Sampling) Value(ctx context.Context, critic *model.Model, head *compute.Tensor, rollouts []Rollout) error {
	if head == nil && !critic.Config.Score {
		return fmt.Errorf("method: value: %w", model.ErrNoScore)
	}
	reader, err := critic.Reader(model.ReaderOptions{Head: head})
	if err != nil {
		return fmt.Errorf("method: value: %w", err)
	}
	return value(ctx, reader, rollouts)
}

func value(ctx context.Context, critic *model.Reader, rollouts []Rollout) error {
	return each(ctx, critic, rollouts, func(r *Rollout, read model.Reading) {
		r.Values = wide(read.Scores[r.From-1 : len(r.IDs)-1])
	})
}

// Ratios fills in how much more probable each token is to a later policy than to the one that drew it.
func (s Sampling) Ratios(ctx context.Context, policy *model.Model, rollouts []Rollout) error {
	reader, err := s.withDefaults().reader(policy, model.ReaderOptions{})
	if err != nil {
		return fmt.Errorf("method: ratios: %w", err)
	}
	return each(ctx, reader, rollouts, func(r *Rollout, read model.Reading) {
		r.Ratios = wide(read.LogProbs[r.From-1:])
		for t, p := range r.LogProbs {
			r.Ratios[t] = math.Exp(r.Ratios[t] - p)
		}
	})
}

// each reads all rollouts and hands over what was found.
func each(ctx context.Context, reader *model.Reader, rollouts []Rollout, take func(r *Rollout, read model.Reading)) error {
	texts := make([][]int, len(rollouts))
	for i, r := range rollouts {
		texts[i] = r.IDs
	}
	read, err := reader.Read(ctx, texts)
	if err != nil {
		return fmt.Errorf("method: read answers: %w", err)
	}
	for i := range rollouts {
		take(&rollouts[i], read[i])
	}
	return nil
}

func wide(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

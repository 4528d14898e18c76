package method

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
)

// OnlineDPO is DPO on pairs that the model writes itself, as it stands (Guo et al., arXiv:2402.04792, algorithm 1): it answers each
// prompt twice, what scores answers says which of the two is chosen, and DPO learns from that. So it is corrected where it goes, where
// fixed pairs speak of answers that it would not give any more. Answers are data: no gradient flows through the writing. Two answers
// that score alike, or are the same, teach nothing and are left out.
//
// Records need a prompt only. Held-out records (train.Job.Eval) need a chosen and a rejected answer.
type OnlineDPO struct {
	DPO      // the loss, its beta and the reference
	Sampling Sampling
	Scoring  Scoring
	Every    int // steps between two times of writing; zero means 4. The paper writes for each
}

// Ties is the share of prompts whose two answers score alike, which OnlineDPO logs beside MeanScore, EndedShare and AnswerLength.
const Ties = "ties"

// Name is online-dpo.
func (o OnlineDPO) Name() string { return "online-" + o.DPO.Name() }

// String names every setting, models by the hash of their weights.
func (o OnlineDPO) String() string {
	o = o.withDefaults()
	return fmt.Sprintf("every %d steps, %v; %v; %v", o.Every, o.Sampling, o.Scoring, o.DPO)
}

func (o OnlineDPO) withDefaults() OnlineDPO {
	o.Sampling, o.Scoring = o.Sampling.withDefaults(), o.Scoring.withDefaults()
	if o.Every == 0 {
		o.Every = 4
	}
	return o
}

// Examples are prompts with room for two answers, or pairs where the records are.
func (o OnlineDPO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	if len(set) > 0 && set[0].Rejected != "" {
		return o.DPO.Examples(ctx, m, set, length)
	}
	examples, err := prompted(ctx, m, set, length, o.Sampling.withDefaults())
	for i, e := range examples {
		n := len(e.IDs)
		if 2*n > length {
			return nil, fmt.Errorf("record %d: %w: two answers of up to %d tokens, each with the prompt, and rows have %d: set Job.Length to %d or more, or Sampling.MaxTokens lower", i, data.ErrTooLong, o.Sampling.withDefaults().MaxTokens, length, 2*n)
		}
		examples[i] = data.Example{IDs: slices.Concat(e.IDs, e.IDs), Labels: slices.Concat(e.Labels, e.Labels), Starts: []int{n}}
	}
	return examples, err
}

// Auxiliary is that of DPO, and the writing.
func (o OnlineDPO) Auxiliary(ctx context.Context, r Run) (*Auxiliary, error) {
	o = o.withDefaults()
	if o.Every < 0 {
		return nil, fmt.Errorf("method: online-dpo: field Every is %d: want the steps between two times of writing, such as 4", o.Every)
	}
	if err := errors.Join(o.Sampling.check(), o.Scoring.check(r.Model)); err != nil {
		return nil, fmt.Errorf("method: online-dpo: %w", err)
	}
	aux, err := o.DPO.Auxiliary(ctx, r)
	if err != nil {
		return nil, err
	}
	refer := aux.Annotate
	aux.Annotate = func(ctx context.Context, examples []data.Example) error {
		if examples[0].Tokens == nil { // prompts
			return nil
		}
		return refer(ctx, examples)
	}
	aux.Every, aux.Renew = o.Every, func(ctx context.Context, r Renewal) ([]data.Example, error) {
		made, err := o.write(ctx, r)
		if err == nil {
			err = refer(ctx, made)
		}
		if err != nil {
			return nil, fmt.Errorf("method: online-dpo: %w", err)
		}
		return made, nil
	}
	return aux, nil
}

// atOnce is how many prompts are answered side by side, twice each.
const atOnce = 32

// write lets the model answer prompts, in an order drawn for the step, until there are enough pairs to read.
func (o OnlineDPO) write(ctx context.Context, r Renewal) (out []data.Example, err error) {
	rng := rand.New(rand.NewPCG(r.Seed+o.Sampling.Seed, 0x0d90<<32+uint64(r.Step)))
	order := rng.Perm(len(r.Data))
	var all []Rollout
	for tokens := 0; tokens < r.Tokens && len(order) > 0; {
		n := min(atOnce, len(order))
		var set data.Set
		for _, i := range order[:n] {
			set = append(set, r.Data[i], r.Data[i])
		}
		order = order[n:]
		s := o.Sampling
		s.Seed = rng.Uint64()
		said, err := s.write(ctx, r.Model, set)
		if err == nil {
			err = o.Scoring.Score(ctx, said)
		}
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(said); i += 2 {
			if e, ok := ranked(said[i], said[i+1]); ok {
				out, tokens = append(out, e), tokens+len(e.IDs)
			}
		}
		all = append(all, said...)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("both answers to each of %d prompts score alike, so nothing is chosen: raise Sampling.Temperature, or look at what Scoring gives", len(all)/2)
	}
	score, ended, length := 0.0, 0.0, 0
	for _, x := range all {
		score, length = score+x.Score, length+x.Len()
		if x.Ended {
			ended++
		}
	}
	answers := float64(len(all))
	r.Log(MeanScore, "", score/answers)
	r.Log(EndedShare, "", ended/answers)
	r.Log(AnswerLength, "tokens", float64(length)/answers)
	r.Log(Ties, "", 1-2*float64(len(out))/answers)
	return out, nil
}

// ranked is a pair of the better and the worse of two answers, unless they score alike.
func ranked(a, b Rollout) (data.Example, bool) {
	if a.Score == b.Score || a.Answer == b.Answer && a.Ended == b.Ended {
		return data.Example{}, false
	}
	if a.Score < b.Score {
		a, b = b, a
	}
	chosen, rejected := answer(a.IDs, a.From), answer(b.IDs, b.From)
	e := data.Example{IDs: slices.Concat(chosen.IDs, rejected.IDs), Labels: slices.Concat(chosen.Labels, rejected.Labels), Starts: []int{len(chosen.IDs)}}
	mark(&e)
	return e, true
}

var _ Assisted = OnlineDPO{}

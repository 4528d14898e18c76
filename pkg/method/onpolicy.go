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

// OnPolicy is generalized knowledge distillation, GKD (Agarwal et al., arXiv:2306.13649, algorithm 1): the student writes
// answers itself, as it stands, and the teacher's probabilities after each of its tokens are what it learns. So it learns
// what to do after its own mistakes, which answers of others never show. The answers are data: no gradient flows through
// the writing. Labels have no say on what the student wrote, so Alpha is zero.
//
// Records need no answers where Share is 1.
type OnPolicy struct {
	Distill
	Share     float64 // λ, of answers that the student writes; the others are the data's. Zero means 1
	Every     int     // steps between two times of writing; zero means 10
	MaxTokens int     // of an answer; zero means 64
	Sampling  float64 // temperature at which the student writes; zero means 1
}

// Name is on-policy.
func (OnPolicy) Name() string { return "on-policy" }

// String names every setting.
func (o OnPolicy) String() string {
	o = o.withDefaults()
	return fmt.Sprintf("share %g every %d steps, at most %d tokens at temperature %g, %v", o.Share, o.Every, o.MaxTokens, o.Sampling, o.Distill)
}

func (o OnPolicy) withDefaults() OnPolicy {
	if o.Share == 0 {
		o.Share = 1
	}
	if o.Every == 0 {
		o.Every = 10
	}
	if o.MaxTokens == 0 {
		o.MaxTokens = 64
	}
	if o.Sampling == 0 {
		o.Sampling = 1
	}
	return o
}

// Examples puts each record through the chat template. One without an answer ends where its answer would begin.
func (o OnPolicy) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	if m.Tokenizer == nil || o.withDefaults().Share < 1 {
		return o.Distill.Examples(ctx, m, set, length)
	}
	examples := make([]data.Example, len(set))
	for i, r := range set {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("method: encode: %w", err)
		}
		var err error
		if r.Prompt == "" || r.Answer != "" {
			examples[i], err = data.Encode(m.Tokenizer, r, data.EncodeOptions{MaxLength: length})
		} else if ids := append(m.Tokenizer.ChatPrompt(r.Prompt), m.Tokenizer.EOS()); len(ids) > length {
			err = fmt.Errorf("method: %w: %d tokens, rows have %d", data.ErrTooLong, len(ids), length)
		} else {
			examples[i] = answer(ids, len(ids)-1)
		}
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
	}
	return examples, nil
}

// answer is an example that trains on ids from number from on.
func answer(ids []int, from int) data.Example {
	e := data.Example{IDs: ids, Labels: make([]int, len(ids))}
	for i := range ids {
		e.Labels[i] = data.Ignore
		if i+1 >= from && i+1 < len(ids) {
			e.Labels[i] = ids[i+1]
		}
	}
	return e
}

// Auxiliary is that of Distill, and the writing.
func (o OnPolicy) Auxiliary(ctx context.Context, r Run) (*Auxiliary, error) {
	o = o.withDefaults()
	switch {
	case !(o.Share > 0 && o.Share <= 1):
		return nil, fmt.Errorf("method: on-policy: field Share is %g: want above 0, to 1; with none of the answers the student's own, use method.Distill", o.Share)
	case o.Every < 0 || o.MaxTokens < 0 || !(o.Sampling > 0):
		return nil, fmt.Errorf("method: on-policy: Every %d, MaxTokens %d, Sampling %g: none may be negative", o.Every, o.MaxTokens, o.Sampling)
	case o.Alpha != 0:
		return nil, fmt.Errorf("method: on-policy: field Alpha is %g, but what the student wrote is no label: leave it 0", o.Alpha)
	case o.TrainOnPrompt:
		return nil, errors.New("method: on-policy: TrainOnPrompt leaves no prompt to answer: leave it out")
	}
	aux, err := o.Distill.Auxiliary(ctx, r)
	if err != nil {
		return nil, err
	}
	aux.Renew, aux.Every = o.write, o.Every
	return aux, nil
}

// write takes examples in an order drawn for the step until there are enough to read, and lets the model answer a share.
func (o OnPolicy) write(ctx context.Context, r Renewal) ([]data.Example, error) {
	rng := rand.New(rand.NewPCG(r.Seed, 0x6cd<<32+uint64(r.Step)))
	var out []data.Example
	var prompts [][]int
	tokens := 0
	for _, i := range rng.Perm(len(r.Examples)) {
		if tokens >= r.Tokens {
			break
		}
		e := r.Examples[i]
		tokens += len(e.IDs)
		if own := rng.Float64() < o.Share; !own {
			out = append(out, e)
		} else if first := slices.IndexFunc(e.Labels, func(label int) bool { return label != data.Ignore }); first >= 0 && first+1 < r.Length {
			prompts = append(prompts, e.IDs[:first+1])
		}
	}
	d, err := r.Model.Decoder(ctx, model.Float32)
	if err != nil {
		return nil, fmt.Errorf("method: on-policy: %w", err)
	}
	said, err := d.ContinueIDs(ctx, prompts, model.Generate{MaxTokens: o.MaxTokens, Temperature: o.Sampling, Seed: rng.Uint64()})
	if err != nil {
		return nil, fmt.Errorf("method: on-policy: %w", err)
	}
	for i, ids := range said {
		whole := slices.Concat(prompts[i], ids)
		out = append(out, answer(whole[:min(len(whole), r.Length)], len(prompts[i])))
	}
	return out, nil
}

var _ Assisted = OnPolicy{}

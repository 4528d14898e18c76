package method

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
)

// ErrNoRejected says that a record is no pair.
var ErrNoRejected = errors.New("the record has no rejected answer: a pair has a Prompt, an Answer that was chosen and a Rejected one, as world.Preferences gives them")

// pair is a record's two answers, each behind the prompt, as one example of two texts: the chosen one first.
func pair(m *model.Model, r data.Record, length int) (data.Example, error) {
	if r.Rejected == "" {
		return data.Example{}, fmt.Errorf("record %q: %w", r.Prompt, ErrNoRejected)
	}
	chosen, err := data.Encode(m.Tokenizer, r, data.EncodeOptions{})
	if err != nil {
		return data.Example{}, err
	}
	r.Answer = r.Rejected
	rejected, err := data.Encode(m.Tokenizer, r, data.EncodeOptions{})
	if err != nil {
		return data.Example{}, err
	}
	n := len(chosen.IDs)
	if whole := n + len(rejected.IDs); whole > length {
		return data.Example{}, fmt.Errorf("record %q: %w: the chosen answer has %d tokens and the rejected one %d, each with the prompt, and a row has %d for both: set Job.Length to %d or more", r.Prompt, data.ErrTooLong, n, len(rejected.IDs), length, whole)
	}
	return data.Example{IDs: append(chosen.IDs, rejected.IDs...), Labels: append(chosen.Labels, rejected.Labels...), Starts: []int{n}}, nil
}

// sides gives every token that is trained on a number: one in the chosen answer, another in the rejected one, and the others 0.
func sides(e data.Example, chosen, rejected float32) []float32 {
	out := make([]float32, len(e.IDs))
	for i, label := range e.Labels {
		switch {
		case label == data.Ignore:
		case i < e.Starts[0]:
			out[i] = chosen
		default:
			out[i] = rejected
		}
	}
	return out
}

// pairs encodes records as pairs. Each has a number, weight: those of one ranking, which have the same prompt and ID, share one
// vote; over all pairs the mean is 1. note adds what else the loss reads.
func pairs(ctx context.Context, m *model.Model, set data.Set, length int, note func(r data.Record, e *data.Example) error) ([]data.Example, error) {
	if m.Tokenizer == nil {
		return nil, errors.New("method: the model has no tokenizer")
	}
	type ranking struct{ prompt, id string }
	size := map[ranking]int{}
	votes := 0.0
	for i, r := range set {
		if r.ID == "" { // alone
			r.ID = fmt.Sprint("#", i)
		}
		key := ranking{r.Prompt, r.ID}
		if size[key]++; size[key] == 1 {
			votes++
		}
	}
	out := make([]data.Example, len(set))
	for i, r := range set {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("method: encode: %w", err)
		}
		e, err := pair(m, r, length)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		share := 1.0
		if r.ID != "" {
			share = 1 / float64(size[ranking{r.Prompt, r.ID}])
		}
		e.Numbers = map[string]float32{"weight": float32(share * float64(len(set)) / votes)}
		if err := note(r, &e); err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		out[i] = e
	}
	return out, nil
}

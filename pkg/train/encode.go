package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
)

// Rows are usualLength tokens unless a record needs more; then they are the next multiple of bucket, since a graph is
// built for one length and a full row costs what its length costs.
const (
	usualLength = 128
	bucket      = 32
)

// encode turns the records into examples, sets l.held, and settles Job.Length when it was left open. What the method knows of
// them beside is added.
func (l *loop) encode(ctx context.Context) ([]data.Example, error) {
	examples, err := l.tokens(ctx)
	if err != nil || l.aux.Annotate == nil {
		return examples, err
	}
	if err := l.aux.Annotate(ctx, examples); err != nil {
		return nil, err
	}
	if len(l.held) > 0 {
		if err := l.aux.Annotate(ctx, l.held); err != nil {
			return nil, fmt.Errorf("held-out records: %w", err)
		}
	}
	return examples, nil
}

func (l *loop) tokens(ctx context.Context) ([]data.Example, error) {
	most := l.model.Config.Context
	if e := l.model.Extras; e != nil {
		most -= e.Prefix
	}
	if l.job.Length > most {
		return nil, fmt.Errorf("Job.Length is %d: behind a prefix the model's context holds %d", l.job.Length, most)
	}
	if l.job.Length != 0 {
		return l.encodeAt(ctx, l.job.Length)
	}
	l.job.Length = min(usualLength, most)
	examples, err := l.encodeAt(ctx, l.job.Length)
	if err == nil || l.job.Length == most || !errors.Is(err, data.ErrTooLong) {
		return examples, err
	}
	if examples, err = l.encodeAt(ctx, most); err != nil {
		return nil, err
	}
	longest := 0
	for _, set := range [][]data.Example{examples, l.held} {
		for _, e := range set {
			longest = max(longest, len(e.IDs))
		}
	}
	l.job.Length = min(most, (longest+bucket-1)/bucket*bucket)
	return examples, nil
}

func (l *loop) encodeAt(ctx context.Context, length int) ([]data.Example, error) {
	examples, err := behind(ctx, l.model, l.job.Method, l.job.Data, length)
	if err != nil || len(l.job.Eval) == 0 {
		return examples, err
	}
	if l.held, err = behind(ctx, l.model, l.job.Method, l.job.Eval, length); err != nil {
		return nil, fmt.Errorf("held-out %w", err)
	}
	return examples, nil
}

// behind are a method's examples with the ids of the model's prompt, if it has one, in front of each: packed together, every
// record still has its own.
func behind(ctx context.Context, m *model.Model, how method.Method, set data.Set, length int) ([]data.Example, error) {
	if m.Extras == nil || m.Extras.Prompt == 0 {
		return how.Examples(ctx, m, set, length)
	}
	n := m.Extras.Prompt
	if length <= n {
		return nil, fmt.Errorf("rows of %d tokens have no room behind a prompt of %d: %w", length, n, data.ErrTooLong)
	}
	examples, err := how.Examples(ctx, m, set, length-n)
	for i, e := range examples {
		if len(e.Starts) > 0 {
			return nil, fmt.Errorf("%s reads several texts side by side, and the model has a prompt in front of each (adapt.Prompt): choose another adaptation", how.Name())
		}
		ids, labels := make([]int, 0, n+len(e.IDs)), make([]int, 0, n+len(e.IDs))
		for k := range n {
			ids, labels = append(ids, m.Config.Vocab+k), append(labels, data.Ignore)
		}
		e.IDs, e.Labels = append(ids, e.IDs...), append(labels, e.Labels...)
		for name, values := range e.Tokens {
			e.Tokens[name] = append(make([]float32, n), values...)
		}
		examples[i] = e
	}
	return examples, err
}

// trained counts the tokens that the loss counts.
func trained(examples []data.Example) int {
	n := 0
	for _, e := range examples {
		n += e.Trained()
	}
	return n
}

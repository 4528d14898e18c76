package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
)

// Rows are usualLength tokens unless a record needs more; then they are the next multiple of bucket, since a graph is
// built for one length and a full row costs what its length costs.
const (
	usualLength = 128
	bucket      = 32
)

// encode turns the records into examples, sets l.held, and settles Job.Length when it was left open.
func (l *loop) encode(ctx context.Context) ([]data.Example, error) {
	most := l.model.Config.Context
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
	examples, err := l.job.Method.Examples(ctx, l.model, l.job.Data, length)
	if err != nil || len(l.job.Eval) == 0 {
		return examples, err
	}
	if l.held, err = l.job.Method.Examples(ctx, l.model, l.job.Eval, length); err != nil {
		return nil, fmt.Errorf("held-out %w", err)
	}
	return examples, nil
}

// trained counts the tokens that the loss counts.
func trained(examples []data.Example) int {
	n := 0
	for _, e := range examples {
		for _, label := range e.Labels {
			if label != data.Ignore {
				n++
			}
		}
	}
	return n
}

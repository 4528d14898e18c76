package world

import (
	"context"

	"github.com/tunebook/tunebook/pkg/data"
)

// A Plan is the options of a set: [TextOptions], [QuestionOptions], [DialogueOptions],
// [LabelOptions], [CandidateOptions], [PreferenceOptions], [RequestOptions],
// [BiasOptions], [PremiseOptions], [ContinuationOptions], [DocumentOptions], [LibraryOptions]
// or [TaskOptions].
type Plan interface {
	records(ctx context.Context, w *World, yield func(data.Record) bool) error
}

// Each makes the records of a set one after the other and hands each to yield, until it
// returns false. They are those that the set's own method returns, in the same order,
// without ever being in memory together.
func (w *World) Each(ctx context.Context, p Plan, yield func(data.Record) bool) error {
	return p.records(ctx, w, yield)
}

func (w *World) collect(ctx context.Context, p Plan) (data.Set, error) {
	var set data.Set
	err := p.records(ctx, w, func(r data.Record) bool {
		set = append(set, r)
		return true
	})
	if err != nil {
		return nil, err
	}
	return set, nil
}

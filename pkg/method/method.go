package method

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// Method is a way to train.
type Method interface {
	// Name is the method's short name, such as sft.
	Name() string
	// Examples turns records into token sequences of at most length tokens with their labels.
	Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error)
	// Loss makes the scalar that training lowers from the model's outputs and the labels, targets (B·T).
	Loss(out *model.Outputs, targets *graph.Node) *graph.Node
}

// encode is Examples for methods whose examples are single records.
func encode(ctx context.Context, m *model.Model, set data.Set, o data.EncodeOptions) ([]data.Example, error) {
	if m.Tokenizer == nil {
		return nil, fmt.Errorf("method: the model has no tokenizer")
	}
	out := make([]data.Example, len(set))
	for i, r := range set {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("method: encode: %w", err)
		}
		e, err := data.Encode(m.Tokenizer, r, o)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		out[i] = e
	}
	return out, nil
}

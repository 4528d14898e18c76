package method

import (
	"context"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// Causal is pre-training: predict every next token of running text (Radford et al., Improving Language Understanding by
// Generative Pre-Training, eq. 1).
type Causal struct{}

// Name is causal.
func (Causal) Name() string { return "causal" }

// Examples takes the Text of each record; all of it counts. Text longer than length is cut.
func (Causal) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return encode(ctx, m, set, data.EncodeOptions{MaxLength: length, Truncate: true})
}

// Loss is the cross-entropy over all tokens.
func (Causal) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	return graph.LinearCrossEntropy(out.Hidden, out.Head, targets, nil)
}

var _ Method = Causal{}

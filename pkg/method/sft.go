package method

import (
	"context"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// SFT is supervised fine-tuning: the mean of −log p(token | what stands before it) over the tokens of the answers
// (Ouyang et al., arXiv:2203.02155, section 3.5). Prompts are read and not predicted.
type SFT struct {
	TrainOnPrompt bool // also predict the prompts
}

// Name is sft.
func (SFT) Name() string { return "sft" }

// Examples puts each record through the chat template; the loss counts on answers and their ends.
func (s SFT) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return encode(ctx, m, set, data.EncodeOptions{TrainOnPrompt: s.TrainOnPrompt, MaxLength: length})
}

// Loss is the cross-entropy over the labelled tokens.
func (SFT) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	return graph.LinearCrossEntropy(out.Hidden, out.Head, targets, nil)
}

var _ Method = SFT{}

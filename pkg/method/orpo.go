package method

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// ORPO is odds ratio preference optimization (Hong et al., arXiv:2403.07691): fine-tuning on the chosen answers that holds the
// rejected ones down at the same time, in one run from a base model and without a reference. With log P(y|x) the mean
// log-probability of an answer's tokens and odds = P/(1 − P), the mean over the pairs of
//
//	−log P(chosen) − Lambda·log σ(log odds(chosen) − log odds(rejected))
//
// falls (eq. 6 and 7). The first term counts the answer and its end. (TRL counts the prompt there too.)
type ORPO struct {
	Lambda float64 // λ; zero means 0.1
}

// NLL is what ORPO reports of its first term.
const NLL = "loss of chosen"

// Name is orpo.
func (ORPO) Name() string { return "orpo" }

// Examples are pairs; the loss counts on answers and their ends.
func (ORPO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return preferences(ctx, m, set, length)
}

// Loss is the sum above.
func (o ORPO) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	lambda := usual(o.Lambda, 0.1)
	chosen, rejected := logProbs(out, targets)
	chosen, rejected = graph.Mul(chosen, out.Number(shareChosen)), graph.Mul(rejected, out.Number(shareRejected)) // log P
	logOdds := func(x *graph.Node) *graph.Node { return graph.Sub(x, graph.Log1mExp(x)) }
	ratio := graph.Sub(logOdds(chosen), logOdds(rejected))
	sft := out.MeanExamples(graph.Scale(chosen, -1))
	out.Report(NLL, "nats per token", sft)
	reportRewards(out, graph.Scale(chosen, lambda), graph.Scale(rejected, lambda))
	return graph.Sub(sft, graph.Scale(out.MeanExamples(graph.LogSigmoid(ratio)), lambda))
}

// Auxiliary checks the setting.
func (o ORPO) Auxiliary(_ context.Context, r Run) (*Auxiliary, error) {
	if err := positive("orpo", "Lambda", usual(o.Lambda, 0.1), 0.1); err != nil {
		return nil, err
	}
	if err := readsPairs(r.Model); err != nil {
		return nil, fmt.Errorf("method: orpo: %w", err)
	}
	return &Auxiliary{PerExample: true, Unit: "per pair"}, nil
}

var _ Assisted = ORPO{}

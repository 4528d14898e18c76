package method

import (
	"context"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// SimPO is simple preference optimization (Meng et al., arXiv:2405.14734): DPO without a reference, whose reward is what the
// model writes by, the mean log-probability of an answer's tokens, so that long answers gain nothing by being long. The mean over the
// pairs of
//
//	−log σ(β·log P(chosen) − β·log P(rejected) − γ),  log P(y|x) = log π(y|x)/|y|
//
// falls (eq. 6). Nothing holds the model near where it began but few steps at a small rate.
type SimPO struct {
	Beta  float64 // β; zero means 2
	Gamma float64 // γ, how far the chosen answer must be ahead; zero means 1, negative means none
}

// Name is simpo.
func (SimPO) Name() string { return "simpo" }

func (s SimPO) gamma() float64 { return max(0, usual(s.Gamma, 1)) }

// Examples are pairs; the loss counts on answers and their ends.
func (SimPO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return preferences(ctx, m, set, length)
}

// Loss is the mean above.
func (s SimPO) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	chosen, rejected := logProbs(out, targets)
	chosen = graph.Scale(graph.Mul(chosen, out.Number(shareChosen)), usual(s.Beta, 2))
	rejected = graph.Scale(graph.Mul(rejected, out.Number(shareRejected)), usual(s.Beta, 2))
	reportRewards(out, chosen, rejected)
	ahead := graph.Shift(graph.Sub(chosen, rejected), -s.gamma())
	return graph.Scale(out.MeanExamples(graph.LogSigmoid(ahead)), -1)
}

// Auxiliary checks the settings.
func (s SimPO) Auxiliary(_ context.Context, r Run) (*Auxiliary, error) {
	if err := positive("simpo", "Beta", usual(s.Beta, 2), 2); err != nil {
		return nil, err
	}
	if math.IsNaN(s.Gamma) || math.IsInf(s.Gamma, 0) {
		return nil, fmt.Errorf("method: simpo: field Gamma is %g: want a finite number, such as 1; negative means none", s.Gamma)
	}
	if err := readsPairs(r.Model); err != nil {
		return nil, fmt.Errorf("method: simpo: %w", err)
	}
	return &Auxiliary{PerExample: true, Unit: "per pair"}, nil
}

var _ Assisted = SimPO{}

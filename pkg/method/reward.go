package method

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Reward trains a reward model on pairs: a scalar head beside the output layer reads the end of an answer, r, and the mean over
// the pairs of
//
//	−log σ(r(chosen) − r(rejected) − margin) + Centering·(r(chosen) + r(rejected))²
//
// falls: the choice model of Bradley and Terry, Biometrika 39, 1952, as in Ouyang et al., arXiv:2203.02155, eq. 1. The pairs of
// one ranking of K answers have the same ID and share one vote, so a long ranking does not count for more (section 3.5). The
// trained model scores by Model.Scores, and is saved with its head.
type Reward struct {
	// Margin names the entry of a record's Scores that says how much better the chosen answer is: it is asked for between the two
	// rewards (Touvron et al., Llama 2, arXiv:2307.09288, eq. 2). Empty means no margin.
	Margin string
	// Centering keeps rewards near zero, which pairs leave open: 0.01 is usual (Eisenstein et al., arXiv:2312.09244, section 5).
	Centering float64
}

// Names of what a reward model reports, and preferences too.
const (
	PairAccuracy = "pair accuracy" // share of pairs whose chosen answer is ahead
	PairMargin   = "margin"        // mean of r(chosen) − r(rejected)
)

// Name is reward.
func (Reward) Name() string { return "reward" }

// Examples are pairs: each text's last token, its end, is where the head reads.
func (r Reward) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return pairs(ctx, m, set, length, func(rec data.Record, e *data.Example) error {
		for i := range e.Labels {
			e.Labels[i] = data.Ignore
		}
		chosen, rejected := e.Starts[0]-1, len(e.IDs)-1
		e.Labels[chosen], e.Labels[rejected] = m.Tokenizer.EOS(), m.Tokenizer.EOS()
		e.Tokens = map[string][]float32{"sign": sides(*e, 1, -1), "end": sides(*e, 1, 1)}
		if r.Margin != "" {
			margin, ok := rec.Scores[r.Margin]
			if !ok {
				return fmt.Errorf("record %q has no Scores[%q], which Reward.Margin names", rec.Prompt, r.Margin)
			}
			e.Numbers["margin"] = float32(margin)
		}
		return nil
	})
}

// Loss is the sum above.
func (r Reward) Loss(out *model.Outputs, _ *graph.Node) *graph.Node {
	score := out.Scores(model.ScoreName)                          // (B·T)
	apart := out.SumExamples(graph.Mul(score, out.Token("sign"))) // r(chosen) − r(rejected), by pair
	out.Report(PairAccuracy, "", out.MeanExamples(graph.Positive(apart)))
	out.Report(PairMargin, "", out.MeanExamples(apart))
	ahead := apart
	if r.Margin != "" {
		ahead = graph.Sub(apart, out.Number("margin"))
	}
	loss := graph.Scale(graph.LogSigmoid(ahead), -1)
	if r.Centering > 0 {
		sum := out.SumExamples(graph.Mul(score, out.Token("end")))
		loss = graph.Add(loss, graph.Scale(graph.Square(sum), r.Centering))
	}
	return out.MeanExamples(graph.Mul(loss, out.Number("weight")))
}

// Auxiliary is the scalar head, of zeros unless the model has one.
func (r Reward) Auxiliary(_ context.Context, run Run) (*Auxiliary, error) {
	if !(r.Centering >= 0) || math.IsInf(r.Centering, 0) {
		return nil, fmt.Errorf("method: reward: field Centering is %g: want a number that is not negative, such as 0.01", r.Centering)
	}
	head, err := run.Model.AddScore()
	if err != nil {
		return nil, fmt.Errorf("method: reward: %w", err)
	}
	head.Data = slices.Clone(head.Data) // where it does not move by the adaptation, it may lie where the base has it
	params := &nn.Params{}
	if err := params.Add(model.ScoreName+".weight", head); err != nil {
		return nil, fmt.Errorf("method: reward: %w", err)
	}
	return &Auxiliary{Params: params, PerExample: true, Unit: "nats per pair"}, nil
}

var _ Assisted = Reward{}

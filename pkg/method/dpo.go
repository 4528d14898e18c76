package method

import (
	"context"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// DPO is direct preference optimization (Rafailov et al., arXiv:2305.18290): it learns from pairs of a chosen and a rejected
// answer without a reward model and without sampling. An answer's reward is how much more probable the model finds it than a
// reference does, r = β·(log π(y|x) − log π_ref(y|x)), and the mean over the pairs of a function of the margin
// h = r(chosen) − r(rejected) falls; by default that of Bradley and Terry, eq. 7:
//
//	−log σ(h)
//
// At the start model and reference are the same, h is 0 and the loss ln 2. What counts is the difference: the log-probability of
// chosen answers usually falls too, since they share words with the rejected ones, and a little less (ChosenLogProb is
// reported). Probability then goes to answers that are in neither column, which is a reason to stop early.
type DPO struct {
	// Beta, β, holds the model near the reference: the smaller, the farther it may go. Zero means 0.1.
	Beta float64
	// Kind is the function of h. Zero means Sigmoid.
	Kind DPOKind
	// Smoothing, ε, is the share of pairs that are believed to be the wrong way round, at least 0 and below ½: for Robust, and for
	// Sigmoid, which it makes conservative, −(1−ε)·log σ(h) − ε·log σ(−h).
	Smoothing float64
	// Reference reads the pairs once, before the first step. Nil means the model as the run began, train.Job.Model; for a model
	// that was trained already, such as with train.Measure, give it.
	Reference *model.Model
}

// DPOKind is a loss of pairs: a function of the margin h.
type DPOKind int

// The kinds of DPO.
const (
	// Sigmoid is −log σ(h).
	Sigmoid DPOKind = iota
	// Hinge is max(0, 1 − h), of SLiC-HF, Zhao et al., arXiv:2305.10425, eq. 1: pairs that are 1 apart count no more.
	Hinge
	// IPO is (h/β − 1/(2β))², Azar et al., arXiv:2310.12036, eq. 17, with τ = β: h/β does not grow without bound where raters
	// are unanimous. Log-probabilities are means over the tokens of each answer, as TRL has them and the paper's authors told it;
	// the paper writes sums, which make one β mean another thing for answers of every length.
	IPO
	// Robust is (−(1−ε)·log σ(h) + ε·log σ(−h))/(1−2ε), Chowdhury et al., arXiv:2403.00409, section 3: its mean over pairs of which a
	// share ε was swapped at random is that of Sigmoid over the right ones.
	Robust
)

// String is the kind's name.
func (k DPOKind) String() string {
	if k < Sigmoid || k > Robust {
		return fmt.Sprintf("kind %d", int(k))
	}
	return [...]string{"sigmoid", "hinge", "ipo", "robust"}[k]
}

// Name is dpo, with the kind where it is not Sigmoid.
func (d DPO) Name() string {
	if d.Kind == Sigmoid {
		return "dpo"
	}
	return "dpo " + d.Kind.String()
}

// String names every setting, the reference by the hash of its weights.
func (d DPO) String() string {
	return fmt.Sprintf("%v, beta %g, smoothing %g, %s", d.Kind, usual(d.Beta, 0.1), d.Smoothing, refers(d.Reference))
}

// Examples are pairs; the loss counts on answers and their ends.
func (d DPO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return preferences(ctx, m, set, length)
}

// Loss is the mean of the kind's function over the pairs.
func (d DPO) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	chosen, rejected := logProbs(out, targets)
	chosen, rejected = graph.Sub(chosen, out.Number(refChosen)), graph.Sub(rejected, out.Number(refRejected)) // log π/π_ref
	if d.Kind == IPO {
		chosen, rejected = graph.Mul(chosen, out.Number(shareChosen)), graph.Mul(rejected, out.Number(shareRejected)) // means over tokens
	}
	beta := usual(d.Beta, 0.1)
	chosen, rejected = graph.Scale(chosen, beta), graph.Scale(rejected, beta)
	reportRewards(out, chosen, rejected)
	return out.MeanExamples(d.of(graph.Sub(chosen, rejected), beta))
}

// of is the function of the margin.
func (d DPO) of(h *graph.Node, beta float64) *graph.Node {
	right := graph.Scale(graph.LogSigmoid(h), -1)
	wrong := graph.Scale(graph.LogSigmoid(graph.Scale(h, -1)), -1)
	e := d.Smoothing
	switch d.Kind {
	case Hinge:
		return graph.Clamp(graph.Shift(graph.Scale(h, -1), 1), 0, math.Inf(1))
	case IPO:
		return graph.Square(graph.Shift(graph.Scale(h, 1/beta), -1/(2*beta)))
	case Robust:
		return graph.Scale(graph.Sub(graph.Scale(right, 1-e), graph.Scale(wrong, e)), 1/(1-2*e))
	}
	if e == 0 {
		return right
	}
	return graph.Add(graph.Scale(right, 1-e), graph.Scale(wrong, e))
}

// Auxiliary lets the reference read the pairs.
func (d DPO) Auxiliary(_ context.Context, r Run) (*Auxiliary, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	reference, err := referenceOf(d.Reference, r)
	if err != nil {
		return nil, fmt.Errorf("method: dpo: %w", err)
	}
	return &Auxiliary{PerExample: true, Unit: "per pair", Annotate: func(ctx context.Context, examples []data.Example) error {
		return compareWith(ctx, reference, examples, refChosen, refRejected)
	}}, nil
}

func (d DPO) check() error {
	switch {
	case d.Kind < Sigmoid || d.Kind > Robust:
		return fmt.Errorf("method: dpo: field Kind is %d: want method.Sigmoid, Hinge, IPO or Robust", int(d.Kind))
	case !(d.Smoothing >= 0 && d.Smoothing < .5):
		return fmt.Errorf("method: dpo: field Smoothing is %g: want the share of pairs that are the wrong way round, 0 to below 0.5", d.Smoothing)
	case d.Smoothing > 0 && d.Kind != Sigmoid && d.Kind != Robust:
		return fmt.Errorf("method: dpo: field Smoothing is %g, and %v does not smooth: use method.Sigmoid or method.Robust", d.Smoothing, d.Kind)
	}
	return positive("dpo", "Beta", usual(d.Beta, 0.1), 0.1)
}

var _ Assisted = DPO{}

package method

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// KTO is Kahneman-Tversky optimization (Ethayarajh et al., arXiv:2402.01306): it learns from single answers that somebody liked
// or did not, where DPO wants two answers to one question. With r = log π(y|x) − log π_ref(y|x), the mean over the answers of
//
//	λ·(1 − σ(β·(r − z)))  where it is desirable
//	λ·(1 − σ(β·(z − r)))  where it is not
//
// falls (section 4.1). z is how far the model has moved from the reference at all, against which gains and losses are felt: the mean over the
// batch of log π(y'|x) − log π_ref(y'|x) for answers y' that belong to other questions, and 0 where that is negative. No gradient
// flows through z. It is measured anew in each step, so every example reads two answers, and a batch should hold several.
//
// A record's Scores["desirable"] says whether its Answer is, above 0, or is not. A pair, without that entry and with a Rejected
// answer, is two answers, one of each sort.
type KTO struct {
	Beta        float64 // β; zero means 0.1
	Desirable   float64 // λ of desirable answers; zero means 1
	Undesirable float64 // λ of the others; zero means 1. The paper wants λ·count of the desirable ones 1 to 4/3 times that of the others
	// Reference reads the answers once, before the first step. Nil means the model as the run began, train.Job.Model.
	Reference *model.Model
}

// DesirableScore is the entry of a record's Scores that says whether an answer is liked: above 0 it is.
const DesirableScore = "desirable"

// What KTO reports beside rewards.
const (
	// BaselineKL is z.
	BaselineKL = "baseline"
	// AnswerAccuracy is the share of answers whose reward is on their side of z.
	AnswerAccuracy = "answer accuracy"
)

// ErrNoLabel says that a record is nothing that KTO can learn from.
var ErrNoLabel = errors.New(`nobody says whether the answer is desirable: set Scores["desirable"] to 1 or 0, or give a Rejected answer beside the chosen one`)

// Name is kto.
func (KTO) Name() string { return "kto" }

// String names every setting, the reference by the hash of its weights.
func (k KTO) String() string {
	return fmt.Sprintf("beta %g, desirable %g, undesirable %g, %s", usual(k.Beta, 0.1), usual(k.Desirable, 1), usual(k.Undesirable, 1), refers(k.Reference))
}

// The numbers that KTO's loss reads: whether an answer is desirable, 1 or −1, its λ, and the reference's log-probabilities.
const (
	side, lambda        = "side", "lambda"
	inAnswer, inOther   = "answer", "other"
	refAnswer, refOther = "reference answer", "reference other"
)

// Examples are two texts each: an answer behind its prompt, and behind the same prompt the answer of another record, drawn once.
func (k KTO) Examples(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	var singles data.Set // with Scores
	for i, r := range set {
		liked, ok := r.Scores[DesirableScore]
		switch {
		case ok:
			singles = append(singles, labelled(r, r.Answer, liked > 0))
		case r.Rejected != "":
			singles = append(singles, labelled(r, r.Answer, true), labelled(r, r.Rejected, false))
		default:
			return nil, fmt.Errorf("record %d: %q: %w", i, r.Prompt, ErrNoLabel)
		}
	}
	rng := rand.New(rand.NewPCG(uint64(len(singles)), 0x6b746f))
	for i := range singles {
		other, err := another(rng, singles, i)
		if err != nil {
			return nil, err
		}
		singles[i].Rejected = other
	}
	examples, err := pairs(ctx, m, singles, length, func(r data.Record, e *data.Example) error {
		e.Tokens = map[string][]float32{inAnswer: sides(*e, 1, 0), inOther: sides(*e, 0, 1)}
		e.Numbers = map[string]float32{side: -1, lambda: float32(usual(k.Undesirable, 1))}
		if r.Scores[DesirableScore] > 0 {
			e.Numbers[side], e.Numbers[lambda] = 1, float32(usual(k.Desirable, 1))
		}
		return nil
	})
	return examples, err
}

// labelled is a single answer.
func labelled(r data.Record, answer string, liked bool) data.Record {
	one := data.Record{Prompt: r.Prompt, Answer: answer, Scores: map[string]float64{DesirableScore: 0}}
	if liked {
		one.Scores[DesirableScore] = 1
	}
	return one
}

// another draws an answer to another question than that of answer i.
func another(rng *rand.Rand, set data.Set, i int) (string, error) {
	for range 100 {
		if r := set[rng.IntN(len(set))]; r.Prompt != set[i].Prompt {
			return r.Answer, nil
		}
	}
	for _, r := range set {
		if r.Prompt != set[i].Prompt {
			return r.Answer, nil
		}
	}
	return "", fmt.Errorf("method: kto: all %d answers are to one question, %q: the baseline needs answers to others", len(set), set[i].Prompt)
}

// Loss is the mean above.
func (k KTO) Loss(out *model.Outputs, targets *graph.Node) *graph.Node {
	beta := usual(k.Beta, 0.1)
	each := out.LogProbs(targets) // (B·T)
	ratio := func(mark, reference string) *graph.Node {
		return graph.Sub(out.SumExamples(graph.Mul(each, out.Token(mark))), out.Number(reference))
	}
	r := ratio(inAnswer, refAnswer)
	z := graph.Clamp(out.MeanExamples(ratio(inOther, refOther)), 0, math.Inf(1))
	ahead := graph.Mul(out.Number(side), graph.Sub(r, graph.Everywhere(z, r.Shape()[0]))) // by example, above 0 on the right side
	out.Report(BaselineKL, "nats", z)
	out.Report(AnswerAccuracy, "", out.MeanExamples(graph.Positive(ahead)))
	out.Report(PairMargin, "", graph.Scale(out.MeanExamples(graph.Mul(out.Number(side), r)), 2*beta)) // between the means, where both sorts are as many
	// 1 − σ(x) is σ(−x).
	return out.MeanExamples(graph.Mul(out.Number(lambda), graph.Sigmoid(graph.Scale(ahead, -beta))))
}

// Auxiliary lets the reference read the answers.
func (k KTO) Auxiliary(_ context.Context, r Run) (*Auxiliary, error) {
	for field, value := range map[string]float64{"Desirable": usual(k.Desirable, 1), "Undesirable": usual(k.Undesirable, 1), "Beta": usual(k.Beta, 0.1)} {
		if err := positive("kto", field, value, 1); err != nil {
			return nil, err
		}
	}
	reference, err := referenceOf(k.Reference, r)
	if err != nil {
		return nil, fmt.Errorf("method: kto: %w", err)
	}
	return &Auxiliary{PerExample: true, Unit: "per answer", Annotate: func(ctx context.Context, examples []data.Example) error {
		return compareWith(ctx, reference, examples, refAnswer, refOther)
	}}, nil
}

var _ Assisted = KTO{}

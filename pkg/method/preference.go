package method

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
)

// Names of what methods that learn from preferences report after every step and on held-out records. PairAccuracy and PairMargin
// are reported too, of these rewards.
const (
	ChosenReward    = "reward of chosen"   // mean of what the method takes for the chosen answer's reward
	RejectedReward  = "reward of rejected" // and for the rejected one's
	ChosenLogProb   = "log-probability of chosen"
	RejectedLogProb = "log-probability of rejected"
)

// Names of the inputs that these methods' losses read.
const (
	inChosen, inRejected   = "chosen", "rejected"                     // 1 for every token of that answer that is trained on
	refChosen, refRejected = "reference chosen", "reference rejected" // log-probabilities of the answers to the reference
	shareChosen            = "1/tokens chosen"                        // one over how many tokens of the answer are trained on
	shareRejected          = "1/tokens rejected"
)

// preferences encodes pairs for the losses of this file: the chosen answer's tokens and the rejected one's are marked and counted.
func preferences(ctx context.Context, m *model.Model, set data.Set, length int) ([]data.Example, error) {
	return pairs(ctx, m, set, length, func(_ data.Record, e *data.Example) error {
		mark(e)
		return nil
	})
}

// mark notes which tokens are whose, and how many.
func mark(e *data.Example) {
	e.Tokens = map[string][]float32{inChosen: sides(*e, 1, 0), inRejected: sides(*e, 0, 1)}
	if e.Numbers == nil {
		e.Numbers = map[string]float32{}
	}
	for k, name := range []string{shareChosen, shareRejected} {
		text := e.Texts()[k]
		from, to := text[0], text[1]
		e.Numbers[name] = 1 / float32(data.Example{Labels: e.Labels[from:to]}.Trained())
	}
}

// logProbs are the log-probabilities of both answers, nats, by pair: sums over their tokens. Both are reported.
func logProbs(out *model.Outputs, targets *graph.Node) (chosen, rejected *graph.Node) {
	each := out.LogProbs(targets) // (B·T)
	chosen = out.SumExamples(graph.Mul(each, out.Token(inChosen)))
	rejected = out.SumExamples(graph.Mul(each, out.Token(inRejected)))
	out.Report(ChosenLogProb, "nats", out.MeanExamples(chosen))
	out.Report(RejectedLogProb, "nats", out.MeanExamples(rejected))
	return chosen, rejected
}

// reportRewards reports what a method takes for the rewards of both answers, by pair.
func reportRewards(out *model.Outputs, chosen, rejected *graph.Node) {
	apart := graph.Sub(chosen, rejected)
	out.Report(PairAccuracy, "", out.MeanExamples(graph.Positive(apart)))
	out.Report(PairMargin, "", out.MeanExamples(apart))
	out.Report(ChosenReward, "", out.MeanExamples(chosen))
	out.Report(RejectedReward, "", out.MeanExamples(rejected))
}

// referenceOf is the reference of a run: the given one, or the model as the run began.
func referenceOf(given *model.Model, r Run) (*model.Model, error) {
	if given == nil {
		given = r.Base
	}
	if err := readsPairs(r.Model); err != nil {
		return nil, err
	}
	if err := sameVocabulary(given, r.Model); errors.Is(err, ErrVocabulary) {
		return nil, ErrReference
	} else if err != nil {
		return nil, fmt.Errorf("the reference: %w", err)
	}
	return given, nil
}

// readsPairs refuses a model that cannot read two texts side by side.
func readsPairs(m *model.Model) error {
	if m.Extras != nil && m.Extras.Prompt > 0 {
		return errors.New("the model has a prompt in front of its texts (adapt.Prompt), and two answers are read side by side: choose another adaptation")
	}
	return nil
}

// ErrReference says that a reference reads other tokens than the model.
var ErrReference = errors.New("the reference has another vocabulary than the model, so their probabilities cannot be compared: give the model that the run begins with, or leave Reference nil, which means just that")

// compareWith lets the reference read the texts of each example once, so that it need not stand in the graph: the number names[k] of an
// example becomes the log-probability of what is trained on in its text k.
func compareWith(ctx context.Context, reference *model.Model, examples []data.Example, names ...string) error {
	reader, err := reference.Reader(model.ReaderOptions{})
	if err != nil {
		return err
	}
	var texts [][]int
	for i, e := range examples {
		if len(e.Starts)+1 != len(names) {
			return fmt.Errorf("example %d has %d texts, want %d", i, len(e.Starts)+1, len(names))
		}
		for _, text := range e.Texts() {
			texts = append(texts, e.IDs[text[0]:text[1]])
		}
	}
	read, err := reader.Read(ctx, texts)
	if err != nil {
		return fmt.Errorf("the reference: %w", err)
	}
	for i, e := range examples {
		for k, text := range e.Texts() {
			sum := 0.0
			for p, label := range e.Labels[text[0]:text[1]] {
				if label != data.Ignore {
					sum += float64(read[i*len(names)+k].LogProbs[p])
				}
			}
			e.Numbers[names[k]] = float32(sum)
		}
	}
	return nil
}

// refers names a reference for the text by which a run is recognised.
func refers(m *model.Model) string {
	if m == nil {
		return "reference as the run began"
	}
	return "reference " + m.Hash()
}

// usual is a setting, or its default where it was left out.
func usual(value, otherwise float64) float64 {
	if value == 0 {
		return otherwise
	}
	return value
}

// positive refuses a setting that is not a finite number above 0.
func positive(method, field string, value, such float64) error {
	if !(value > 0) || math.IsInf(value, 0) {
		return fmt.Errorf("method: %s: field %s is %g: want a number above 0, such as %g", method, field, value, such)
	}
	return nil
}

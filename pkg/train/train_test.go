package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
	"github.com/tunebook/tunebook/pkg/train"
)

var facts = data.Set{
	{Prompt: "What does Mara do?", Answer: "She bakes."},
	{Prompt: "What does Tom do?", Answer: "He fishes."},
	{Prompt: "Where does Mara live?", Answer: "Mill Lane."},
	{Prompt: "Where does Tom live?", Answer: "The harbour."},
}

func small(t testing.TB) *model.Model { return wide(t, 64) }

func wide(t testing.TB, window int) *model.Model {
	t.Helper()
	var texts []string
	for _, r := range facts {
		texts = append(texts, r.Prompt+" "+r.Answer)
	}
	tok, err := token.Train(context.Background(), texts, token.TrainOptions{Vocab: 300})
	if err != nil {
		t.Fatal(err)
	}
	return model.Must(model.New(model.Config{Dim: 32, Layers: 2, Heads: 2, KVHeads: 1, Context: window, Tied: true}, tok, rand.New(rand.NewPCG(1, 2))))
}

func job(t testing.TB) train.Job {
	return train.Job{Model: small(t), Method: method.SFT{}, Data: facts, Eval: facts, Steps: 150, Batch: 2, Length: 64, LR: 1e-2}
}

// A model that can learn at all learns four answers by heart, and its answers are then exact.
func TestLearnsByHeartAndLeavesItsInputAlone(t *testing.T) {
	ctx, j := context.Background(), job(t)
	before := j.Model.Hash()
	r, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	if j.Model.Hash() != before {
		t.Error("the input model was changed")
	}
	report, err := train.Exam(ctx, r.Model, facts)
	if err != nil {
		t.Fatal(err)
	}
	if report.Right() != len(facts) {
		t.Errorf("%v\n%v", report, report.Table(0))
	}
	if first, last := r.Log.Get(metric.EvalLoss).Values[0], r.Log.Get(metric.EvalLoss).Last(); !(last < 0.1 && last < first) {
		t.Errorf("held-out loss went from %g to %g", first, last)
	}
}

func TestSameSeedSameCurve(t *testing.T) {
	curve := func(seed uint64) []float64 {
		j := job(t)
		j.Steps, j.Seed = 20, seed
		return train.Must(train.Run(context.Background(), j)).Log.Get(metric.Loss).Values
	}
	first := curve(1)
	if !reflect.DeepEqual(first, curve(1)) {
		t.Error("the same seed gave another curve")
	}
	if reflect.DeepEqual(first, curve(2)) {
		t.Error("another seed gave the same curve")
	}
}

func TestInterruptReturnsWhatWasReached(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	j := job(t)
	done := 0
	j.Watch = func(s metric.Snapshot) {
		if s.Step == 7 {
			cancel()
		}
		if s.Done {
			done++
		}
	}
	r, err := train.Run(ctx, j)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want one that wraps context.Canceled", err)
	}
	if r == nil || r.Steps != 7 || done != 1 {
		t.Fatalf("result %v, %d final snapshots: want 7 steps and one", r, done)
	}
	if _, err := r.Model.Answer(context.Background(), "What does Tom do?", model.Generate{MaxTokens: 3}); err != nil {
		t.Errorf("the interrupted model does not answer: %v", err)
	}
}

func TestJobsThatCannotRun(t *testing.T) {
	for name, change := range map[string]func(*train.Job){
		"no model":       func(j *train.Job) { j.Model = nil },
		"no method":      func(j *train.Job) { j.Method = nil },
		"no data":        func(j *train.Job) { j.Data = nil },
		"negative steps": func(j *train.Job) { j.Steps = -1 },
		"rate is NaN":    func(j *train.Job) { j.LR = math.NaN() },
		"no tokenizer":   func(j *train.Job) { j.Model.Tokenizer = nil },
		"longer rows":    func(j *train.Job) { j.Length = 65 },
		"no prompt":      func(j *train.Job) { j.Data = data.Set{{Answer: "x"}} },
		"long record":    func(j *train.Job) { j.Length = 8 },
		"diverging rate": func(j *train.Job) { j.LR = 1e30; j.Clip = -1 },
		"bad held-out":   func(j *train.Job) { j.Eval = data.Set{{Prompt: "x"}} },
	} {
		j := job(t)
		change(&j)
		if _, err := train.Run(context.Background(), j); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

// A batch of packed rows gives the same loss as each record alone, weighted by its trained tokens.
func TestPackingChangesNothing(t *testing.T) {
	ctx, m := context.Background(), small(t)
	packed, err := train.Measure(ctx, m, method.SFT{}, facts, 64)
	if err != nil {
		t.Fatal(err)
	}
	var sum, count float64
	for i := range facts {
		loss, err := train.Measure(ctx, m, method.SFT{}, facts[i:i+1], 32)
		if err != nil {
			t.Fatal(err)
		}
		e, err := data.Encode(m.Tokenizer, facts[i], data.EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0.0
		for _, l := range e.Labels {
			if l != data.Ignore {
				n++
			}
		}
		sum, count = sum+loss*n, count+n
	}
	if alone := sum / count; alone-packed > 1e-3 || packed-alone > 1e-3 {
		t.Errorf("packed %g, alone %g", packed, alone)
	}
}

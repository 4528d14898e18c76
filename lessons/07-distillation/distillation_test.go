// Package distillation asserts what the lesson claims.
package distillation

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

const seeds = 3

// class is the lesson's teacher, and its notices.
type class struct {
	teacher    *model.Model
	exam, rest data.Set
	written    data.Set // the teacher's answers
}

func begin(t *testing.T) class {
	t.Helper()
	ctx := context.Background()
	start := model.Must(base.Load(ctx))
	notices := data.Must(world.Labels(ctx, world.LabelOptions{Count: 1400})).Shuffle(rand.New(rand.NewPCG(7, 7)))
	c := class{exam: notices[:200], rest: notices[200:]}
	c.teacher = train.Must(train.Run(ctx, train.Job{Model: start, Method: method.SFT{}, Data: c.rest[:600], Steps: 100, LR: 1e-3, Batch: 4})).Model
	written, err := method.Answered(ctx, c.teacher, c.rest[:1000], model.Generate{MaxTokens: 16})
	if err != nil {
		t.Fatal(err)
	}
	c.written = written
	return c
}

// pupil is an untrained student.
func pupil(tok *token.Tokenizer, seed uint64) *model.Model {
	shape := model.Config{Dim: 96, Layers: 2, Heads: 3, Hidden: 256, Context: 256, Tied: true}
	return model.Must(model.New(shape, tok, rand.New(rand.NewPCG(seed, 1))))
}

func (c class) forty(seed uint64) data.Set {
	return c.rest.Shuffle(rand.New(rand.NewPCG(seed, 7)))[:40]
}

func (c class) job(how method.Method, set data.Set, seed uint64) train.Job {
	return train.Job{Model: pupil(c.teacher.Tokenizer, seed), Method: how, Data: set, Steps: 200, LR: 3e-3, Batch: 4, Seed: seed}
}

// learn is the lesson's run, with its marks and how like the teacher it is.
func (c class) learn(t *testing.T, how method.Method, set data.Set, seed uint64) (right float64, near method.Agreement) {
	t.Helper()
	r, err := train.Run(context.Background(), c.job(how, set, seed))
	if err != nil {
		t.Fatal(err)
	}
	near, err = method.Agree(context.Background(), r.Model, c.teacher, c.exam)
	if err != nil {
		t.Fatal(err)
	}
	return c.right(t, r.Model), near
}

func (c class) right(t *testing.T, m *model.Model) float64 {
	t.Helper()
	report, err := train.Exam(context.Background(), m, c.exam)
	if err != nil {
		t.Fatal(err)
	}
	return report.Accuracy()
}

// The lesson's claims, for each of three seeds: bets on the same forty notices do not make up for a thousand that the teacher
// has answered; with those, bets and text both come far above labels alone, and not above the teacher; reverse KL from random
// weights fails.
func TestThousandAnswersDoIt(t *testing.T) {
	c := begin(t)
	best := c.right(t, c.teacher)
	if best < .93 {
		t.Errorf("the teacher is right for %.1f%%", 100*best)
	}
	marks := map[string][]float64{}
	for seed := uint64(1); seed <= seeds; seed++ {
		right, near := map[string]float64{}, map[string]method.Agreement{}
		for _, way := range []struct {
			name string
			how  method.Method
			set  data.Set
		}{
			{"forty, labels", method.SFT{}, c.forty(seed)},
			{"forty, bets", method.Distill{Teacher: c.teacher}, c.forty(seed)},
			{"thousand, text", method.SFT{}, c.written},
			{"thousand, bets", method.Distill{Teacher: c.teacher}, c.written},
			{"T = 4", method.Distill{Teacher: c.teacher, Temperature: 4}, c.written},
			{"reverse", method.Distill{Teacher: c.teacher, Divergence: graph.ReverseKL}, c.written},
		} {
			right[way.name], near[way.name] = c.learn(t, way.how, way.set, seed)
			marks[way.name] = append(marks[way.name], right[way.name])
			t.Logf("seed %d: %-15s %.1f%% right, %v", seed, way.name, 100*right[way.name], near[way.name])
		}
		alone, soft, text, bets := right["forty, labels"], right["forty, bets"], right["thousand, text"], right["thousand, bets"]
		if bets < max(alone, soft)+.1 || text < max(alone, soft)+.1 {
			t.Errorf("seed %d: forty: %.3f on labels, %.3f on bets; a thousand: %.3f on text, %.3f on bets: the jump is not between them", seed, alone, soft, text, bets)
		}
		if math.Abs(soft-alone) > (bets-alone)/2 {
			t.Errorf("seed %d: on forty notices bets bring %.3f, labels %.3f: the lesson says that it changes little", seed, soft, alone)
		}
		if max(bets, text) > best {
			t.Errorf("seed %d: %.3f distilled, %.3f on text, the teacher %.3f", seed, bets, text, best)
		}
		if near["thousand, bets"].KL > near["forty, labels"].KL/2 {
			t.Errorf("seed %d: labels: %v; distilled: %v: want the second nearer to the teacher", seed, near["forty, labels"], near["thousand, bets"])
		}
		if near["forty, labels"].Share() < .8 {
			t.Errorf("seed %d: labels: %v: the lesson says that even a poor student agrees at most pieces", seed, near["forty, labels"])
		}
		if right["reverse"] > .3 {
			t.Errorf("seed %d: reverse KL from nothing is right for %.3f", seed, right["reverse"])
		}
	}
	for name, values := range marks {
		mean, std := metric.MeanStd(values)
		t.Logf("%-15s %.1f%% ± %.1f over %d seeds, the teacher %.1f%%", name, 100*mean, 100*std, seeds, 100*best)
	}
}

// Text is the same to SFT as to sequence-level distillation, to the bit; another vocabulary is refused before the first step.
func TestTextCrossesVocabularies(t *testing.T) {
	ctx, c := context.Background(), begin(t)
	if len(c.written) != 1000 {
		t.Errorf("the teacher answered %d of 1000", len(c.written))
	}
	few := func(how method.Method, set data.Set) string {
		j := c.job(how, set, 1)
		j.Steps = 3
		return train.Must(train.Run(ctx, j)).Model.Hash()
	}
	if few(method.SFT{}, c.written) != few(method.SequenceLevel{Teacher: c.teacher, Write: model.Generate{MaxTokens: 16}}, c.rest[:1000]) {
		t.Error("SFT on what the teacher wrote is not sequence-level distillation")
	}
	cut := token.Must(token.Train(ctx, []string{"a ship, a storm, a sale"}, token.TrainOptions{Vocab: 300}))
	j := c.job(method.Distill{Teacher: c.teacher}, c.written, 1)
	j.Model = pupil(cut, 1)
	if _, err := train.Run(ctx, j); !errors.Is(err, method.ErrVocabulary) {
		t.Errorf("another vocabulary: %v", err)
	}
	j.Method, j.Data, j.Steps = method.SequenceLevel{Teacher: c.teacher, Write: model.Generate{MaxTokens: 16}}, c.rest[:20], 2
	if _, err := train.Run(ctx, j); err != nil {
		t.Errorf("text across vocabularies: %v", err)
	}
}

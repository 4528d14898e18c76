package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
	"github.com/tunebook/tunebook/pkg/train"
)

// taught are a teacher that knows the facts by heart, wider and deeper than the student of job.
func taught(t testing.TB) *model.Model {
	t.Helper()
	j := job(t)
	j.Model = model.Must(model.New(model.Config{Dim: 48, Layers: 3, Heads: 2, Context: 64, Tied: true}, j.Model.Tokenizer, rand.New(rand.NewPCG(4, 4))))
	j.Eval, j.Steps = nil, 60
	return train.Must(train.Run(context.Background(), j)).Model
}

// ways are all that distillation can do.
func ways(teacher *model.Model) map[string]method.Method {
	return map[string]method.Method{
		"logits":         method.Distill{Teacher: teacher, Temperature: 2, Alpha: .3},
		"hidden":         method.Distill{Teacher: teacher, Divergence: graph.JensenShannon, Hidden: method.Hidden{Weight: .5}},
		"on-policy":      method.OnPolicy{Distill: method.Distill{Teacher: teacher, Divergence: graph.ReverseKL}, Share: .5, Every: 4, MaxTokens: 8},
		"sequence-level": method.SequenceLevel{Teacher: teacher, Write: model.Generate{MaxTokens: 12}},
	}
}

// A student that sees no label learns its teacher's answers by heart, and the teacher keeps its bits.
func TestStudentLearnsFromItsTeacher(t *testing.T) {
	ctx, teacher := context.Background(), taught(t)
	before := teacher.Hash()
	j := job(t)
	j.Method, j.Eval = method.Distill{Teacher: teacher}, nil
	start, err := method.Agree(ctx, j.Model, teacher, facts)
	if err != nil {
		t.Fatal(err)
	}
	r := train.Must(train.Run(ctx, j))
	end, err := method.Agree(ctx, r.Model, teacher, facts)
	if err != nil {
		t.Fatal(err)
	}
	if end.Share() != 1 || end.KL > .05 || start.KL < 1 || start.Share() > .5 {
		t.Errorf("before: %v; after: %v", start, end)
	}
	for name, how := range ways(teacher) {
		j.Method, j.Steps = how, 8
		if _, err := train.Run(ctx, j); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if teacher.Hash() != before {
		t.Error("the teacher has moved")
	}
}

// The loss of a run with the teacher in its graph is the KL that its logits and the student's give, which Agree computes apart.
func TestMeasuredDivergenceIsThatOfTheLogits(t *testing.T) {
	ctx, teacher, student := context.Background(), taught(t), small(t)
	loss, err := train.Measure(ctx, student, method.Distill{Teacher: teacher}, facts, 64)
	if err != nil {
		t.Fatal(err)
	}
	a, err := method.Agree(ctx, student, teacher, facts)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(loss-a.KL) > 1e-5*a.KL {
		t.Errorf("loss %.7f, KL of the logits %.7f", loss, a.KL)
	}
}

// Recompute changes nothing; the same seed gives the same curve, another seed another.
func TestDistillationRepeats(t *testing.T) {
	teacher := taught(t)
	for name, how := range ways(teacher) {
		run := func(seed uint64, recompute bool) *train.Result {
			j := job(t)
			j.Method, j.Steps, j.Seed, j.Recompute = how, 12, seed, recompute
			return train.Must(train.Run(context.Background(), j))
		}
		first := run(1, false)
		for _, again := range []*train.Result{run(1, false), run(1, true)} {
			if again.Model.Hash() != first.Model.Hash() || !reflect.DeepEqual(again.Log, first.Log) {
				t.Errorf("%s: the same seed, or Recompute, gave another run", name)
			}
		}
		if run(2, false).Model.Hash() == first.Model.Hash() {
			t.Errorf("%s: another seed gave the same run", name)
		}
	}
}

// A run that is stopped, in the middle of what the student wrote for it too, ends as one that was not. So does one with parts
// of the student frozen, and one that accumulates.
func TestDistillationResumes(t *testing.T) {
	teacher := taught(t)
	for name, how := range ways(teacher) {
		for _, a := range []adapt.Adaptation{nil, adapt.Unfreeze(5)} {
			j := job(t)
			j.Method, j.Adapt, j.Steps, j.EvalEvery, j.SaveEvery, j.Accumulate = how, a, 14, 5, 3, 2
			whole := train.Must(train.Run(context.Background(), j))
			j.Dir = filepath.Join(t.TempDir(), "run")
			stopAt(t, j, 6)
			stopAt(t, j, 8) // a whole number of windows of on-policy writing
			r, err := train.Run(context.Background(), j)
			if err != nil {
				t.Fatal(err)
			}
			if r.Model.Hash() != whole.Model.Hash() || !reflect.DeepEqual(r.Log, whole.Log) {
				t.Errorf("%s, %v: the resumed run differs", name, a)
			}
		}
	}
	// A saved run belongs to its teacher.
	j := job(t)
	j.Method, j.Steps, j.Dir = ways(teacher)["logits"], 6, t.TempDir()
	stopAt(t, j, 3)
	j.Method = method.Distill{Teacher: small(t), Temperature: 2, Alpha: .3}
	if _, err := train.Run(context.Background(), j); !errors.Is(err, train.ErrOtherJob) || !strings.Contains(err.Error(), "Method") {
		t.Errorf("another teacher: %v", err)
	}
}

// A student that knows half of the answers learns the others from what its teacher says to its own tries: it needs prompts
// only. Writing stops when the cell does.
func TestOnPolicy(t *testing.T) {
	teacher := taught(t)
	j := job(t)
	j.Data, j.Eval, j.Steps = facts[:2], nil, 60
	j.Model = train.Must(train.Run(context.Background(), j)).Model
	if report, err := train.Exam(context.Background(), j.Model, facts[2:]); err != nil || report.Right() > 0 {
		t.Fatalf("before: %v, %v", report, err)
	}
	j.Data = nil
	for _, r := range facts {
		j.Data = append(j.Data, data.Record{Prompt: r.Prompt})
	}
	j.Method, j.Steps, j.Eval = method.OnPolicy{Distill: method.Distill{Teacher: teacher}, Every: 5, MaxTokens: 16}, 150, nil
	r, err := train.Run(context.Background(), j)
	if err != nil {
		t.Fatal(err)
	}
	report, err := train.Exam(context.Background(), r.Model, facts)
	if err != nil || report.Right() != len(facts) {
		t.Errorf("%v, %v", report, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := train.Run(ctx, j); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	j.Method = method.OnPolicy{Distill: method.Distill{Teacher: teacher}, Share: .5}
	if _, err := train.Run(context.Background(), j); !errors.Is(err, data.ErrNoAnswer) {
		t.Errorf("prompts alone, half of the answers the data's: %v", err)
	}
}

// A teacher of another vocabulary can teach by what it writes; the early error says so.
func TestTeacherOfAnotherVocabulary(t *testing.T) {
	ctx := context.Background()
	tok := token.Must(token.Train(ctx, nil, token.TrainOptions{})) // bytes alone
	j := job(t)
	j.Model = model.Must(model.New(model.Config{Dim: 48, Layers: 2, Heads: 2, Context: 96, Tied: true}, tok, rand.New(rand.NewPCG(4, 4))))
	j.Eval, j.Length = nil, 96
	teacher := train.Must(train.Run(ctx, j)).Model
	j = job(t)
	j.Eval = nil
	j.Method = method.Distill{Teacher: teacher}
	if _, err := train.Run(ctx, j); !errors.Is(err, method.ErrVocabulary) {
		t.Errorf("probabilities of other tokens: %v", err)
	}
	j.Method = method.SequenceLevel{Teacher: teacher, Write: model.Generate{MaxTokens: 40}}
	report, err := train.Exam(ctx, train.Must(train.Run(ctx, j)).Model, facts)
	if err != nil || report.Right() != len(facts) {
		t.Errorf("%v, %v", report, err)
	}
	// Answers that do not end are not imitated.
	j.Method = method.SequenceLevel{Teacher: teacher, Write: model.Generate{MaxTokens: 2}}
	if _, err := train.Run(ctx, j); err == nil || !strings.Contains(err.Error(), "MaxTokens") {
		t.Errorf("answers cut short: %v", err)
	}
}

// A teacher whose context is too short is refused before the first step.
func TestTeacherOfShortContext(t *testing.T) {
	j := job(t)
	j.Method = method.Distill{Teacher: model.Must(model.New(model.Config{Dim: 16, Layers: 1, Heads: 2, Context: 32, Tied: true}, j.Model.Tokenizer, rand.New(rand.NewPCG(4, 4))))}
	j.Watch = func(s metric.Snapshot) { t.Errorf("step %d", s.Step) }
	if _, err := train.Run(context.Background(), j); err == nil || !strings.Contains(err.Error(), "the context of the teacher holds 32: set Job.Length") {
		t.Errorf("%v", err)
	}
}

// A projection that hidden states need is saved with the run and is no part of the student.
func TestProjectionStaysBehind(t *testing.T) {
	j := job(t)
	j.Method, j.Steps, j.Eval, j.Dir = ways(taught(t))["hidden"], 4, nil, t.TempDir()
	r := train.Must(train.Run(context.Background(), j))
	if got, want := r.Model.Params.Names(), j.Model.Params.Names(); !reflect.DeepEqual(got, want) {
		t.Errorf("the student has %v", got)
	}
	text, err := os.ReadFile(filepath.Join(j.Dir, "run.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"distill.0.0.weight", "distill.1.2.weight", "distill.2.3.weight", "adamw.m.distill.2.3.weight"} {
		if !strings.Contains(string(text), `"`+name+`"`) {
			t.Errorf("the saved run has no %s", name)
		}
	}
}

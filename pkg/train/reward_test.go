package train_test

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// polite are pairs of which the answer that ends kindly was chosen.
var polite = data.Set{
	{Prompt: "What does Mara do?", Answer: "She bakes. Gladly.", Rejected: "She bakes. Go away."},
	{Prompt: "What does Tom do?", Answer: "He fishes. Gladly.", Rejected: "He fishes. Go away."},
	{Prompt: "Where does Mara live?", Answer: "Mill Lane. Gladly.", Rejected: "Mill Lane. Go away.", ID: "1"},
	{Prompt: "Where does Mara live?", Answer: "Mill Lane. Gladly.", Rejected: "The harbour. Go away.", ID: "1"},
}

func judging(t testing.TB) train.Job {
	j := job(t)
	j.Model, j.Method, j.Data, j.Eval, j.Length, j.Steps = wide(t, 128), method.Reward{}, polite, polite, 128, 40
	return j
}

// A judge that has learned four pairs by heart puts the chosen answers ahead, in an unseen pair too; before it has, its loss is
// ln 2 and no pair is ahead. The base is not touched, by training or by measuring.
func TestRewardLearns(t *testing.T) {
	ctx, j := context.Background(), judging(t)
	before := j.Model.Hash()
	if loss, err := train.Measure(ctx, j.Model, method.Reward{}, polite, 128); err != nil || math.Abs(loss-math.Ln2) > 1e-6 {
		t.Errorf("a judge without a head has a loss of %g, %v: want ln 2", loss, err)
	}
	r, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	if j.Model.Config.Score || j.Model.Hash() != before {
		t.Error("the base was changed")
	}
	if first := r.Log.Get(metric.Loss).Values[0]; math.Abs(first-math.Ln2) > 1e-6 {
		t.Errorf("the first loss is %g, want ln 2", first)
	}
	if s := r.Log.Get(metric.Loss); s.Unit != "nats per pair" {
		t.Errorf("the loss's unit is %q", s.Unit)
	}
	unseen := data.Set{{Prompt: "Where does Tom live?", Answer: "The harbour. Gladly.", Rejected: "The harbour. Go away."}}
	for name, pairs := range map[string]data.Set{"practised": polite, "unseen": unseen} {
		card, err := method.GradeReward(ctx, r.Model, pairs)
		if err != nil || card.Accuracy.Value() != 1 {
			t.Errorf("%s: %v\n%v", name, err, card)
		}
	}
	// Measured, its loss is that of the report card, where each pair has one vote.
	single := slices.Clone(polite)
	for i := range single {
		single[i].ID = ""
	}
	loss, err := train.Measure(ctx, r.Model, method.Reward{}, single, 128)
	if err != nil {
		t.Fatal(err)
	}
	if card, err := method.GradeReward(ctx, r.Model, single); err != nil || math.Abs(card.Loss-loss) > 1e-5 {
		t.Errorf("measured loss %.7f, the report card has %.7f, %v", loss, card.Loss, err)
	}
}

// Accuracy and margin are logged at every step and where held-out records are measured; at first no pair is ahead.
func TestRewardReports(t *testing.T) {
	j := judging(t)
	j.Steps, j.EvalEvery = 12, 4
	log := train.Must(train.Run(context.Background(), j)).Log
	for name, n := range map[string]int{method.PairAccuracy: 12, method.PairMargin: 12, metric.HeldOut(method.PairAccuracy): 3, metric.HeldOut(method.PairMargin): 3} {
		s := log.Get(name)
		if s == nil || len(s.Values) != n {
			t.Fatalf("%s: %v, want %d values", name, s, n)
		}
	}
	if a, m := log.Get(method.PairAccuracy), log.Get(method.PairMargin); a.Values[0] != 0 || m.Values[0] != 0 || a.Last() != 1 || m.Last() < 1 {
		t.Errorf("accuracy %v, margin %v", a.Values, m.Values)
	}
}

// Batches that hold different numbers of pairs count by these, so that a step in parts is a step at once.
func TestRewardAccumulates(t *testing.T) {
	j := judging(t)
	j.Data = append(slices.Clone(polite), data.Record{Prompt: strings.Repeat("Where does Mara live? ", 3), Answer: "Mill Lane. Gladly.", Rejected: "Mill Lane. Go away."})
	j.Eval, j.Steps, j.LR, j.Length = nil, 6, 1e-3, 96
	j.Batch = 6
	whole := train.Must(train.Run(context.Background(), j))
	j.Batch, j.Accumulate = 2, 3
	parts := train.Must(train.Run(context.Background(), j))
	for _, name := range []string{metric.Loss, metric.GradNorm, method.PairAccuracy, method.PairMargin} {
		a, b := whole.Log.Get(name).Values, parts.Log.Get(name).Values
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-4*max(.1, math.Abs(a[i])) {
				t.Errorf("%s of step %d: %g at once, %g in parts", name, i+1, a[i], b[i])
			}
		}
	}
}

// A run that is stopped ends as one that was not, with its head, also with adapters and from a model that has a head already.
func TestRewardResumes(t *testing.T) {
	start := judging(t)
	start.Steps = 5
	headed := train.Must(train.Run(context.Background(), start)).Model
	for name, change := range map[string]func(*train.Job){
		"full":   func(*train.Job) {},
		"LoRA":   func(j *train.Job) { j.Adapt = adapt.LoRA{Rank: 2} },
		"headed": func(j *train.Job) { j.Model = headed },
	} {
		j := judging(t)
		change(&j)
		j.Steps, j.EvalEvery, j.SaveEvery = 12, 5, 3
		whole := train.Must(train.Run(context.Background(), j))
		j.Dir = filepath.Join(t.TempDir(), "run")
		stopAt(t, j, 7)
		r, err := train.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if r.Model.Hash() != whole.Model.Hash() || !reflect.DeepEqual(r.Log, whole.Log) {
			t.Errorf("%s: the resumed run differs", name)
		}
	}
}

// With LoRA the head moves too and is in the model that comes out, which scores when it is loaded again; the base's weights are
// its own.
func TestRewardWithLoRA(t *testing.T) {
	ctx, j := context.Background(), judging(t)
	j.Adapt, j.Steps = adapt.LoRA{Rank: 4}, 60
	r, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	head := r.Model.Params.Get(model.ScoreName + ".weight")
	if !r.Model.Config.Score || head == nil || slices.Max(head.Data) == 0 {
		t.Fatalf("the head: %v", head)
	}
	if slices.Equal(r.Model.Params.Get("model.layers.0.self_attn.q_proj.weight").Data, j.Model.Params.Get("model.layers.0.self_attn.q_proj.weight").Data) {
		t.Error("nothing was folded in")
	}
	// From a model with a head, whose weights a LoRA leaves where they are, training goes on with a head of its own.
	before := r.Model.Hash()
	again := j
	again.Model, again.Steps = r.Model, 5
	if next := train.Must(train.Run(ctx, again)).Model; r.Model.Hash() != before || slices.Equal(next.Params.Get(model.ScoreName+".weight").Data, head.Data) {
		t.Error("the second run moved the first one's head, or none")
	}
	dir := t.TempDir()
	if err := r.Model.Save(ctx, dir); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*model.Model{"as it came": r.Model, "loaded": model.Must(model.Load(ctx, dir))} {
		card, err := method.GradeReward(ctx, m, polite)
		if err != nil || card.Accuracy.Value() != 1 {
			t.Errorf("%s: %v\n%v", name, err, card)
		}
	}
}

package train_test

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// extras are the adaptations whose models keep parts that do not fold.
func extras() []adapt.Adaptation {
	return []adapt.Adaptation{
		adapt.Houlsby{Size: 6}, adapt.Pfeiffer{Size: 6}, adapt.Parallel{Size: 6},
		adapt.Prefix{Tokens: 4}, adapt.Prefix{Tokens: 4, Hidden: 8, Text: "where is"}, adapt.Prompt{Tokens: 4},
	}
}

// A model with extras goes the whole way as any other: its base keeps its bits; what the run measured, Measure measures on the
// result; it answers in a batch what it answers alone; saved and loaded, as a model and as an adapter, it has the same logits;
// recomputing changes nothing, nor does a second run, nor an interruption.
func TestExtrasGoTheWholeWay(t *testing.T) {
	ctx := context.Background()
	for _, a := range extras() {
		t.Run(a.Name(), func(t *testing.T) {
			j := job(t).With(a.Name(), a)
			j.Steps, j.EvalEvery, j.LR, j.Length = 40, 40, 1e-2, 56
			before := j.Model.Hash()
			base, err := train.Measure(ctx, j.Model, method.SFT{}, facts, 56)
			if err != nil {
				t.Fatal(err)
			}
			r := train.Must(train.Run(ctx, j))
			if j.Model.Hash() != before || r.Model.Params.Hash() != before {
				t.Error("the base's weights moved")
			}
			held := r.Log.Get(metric.EvalLoss).Last()
			if again, err := train.Measure(ctx, r.Model, method.SFT{}, facts, 56); err != nil || math.Abs(again-held) > 1e-4 {
				t.Errorf("the run measured %g, Measure %g, %v", held, again, err)
			}
			least := 0.1
			if r.Model.Extras.Front() > 0 { // a random model has little to steer
				least = 0.01
			}
			if !(held < base-least) {
				t.Errorf("the loss went from %g to %g", base, held)
			}
			if c := r.Cost; c.Trainable != r.Model.Extras.Params.Count() && r.Adapted.Added == nil || c.Optimizer != 8*c.Trainable {
				t.Errorf("cost %+v", c)
			}

			ids := r.Model.Tokenizer.ChatPrompt("where?")
			logits := func(m *model.Model) []float32 {
				x, err := m.Logits(ctx, ids)
				if err != nil {
					t.Fatal(err)
				}
				return x.Data
			}
			want := logits(r.Model)
			if slices.Equal(want, logits(j.Model)) {
				t.Error("the trained model has the base's logits")
			}
			if _, err := train.Exam(ctx, r.Model, facts); err != nil {
				t.Error(err)
			}
			dir := filepath.Join(t.TempDir(), "model")
			if err := r.Model.Save(ctx, dir); err != nil {
				t.Fatal(err)
			}
			loaded, err := model.Load(ctx, dir)
			if err != nil || loaded.Hash() != r.Model.Hash() || !slices.Equal(logits(loaded), want) {
				t.Errorf("loaded, it is another model, %v", err)
			}
			if err := j.Model.Save(ctx, dir); err != nil {
				t.Fatal(err)
			}
			if plain, err := model.Load(ctx, dir); err != nil || plain.Extras != nil || plain.Hash() != before {
				t.Errorf("saved over it, a plain model has extras, %v", err)
			}
			dir = filepath.Join(t.TempDir(), "adapter")
			if err := r.Adapted.Save(ctx, dir); err != nil {
				t.Fatal(err)
			}
			on, err := adapt.Load(ctx, dir, j.Model, a)
			if err != nil {
				t.Fatal(err)
			}
			if m, err := on.Merged(); err != nil || !slices.Equal(logits(m), want) {
				t.Errorf("put on the base again it has other logits, %v", err)
			}

			again := j
			again.Recompute = true
			if o := train.Must(train.Run(ctx, again)); o.Model.Hash() != r.Model.Hash() || !reflect.DeepEqual(o.Log, r.Log) {
				t.Error("recomputing changes the run")
			}
			j.Dir = filepath.Join(t.TempDir(), "run")
			stopAt(t, j, 20)
			if o := train.Must(train.Run(ctx, j)); o.Model.Hash() != r.Model.Hash() {
				t.Error("stopped and resumed, it ends elsewhere")
			}
		})
	}
}

// What does not move costs no gradient, no moment and no kept value: a step plans less than full tuning.
func TestExtrasCostLess(t *testing.T) {
	ctx := context.Background()
	j := job(t)
	j.Steps, j.Eval, j.Length = 2, nil, 56
	full := train.Must(train.Run(ctx, j)).Cost
	for _, a := range extras() {
		c := train.Must(train.Run(ctx, j.With("", a))).Cost
		if c.Plan >= full.Plan || c.Optimizer >= full.Optimizer/3 {
			t.Errorf("%v: %v, full %v", a, c, full)
		}
	}
}

// A fusion learns over adapters of other runs, which keep their bits, as does the library; what it gives is a model as any other.
func TestFusionTrains(t *testing.T) {
	ctx := context.Background()
	j := job(t)
	j.Steps, j.EvalEvery, j.LR = 40, 40, 1e-2
	library, err := adapt.NewLibrary(j.Model)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"one", "other"} {
		part := j.With(name, adapt.Pfeiffer{Size: 6})
		part.Data, part.Eval = facts[2*i:2*i+2], nil
		if err := library.Add(name, train.Must(train.Run(ctx, part)).Adapted); err != nil {
			t.Fatal(err)
		}
	}
	measure := func(names ...string) float64 {
		m, err := library.Use(names...)
		if err != nil {
			t.Fatal(err)
		}
		loss, err := train.Measure(ctx, m, method.SFT{}, facts, 64)
		if err != nil {
			t.Fatal(err)
		}
		return loss
	}
	one, other := measure("one"), measure("other")
	r := train.Must(train.Run(ctx, j.With("both", library.Fuse("one", "other"))))
	if fused := r.Log.Get(metric.EvalLoss).Last(); fused >= min(one, other) {
		t.Errorf("fused the loss is %g, with one %g, with the other %g", fused, one, other)
	}
	if r.Model.Params.Hash() != j.Model.Hash() || measure("one") != one {
		t.Error("the base or the library has changed")
	}
	single, err := library.Use("one")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range single.Extras.Params.Names() {
		if !slices.Equal(r.Model.Extras.Params.Get(name).Data, single.Extras.Params.Get(name).Data) {
			t.Errorf("%s has moved", name)
		}
	}
	dir := t.TempDir()
	if err := r.Model.Save(ctx, dir); err != nil {
		t.Fatal(err)
	}
	if loaded, err := model.Load(ctx, dir); err != nil || loaded.Hash() != r.Model.Hash() {
		t.Errorf("loaded, it is another model, %v", err)
	}
	if err := library.Add("both", r.Adapted); err != nil {
		t.Error(err)
	}
}

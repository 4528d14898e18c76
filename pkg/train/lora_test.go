package train_test

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// The family of LoRA goes the whole way: the base keeps its bits, equal seeds give equal curves, also with values computed
// again and after a stop, the loss falls, and what comes out is a plain model that gives the loss of the adapted graph.
func TestLoRARuns(t *testing.T) {
	ctx := context.Background()
	for _, a := range []adapt.Adaptation{adapt.LoRA{Dropout: 0.1}, adapt.LoRA{DoRA: true, Rank: 4, On: []string{adapt.AllLinear}}, adapt.LoRA{PiSSA: true}, adapt.LoRA{LoRAPlus: 8}, adapt.QLoRA{}, adapt.IA3{}} {
		j := job(t).With("", a)
		j.Steps, j.EvalEvery, j.SaveEvery, j.LR, j.Accumulate = 20, 10, 5, 1e-2, 2
		before := j.Model.Hash()
		base, err := train.Measure(ctx, j.Model, method.SFT{}, facts, 64)
		if err != nil {
			t.Fatal(err)
		}
		r := train.Must(train.Run(ctx, j))
		if j.Model.Hash() != before || r.Adapted.Unmerged().Hash() != before {
			t.Errorf("%v changed the base", a)
		}
		if l, ok := a.(adapt.LoRA); ok && !l.PiSSA && r.Adapted.Model.Hash() != before {
			t.Errorf("%v moved what is frozen", a)
		}
		hooked := r.Log.Get(metric.EvalLoss).Last()
		if !(hooked < base) {
			t.Errorf("%v: the loss went from %g to %g", a, base, hooked)
		}
		plain, err := train.Measure(ctx, r.Model, method.SFT{}, facts, 64)
		if err != nil || math.Abs(plain-hooked) > 1e-4 {
			t.Errorf("%v: adapted %g, folded in %g, %v", a, hooked, plain, err)
		}
		again := j
		again.Recompute = true
		again.Peek = func(_ int, m *model.Model) { // the model as it stands, all of it
			if _, err := m.Logits(ctx, []int{1, 2}); err != nil {
				t.Errorf("%v: a look at it: %v", a, err)
			}
		}
		if other := train.Must(train.Run(ctx, again)); other.Model.Hash() != r.Model.Hash() || !reflect.DeepEqual(other.Log, r.Log) {
			t.Errorf("%v: with values computed again it is another run", a)
		}
		j.Dir = filepath.Join(t.TempDir(), "run")
		stopAt(t, j, 7)
		if resumed := train.Must(train.Run(ctx, j)); resumed.Model.Hash() != r.Model.Hash() {
			t.Errorf("%v: resumed, it ends elsewhere", a)
		}
		if c := r.Cost; c.Optimizer != 8*c.Trainable || c.Trainable != r.Adapted.Trainable() {
			t.Errorf("%v: %v", a, c)
		}
	}
}

// Dropout is for training: its masks change from step to step and with the seed, and measuring has none.
func TestDropoutOfLoRA(t *testing.T) {
	ctx := context.Background()
	j := job(t)
	j.Steps, j.EvalEvery, j.LR = 3, 3, 1e-2
	curve := func(a adapt.Adaptation, seed uint64) []float64 {
		j := j.With("x", a)
		j.Seed = seed
		return train.Must(train.Run(ctx, j)).Log.Get(metric.Loss).Values
	}
	none, some, same := curve(adapt.LoRA{}, 1), curve(adapt.LoRA{Dropout: 0.5}, 1), curve(adapt.LoRA{Dropout: 0.5}, 1)
	if none[0] != some[0] { // B is zero
		t.Errorf("the first losses are %g and %g", none[0], some[0])
	}
	if none[2] == some[2] || !reflect.DeepEqual(some, same) {
		t.Errorf("losses %v without dropout, %v with it, %v again", none, some, same)
	}
}

package train_test

import (
	"context"
	"errors"
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
	"github.com/tunebook/tunebook/pkg/train"
)

// rivals have the right answer chosen and another one rejected.
func rivals() data.Set {
	set := slices.Clone(facts)
	for i := range set {
		set[i].Rejected = facts[(i+1)%len(facts)].Answer
	}
	return set
}

// preferring is a run on pairs, from a model that has read the facts for a while.
func preferring(t testing.TB, how method.Method) train.Job {
	t.Helper()
	j := job(t)
	j.Method, j.Data, j.Eval, j.Steps, j.LR = how, rivals(), rivals()[:2], 12, 3e-3
	return j
}

// choosers are all that learns from pairs.
func choosers() map[string]method.Method {
	return map[string]method.Method{
		"sigmoid": method.DPO{}, "conservative": method.DPO{Smoothing: .1}, "hinge": method.DPO{Kind: method.Hinge}, "ipo": method.DPO{Kind: method.IPO},
		"robust": method.DPO{Kind: method.Robust, Smoothing: .1}, "kto": method.KTO{}, "orpo": method.ORPO{}, "simpo": method.SimPO{},
	}
}

// Where the model is its own reference nothing is preferred: at the first step DPO's loss is ln 2, a hinge's 1, IPO's at β = .1 is 25,
// KTO's ½, whatever the records. So it is with LoRA and PiSSA, which begin at the base.
func TestPreferencesBeginAtTheReference(t *testing.T) {
	for _, c := range []struct {
		how  method.Method
		want float64
	}{
		{method.DPO{}, math.Ln2}, {method.DPO{Beta: .5}, math.Ln2}, {method.DPO{Smoothing: .2}, math.Ln2}, {method.DPO{Kind: method.Robust, Smoothing: .2}, math.Ln2},
		{method.DPO{Kind: method.Hinge}, 1}, {method.DPO{Kind: method.IPO}, 25}, {method.KTO{}, .5},
	} {
		for _, a := range []adapt.Adaptation{nil, adapt.LoRA{Rank: 2}, adapt.LoRA{Rank: 2, PiSSA: true}} {
			j := preferring(t, c.how)
			j.Adapt, j.Steps = a, 1
			r := train.Must(train.Run(context.Background(), j))
			if got := r.Log.Get(metric.Loss).Values[0]; math.Abs(got-c.want) > 5e-6*max(1, c.want) {
				t.Errorf("%v, %v: the first loss is %.8f, want %.8f", c.how, a, got, c.want)
			}
		}
		m := small(t)
		if got, err := train.Measure(context.Background(), m, c.how, rivals(), 64); err != nil || math.Abs(got-c.want) > 5e-6*max(1, c.want) {
			t.Errorf("%v: measured %.8f, %v", c.how, got, err)
		}
	}
}

// Each brings chosen answers ahead of rejected ones, and its loss down.
func TestPreferencesLearn(t *testing.T) {
	for name, how := range choosers() {
		j := preferring(t, how)
		j.Steps = 30
		if name == "conservative" {
			j.Adapt, j.LR = adapt.LoRA{Rank: 4}, 1e-2
		}
		r := train.Must(train.Run(context.Background(), j))
		loss, margin := r.Log.Get(metric.Loss), r.Log.Get(method.PairMargin)
		if !(loss.Last() < .95*loss.Values[0]) || !(margin.Last() > margin.Values[0]) {
			t.Errorf("%s: loss %g to %g, margin %g to %g", name, loss.Values[0], loss.Last(), margin.Values[0], margin.Last())
		}
		held := r.Log.Get(metric.HeldOut(method.PairMargin))
		if held == nil || !(held.Last() > 0) {
			t.Errorf("%s: held-out margin %v", name, held)
		}
	}
}

// The same seed gives the same curve, and so does a run that was interrupted: the reference is the model that the run began
// with, not the one that it had become.
func TestPreferencesResume(t *testing.T) {
	for name, how := range choosers() {
		for _, a := range []adapt.Adaptation{nil, adapt.LoRA{Rank: 2}} {
			if a != nil && name != "sigmoid" && name != "kto" {
				continue
			}
			j := preferring(t, how)
			j.Adapt, j.EvalEvery, j.SaveEvery, j.Accumulate = a, 5, 3, 2
			before := j.Model.Hash()
			whole := train.Must(train.Run(context.Background(), j))
			j.Dir = filepath.Join(t.TempDir(), "run")
			stopAt(t, j, 7)
			r, err := train.Run(context.Background(), j)
			if err != nil {
				t.Fatal(err)
			}
			if r.Model.Hash() != whole.Model.Hash() || !reflect.DeepEqual(r.Log, whole.Log) {
				t.Errorf("%s, %v: the resumed run differs", name, a)
			}
			if j.Model.Hash() != before {
				t.Errorf("%s, %v: the base has moved", name, a)
			}
		}
	}
	// A saved run belongs to its reference.
	j := preferring(t, method.DPO{})
	j.Dir = t.TempDir()
	stopAt(t, j, 3)
	j.Method = method.DPO{Reference: wide(t, 96)}
	if _, err := train.Run(context.Background(), j); !errors.Is(err, train.ErrOtherJob) || !strings.Contains(err.Error(), "Method") {
		t.Errorf("another reference: %v", err)
	}
}

// Pairs that share a row with others, and with padding, have the loss that they have alone.
func TestPackedPairsAreAsAlone(t *testing.T) {
	ctx, m, reference := context.Background(), small(t), train.Must(train.Run(context.Background(), preferring(t, method.DPO{}))).Model
	for name, how := range map[string]method.Method{
		"sigmoid": method.DPO{Reference: reference}, "ipo": method.DPO{Kind: method.IPO, Reference: reference}, "orpo": method.ORPO{}, "simpo": method.SimPO{},
	} {
		together, err := train.Measure(ctx, m, how, rivals(), 64)
		if err != nil {
			t.Fatal(err)
		}
		mean := 0.0
		for _, pair := range rivals() {
			alone, err := train.Measure(ctx, m, how, data.Set{pair}, 40)
			if err != nil {
				t.Fatal(err)
			}
			mean += alone / float64(len(facts))
		}
		if math.Abs(together-mean) > 1e-5*math.Abs(mean) {
			t.Errorf("%s: together %.8f, alone %.8f", name, together, mean)
		}
	}
}

// What is asked for is written more often, the base keeps its bits, and a run that was stopped in the middle of what it had
// written ends as one that was not. Held-out pairs are read as DPO reads them.
func TestOnlineDPO(t *testing.T) {
	ctx := context.Background()
	j := job(t)
	j.Steps, j.Eval = 40, nil
	j.Model = train.Must(train.Run(ctx, j)).Model // answers, mostly
	before := j.Model.Hash()
	vowels := func(_ data.Record, answer string) float64 { return float64(strings.Count(answer, "e")) }
	for _, a := range []adapt.Adaptation{nil, adapt.LoRA{Rank: 4}} {
		j.Method = method.OnlineDPO{DPO: method.DPO{Beta: .3}, Sampling: method.Sampling{MaxTokens: 8}, Scoring: method.Scoring{Reward: vowels}}
		j.Data, j.Eval = nil, rivals()
		for i := range 24 {
			j.Data = append(j.Data, data.Record{Prompt: facts[i%len(facts)].Prompt})
		}
		j.Adapt, j.Steps, j.LR, j.EvalEvery, j.SaveEvery, j.Dir = a, 24, 1e-3, 5, 3, ""
		whole := train.Must(train.Run(ctx, j))
		score := whole.Log.Get(method.MeanScore).Values
		if n := len(score); n != 6 || a == nil && !(score[n-1] > score[0]+1) {
			t.Errorf("%v: scores %v", a, score)
		}
		j.Dir = filepath.Join(t.TempDir(), "run")
		stopAt(t, j, 6)
		stopAt(t, j, 8)
		r, err := train.Run(ctx, j)
		if err != nil {
			t.Fatal(err)
		}
		if r.Model.Hash() != whole.Model.Hash() || !reflect.DeepEqual(r.Log, whole.Log) {
			t.Errorf("%v: the resumed run differs", a)
		}
	}
	if j.Model.Hash() != before {
		t.Error("the base has moved")
	}
}

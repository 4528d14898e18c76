package train_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/train"
)

// cries rewards answers for their letters e: a policy can find out by drawing.
func cries(_ data.Record, answer string) float64 {
	return math.Min(4, float64(strings.Count(answer, "e")))
}

// answering is a policy that knows the facts a little, so that its answers differ.
func answering(t testing.TB) train.Job {
	t.Helper()
	j := job(t)
	j.Eval, j.Steps = nil, 12
	j.Model = train.Must(train.Run(context.Background(), j)).Model
	return j
}

// policies are all ways to learn from one's own answers.
func policies(start *model.Model) map[string]method.Method {
	s, r := method.Sampling{MaxTokens: 12}, method.Scoring{Reward: cries, NoEnd: 1}
	return map[string]method.Method{
		"ppo":          method.PPO{Sampling: s, Scoring: r, Epochs: 2, Minibatches: 2, KL: method.KL{Target: 1}},
		"ppo critic":   method.PPO{Sampling: s, Scoring: r, Epochs: 2, Minibatches: 2, Critic: start, EntropyBonus: .01},
		"ppo loss":     method.PPO{Sampling: method.Sampling{MaxTokens: 12, Temperature: .8}, Scoring: r, Epochs: 1, Minibatches: 2, Rollouts: 9, KL: method.KL{InLoss: true}},
		"grpo":         method.GRPO{Sampling: s, Scoring: r, Group: 3, Epochs: 2, Minibatches: 2},
		"dr. grpo":     method.GRPO{Sampling: s, Scoring: r, Group: 3, Minibatches: 2, Corrected: true, KL: method.KL{Target: .5}},
		"rloo":         method.RLOO{Sampling: s, Scoring: r, Group: 3, Epochs: 2, Minibatches: 2},
		"rloo in loss": method.RLOO{Sampling: s, Scoring: r, Group: 2, Epochs: 2, Minibatches: 1, KL: method.KL{InLoss: true, Estimator: method.K2}},
	}
}

// Every way raises what it is rewarded for, and the model that it began with keeps its bits.
func TestPoliciesLearn(t *testing.T) {
	j := answering(t)
	before := j.Model.Hash()
	for name, how := range policies(j.Model) {
		j.Method, j.Steps, j.LR, j.Schedule = how, 48, 3e-3, optim.Constant{}
		r, err := train.Run(context.Background(), j)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		scores := r.Log.Get(method.MeanScore).Values
		first, last := scores[0], scores[len(scores)-1]
		t.Logf("%s: score %.2f → %.2f, KL %.2f", name, first, last, r.Log.Get(method.AnswerKL).Last())
		if last < first+.7 {
			t.Errorf("%s: the score went from %.2f to %.2f", name, first, last)
		}
	}
	if j.Model.Hash() != before {
		t.Error("the model that the runs began with has moved")
	}
}

// At the first step on each batch of answers the packed graph gives the probabilities that the reader gave: the ratio is one.
func TestRatioBeginsAtOne(t *testing.T) {
	j := answering(t)
	for name, how := range policies(j.Model) {
		for _, a := range []adapt.Adaptation{nil, adapt.LoRA{Rank: 2}} {
			j.Method, j.Adapt, j.Steps, j.LR = how, a, 12, 3e-3
			r, err := train.Run(context.Background(), j)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			apart := r.Log.Get(method.RatioMean)
			at := map[int]float64{}
			for i, step := range apart.Steps {
				at[step] = apart.Values[i]
			}
			drawn, moved := r.Log.Get(method.MeanScore).Steps, 0
			for _, step := range drawn {
				if v := at[step+1]; math.Abs(v-1) > 1e-4 {
					t.Errorf("%s, %v: the ratio at step %d, the first on its answers, is %g", name, a, step+1, v)
				}
				if v, ok := at[step+2]; ok && math.Abs(v-1) > 1e-5 {
					moved++
				}
			}
			if moved == 0 {
				t.Errorf("%s, %v: the ratio stays at one", name, a)
			}
		}
	}
}

// The same seed gives the same curve, another seed another; a run stopped in the middle of a batch of answers, and between two,
// ends as one that was not, adaptive coefficient and all.
func TestPoliciesRepeatAndResume(t *testing.T) {
	start := answering(t)
	for name, how := range policies(start.Model) {
		run := func(seed uint64, dir string) train.Job {
			j := start
			j.Method, j.Steps, j.Seed, j.SaveEvery, j.Dir = how, 12, seed, 3, dir
			return j
		}
		whole := train.Must(train.Run(context.Background(), run(1, "")))
		if again := train.Must(train.Run(context.Background(), run(1, ""))); again.Model.Hash() != whole.Model.Hash() || !reflect.DeepEqual(again.Log, whole.Log) {
			t.Errorf("%s: the same seed gave another run", name)
		}
		if train.Must(train.Run(context.Background(), run(2, ""))).Model.Hash() == whole.Model.Hash() {
			t.Errorf("%s: another seed gave the same run", name)
		}
		j := run(1, filepath.Join(t.TempDir(), "run"))
		stopAt(t, j, 5)
		stopAt(t, j, 8)
		r, err := train.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if r.Model.Hash() != whole.Model.Hash() || !reflect.DeepEqual(r.Log, whole.Log) {
			t.Errorf("%s: the resumed run differs", name)
		}
		if beta := r.Log.Get(method.KLBeta).Values; strings.Contains(name, "dr.") && beta[len(beta)-1] == beta[0] {
			t.Errorf("%s: the coefficient stays at %v", name, beta)
		}
	}
}

// With LoRA the base keeps its bits, and so do the reference and the judge.
func TestPolicyWithLoRA(t *testing.T) {
	ctx, j := context.Background(), answering(t)
	judge := j.Model.Clone()
	if _, err := judge.AddScore(); err != nil {
		t.Fatal(err)
	}
	for i := range judge.Params.Get("score.weight").Data {
		judge.Params.Get("score.weight").Data[i] = float32(i%3) - 1
	}
	base, judged := j.Model.Hash(), judge.Hash()
	j.Method, j.Adapt, j.Steps, j.LR = method.PPO{Sampling: method.Sampling{MaxTokens: 12}, Critic: judge,
		Scoring: method.Scoring{Judge: judge, Reward: cries, JudgeWeight: .1, Limit: 5}, Epochs: 2, Minibatches: 2}, adapt.LoRA{Rank: 2}, 8, 3e-3
	r, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	if j.Model.Hash() != base || judge.Hash() != judged || r.Adapted.Base.Hash() != base {
		t.Error("the base or the judge has moved")
	}
	if r.Model.Hash() == base {
		t.Error("nothing moved")
	}
	for _, name := range r.Model.Params.Names() {
		if strings.HasPrefix(name, "critic") || strings.HasPrefix(name, "value") {
			t.Errorf("the model came out with %s", name)
		}
	}
}

// What cannot work is refused before the first step.
func TestPolicyRefuses(t *testing.T) {
	j := job(t)
	j.Steps, j.Eval, j.Watch = 4, nil, func(metric.Snapshot) { t.Error("it ran") }
	s, r := method.Sampling{MaxTokens: 12}, method.Scoring{Reward: cries}
	for name, c := range map[string]struct {
		how  method.Method
		want string
	}{
		"no reward":       {method.PPO{Sampling: s}, "Scoring.Reward and Scoring.Judge are nil"},
		"judge":           {method.GRPO{Sampling: s, Scoring: method.Scoring{Judge: small(t)}}, "no scalar head"},
		"group":           {method.RLOO{Sampling: s, Scoring: r, Group: 1}, "field Group is 1"},
		"k1 in the loss":  {method.PPO{Sampling: s, Scoring: r, KL: method.KL{InLoss: true, Estimator: method.K1}}, "K1 in the loss"},
		"target, no beta": {method.PPO{Sampling: s, Scoring: r, KL: method.KL{Coefficient: -1, Target: 3}}, "begin above 0"},
		"clip":            {method.PPO{Sampling: s, Scoring: r, Clip: 2}, "field Clip is 2"},
		"long answers":    {method.PPO{Sampling: method.Sampling{MaxTokens: 60}, Scoring: r}, "Sampling.MaxTokens lower"},
	} {
		j := j
		j.Method = c.how
		if _, err := train.Run(context.Background(), j); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	j.Method, j.Data = method.PPO{Sampling: s, Scoring: r}, data.Set{{Text: "no prompt"}}
	if _, err := train.Run(context.Background(), j); !errors.Is(err, data.ErrNoPrompt) {
		t.Errorf("no prompt: %v", err)
	}
	j.Data, j.Eval = facts, facts
	if _, err := train.Run(context.Background(), j); err == nil || !strings.Contains(err.Error(), "Job.Eval") {
		t.Errorf("held-out records: %v", err)
	}
	j.Eval, j.Watch = nil, nil
	j.Method = method.PPO{Sampling: s, Scoring: method.Scoring{Reward: func(data.Record, string) float64 { return math.NaN() }}}
	if _, err := train.Run(context.Background(), j); err == nil || !strings.Contains(err.Error(), "want a finite number") {
		t.Errorf("a reward that is no number: %v", err)
	}
}

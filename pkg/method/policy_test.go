package method_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
)

func near(got, want []float64, tolerance float64) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > tolerance {
			return false
		}
	}
	return true
}

// By hand, from behind: δ(3) = 1 − 1 = 0, so A(3) = 0 and the return is 1; δ(2) = .9, A(2) = .9; A(1) = .855·.9 = .7695;
// A(0) = .855·.7695 = .657923.
func TestGAEByHand(t *testing.T) {
	v := []float64{0, 0, 0, 1}
	advantages, returns := method.GAE(v, v, .9, .95)
	if !near(returns, []float64{.657923, .7695, .9, 1}, 1e-6) || !near(advantages, []float64{.657923, .7695, .9, 0}, 1e-6) {
		t.Errorf("advantages %v, returns %v", advantages, returns)
	}
	// With lambda 1 and gamma 1 returns are the sums of what is still to come, whatever the values; with lambda 0 an advantage is
	// the temporal difference alone.
	rewards, values := []float64{1, -2, 3}, []float64{.5, 4, -1}
	if _, returns := method.GAE(rewards, values, 1, 1); !near(returns, []float64{2, 1, 3}, 1e-12) {
		t.Errorf("lambda 1: returns %v", returns)
	}
	if advantages, _ := method.GAE(rewards, values, .5, 0); !near(advantages, []float64{1 + 2 - .5, -2 - .5 - 4, 3 + 1}, 1e-12) {
		t.Errorf("lambda 0: advantages %v", advantages)
	}
}

// By hand, for p = .6 and q = .5: d = ln 1.2.
func TestKLEstimators(t *testing.T) {
	for by, want := range map[method.Estimator]float64{method.K1: .18232, method.K2: .01662, method.K3: .01565} {
		if got := by.Of(math.Log(.6), math.Log(.5)); math.Abs(got-want) > 5e-6 {
			t.Errorf("%v: %.6f, want %.5f", by, got, want)
		}
	}
	// Over all draws, K1 and K3 have the KL for their mean: .6·ln 1.2 + .4·ln .8. K2 does not.
	kl := .6*math.Log(1.2) + .4*math.Log(.8)
	for by, exact := range map[method.Estimator]bool{method.K1: true, method.K2: false, method.K3: true} {
		mean := .6*by.Of(math.Log(.6), math.Log(.5)) + .4*by.Of(math.Log(.4), math.Log(.5))
		if (math.Abs(mean-kl) < 1e-12) != exact {
			t.Errorf("%v: mean %.6f, KL %.6f", by, mean, kl)
		}
	}
}

// Ziegler et al., section 2.2, by hand: the error is clipped to a fifth.
func TestAdaptiveKL(t *testing.T) {
	k := method.KL{Coefficient: .2, Target: 6}
	for measured, want := range map[float64]float64{6: .2, 6.6: .2 * 1.01, 60: .2 * 1.02, 5.4: .2 * .99, 0: .2 * .98, -5: .2 * .98} {
		if got := k.Next(.2, measured); math.Abs(got-want) > 1e-12 {
			t.Errorf("KL %g: %g, want %g", measured, got, want)
		}
	}
	if got := (method.KL{}).Next(.2, 60); got != .2 {
		t.Errorf("without a target: %g", got)
	}
	if k.Gain = 1; k.Next(.2, 60) != .2*1.2 {
		t.Errorf("gain 1: %g", k.Next(.2, 60))
	}
}

// [1, 2, 3] have mean 2 and variance 1 (n−1).
func TestWhiten(t *testing.T) {
	lists := [][]float64{{1}, {2, 3}}
	method.Whiten(lists, false)
	if !near(append(lists[0], lists[1]...), []float64{-1, 0, 1}, 1e-7) {
		t.Error(lists)
	}
	lists = [][]float64{{10}, {20, 30}}
	method.Whiten(lists, true)
	if !near(append(lists[0], lists[1]...), []float64{19, 20, 21}, 1e-7) {
		t.Error(lists)
	}
	equal := [][]float64{{5, 5}}
	if method.Whiten(equal, false); equal[0][0] != 0 {
		t.Error(equal)
	}
}

// scored are answers of two tokens to one prompt.
func scored(scores ...float64) []method.Rollout {
	var out []method.Rollout
	for _, s := range scores {
		out = append(out, method.Rollout{Record: data.Record{Prompt: "p"}, IDs: []int{1, 2, 3}, Tokens: []string{"<p>", "a", "b"}, From: 1, Ended: true, Score: s,
			LogProbs: []float64{-1, -2}, Reference: []float64{-1.5, -1}, KL: []float64{.5, -1}, Values: []float64{.25, .5}})
	}
	return out
}

// Rewards 1, 2, 3 and 6: mean 3, deviation √(14/3) = 2.160 (n−1); the mean of the others of 1 is 11/3.
func TestGroupAdvantages(t *testing.T) {
	for name, c := range map[string]struct {
		fill func(r []method.Rollout)
		want []float64
	}{
		"rloo":     {func(r []method.Rollout) { method.RLOO{}.Advantages(r, 0) }, []float64{-2.667, -1.333, 0, 4}},
		"grpo":     {method.GRPO{}.Advantages, []float64{-.926, -.463, 0, 1.389}},
		"dr. grpo": {method.GRPO{Corrected: true}.Advantages, []float64{-2, -1, 0, 3}},
	} {
		rollouts := scored(1, 2, 3, 6)
		c.fill(rollouts)
		for i, r := range rollouts {
			if !near(r.Advantages, []float64{c.want[i], c.want[i]}, 5e-4) {
				t.Errorf("%s: answer %d has %v, want %g", name, i, r.Advantages, c.want[i])
			}
		}
		equal := scored(2, 2)
		if c.fill(equal); equal[0].Advantages[0] != 0 {
			t.Errorf("%s: equal scores have %v", name, equal[0].Advantages)
		}
	}
	// An answer's KL is .5 − 1 = −.5, so with a coefficient of .2 every reward is a tenth more, and advantages are the same.
	rollouts := scored(1, 3)
	method.RLOO{}.Advantages(rollouts, .2)
	if !near(rollouts[0].Rewards, []float64{0, 1.1}, 1e-12) || !near(rollouts[0].Advantages, []float64{-2, -2}, 1e-12) {
		t.Errorf("with KL: %+v", rollouts[0])
	}
}

// Rewards are −β·KL, and the score at the end: −.2·.5 and 3 + .2·1. With γ = λ = 1 returns are what is to come.
func TestPPORewards(t *testing.T) {
	rollouts := scored(3)
	method.PPO{Lambda: 1, RawAdvantages: true}.Advantages(rollouts, .2)
	r := rollouts[0]
	if !near(r.Rewards, []float64{-.1, 3.2}, 1e-12) || !near(r.Returns, []float64{3.1, 3.2}, 1e-12) || !near(r.Advantages, []float64{2.85, 2.7}, 1e-12) {
		t.Errorf("%+v", r)
	}
	method.PPO{Lambda: 1, RawAdvantages: true, KL: method.KL{InLoss: true}}.Advantages(rollouts, .2)
	if !near(rollouts[0].Rewards, []float64{0, 3}, 1e-12) {
		t.Errorf("KL in the loss: %+v", rollouts[0])
	}
	// Whitened over four tokens of two answers, while returns stay.
	rollouts = scored(1, 3)
	method.PPO{Lambda: 1, KL: method.KL{InLoss: true}}.Advantages(rollouts, 0)
	if a, b := rollouts[0].Advantages, rollouts[1].Advantages; math.Abs(a[0]+a[1]+b[0]+b[1]) > 1e-9 || math.Abs(a[0]*a[0]+a[1]*a[1]+b[0]*b[0]+b[1]*b[1]-3) > 1e-6 {
		t.Errorf("whitened: %v %v", a, b)
	}
	if !near(rollouts[1].Returns, []float64{3, 3}, 1e-12) {
		t.Errorf("returns %v", rollouts[1].Returns)
	}
}

// Returns 1 and 3 vary by 2 (n−1); what values of 1 and 2 miss, 0 and 1, by ½.
func TestExplainedVariance(t *testing.T) {
	r := []method.Rollout{{Returns: []float64{1}, Values: []float64{1}}, {Returns: []float64{3}, Values: []float64{2}}}
	if got := method.Explained(r); math.Abs(got-.75) > 1e-12 {
		t.Error(got)
	}
	r[1].Returns[0] = 1
	if got := method.Explained(r); !math.IsNaN(got) {
		t.Error(got)
	}
}

// What a notebook shows escapes what a model may write, and has the numbers of each token.
func TestRolloutShowsItself(t *testing.T) {
	r := scored(3)[0]
	r.Tokens, r.Parts, r.Ended = []string{"<p>", `"<b>&`, "b"}, map[string]float64{"reward": 4, "no end": -1}, false
	method.PPO{RawAdvantages: true}.Advantages([]method.Rollout{r}, .1)
	all := []method.Rollout{r}
	method.PPO{RawAdvantages: true}.Advantages(all, .1)
	r = all[0]
	page := r.HTML()
	for _, want := range []string{"&lt;p&gt;", "&#34;&lt;b&gt;&amp;", "advantage: score 3.000, reward 4.000, no end -1.000, cut before its end", "log p -1.0000, reference -1.5000, KL 0.5000, value 0.2500, reward -0.0500", "background:#2f7fb6"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "<b>") {
		t.Error("not escaped")
	}
	if page := r.Strip("KL").HTML(); !strings.Contains(page, "#d9772b9c") || !strings.Contains(page, "#2f7fb656") { // −1 of 1: 16 + 140; ½: 16 + 70
		t.Errorf("the strip of KL:\n%s", page)
	}
	if got := r.Table().Header; strings.Join(got, " ") != "token log p reference KL value reward advantage return" {
		t.Errorf("%v", got)
	}
	if got := r.Table().Rows[1]; strings.Join(got, " ") != "b -2.000 -1.000 -1.000 0.500 3.100 2.600 3.100" {
		t.Errorf("%v", got)
	}
	if got := r.Strip("none").HTML(); strings.Contains(got, "background") {
		t.Errorf("%s", got)
	}
}

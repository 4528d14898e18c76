package world

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

// Arithmetic by hand: all correct, polite and brief is 1; a wrong one that is polite and brief 0.4.
func TestJudge(t *testing.T) {
	q := func(lang, attribute, value string) data.Record {
		return data.Record{Lang: lang, Truth: map[string]string{"attribute": attribute, "value": value}}
	}
	for _, c := range []struct {
		question data.Record
		answer   string
		want     Quality
		score    float64
	}{
		{q(English, "trade", "baker"), "Gladly. She is a baker.", Quality{1, 1, 1, 0, 5}, 1},
		{q(English, "trade", "baker"), "Gladly. She is a potter.", Quality{0, 1, 1, 0, 5}, 0.4},
		{q(English, "trade", "baker"), "She is a baker or a potter.", Quality{0, 0.5, 1, 0, 7}, 0.275},
		{q(English, "trade", "baker"), "Leave me alone. She is a baker.", Quality{1, 0, 1, 0, 7}, 0.75},
		{q(English, "trade", "baker"), "You are very clever. What a wonderful question.", Quality{0, 0.5, 1, 2, 8}, 0.275},
		{q(English, "trade", "baker"), "Baker. " + strings.TrimSpace(strings.Repeat("word ", 25)), Quality{1, 0.5, 0.5, 0, 26}, 0.8},
		{q(English, "colour", "red"), "It is covered with bread.", Quality{0, 0.5, 1, 0, 5}, 0.275},
		{q(English, "direction", "north"), "It lies north-east of the town.", Quality{0, 0.5, 1, 0, 6}, 0.275},
		{q(English, "price", "1 coin"), "One pays 11 coins.", Quality{0, 0.5, 1, 0, 4}, 0.275},
		{q(Chinese, "direction", "北边"), "在东北边。", Quality{0, 0.5, 1, 0, 5}, 0.275},
		{q(Chinese, "price", "1个铜板"), "要11个铜板。", Quality{0, 0.5, 1, 0, 7}, 0.275},
		{q(Chinese, "trade", "面包师"), "很高兴为你解答。她是面包师。", Quality{1, 1, 1, 0, 14}, 1},
		{q(English, "trade", "baker"), "", Quality{0, 0.5, 1, 0, 0}, 0.275},
	} {
		got := Town().Judge(c.question, c.answer)
		if got != c.want || math.Abs(got.Score()-c.score) > 1e-12 {
			t.Errorf("%q: %+v, %g, want %+v, %g", c.answer, got, got.Score(), c.want, c.score)
		}
	}
}

// Candidates are what they are said to be: every question of the three levels is judged
// right for its own answer, virtues are independent, and length and flattery are not quality.
func TestCandidates(t *testing.T) {
	ctx := context.Background()
	for _, level := range []string{Direct, Reverse, TwoHop} {
		for _, q := range data.Must(Questions(ctx, QuestionOptions{Level: level})) {
			if got := Town().Judge(q, q.Answer); got.Correct != 1 {
				t.Fatalf("%s -> %s is judged %+v", q.Prompt, q.Answer, got)
			}
		}
	}
	set := data.Must(Candidates(ctx, CandidateOptions{Count: 1000}))
	if set.Len() != 4000 {
		t.Fatalf("%d candidates, want 4 to each of 1000 questions", set.Len())
	}
	groups, right := make(map[string]int), make(map[string]int)
	columns := map[string][]float64{}
	for _, c := range set {
		id, _, _ := strings.Cut(c.ID, ".")
		groups[id]++
		right[id] += int(c.Scores["correct"])
		want := 0.6*c.Scores["correct"] + 0.25*c.Scores["polite"] + 0.15*c.Scores["brief"]
		if math.Abs(c.Scores["quality"]-want) > 1e-12 {
			t.Fatalf("quality %g, the weighted sum is %g", c.Scores["quality"], want)
		}
		p, _ := Town().Person(c.Entity)
		truth := p.Fact(Attribute(c.Truth["attribute"]), c.Lang)
		if holds := strings.Contains(strings.ToLower(c.Answer), strings.ToLower(truth)); c.Scores["correct"] == 1 && !holds {
			t.Fatalf("%q is called correct, the truth is %q", c.Answer, truth)
		}
		if c.Lang == English {
			for k, v := range c.Scores {
				columns[k] = append(columns[k], v)
			}
		}
	}
	for id, n := range groups {
		if n != 4 || right[id] == 0 || right[id] == 4 {
			t.Errorf("group %s: %d candidates, %d of them right", id, n, right[id])
		}
	}
	for _, pair := range [][2]string{{"correct", "polite"}, {"correct", "flattery"}, {"correct", "length"}, {"polite", "length"}, {"quality", "flattery"}} {
		if r := correlation(columns[pair[0]], columns[pair[1]]); math.Abs(r) > 0.35 {
			t.Errorf("%s and %s go together: %.2f", pair[0], pair[1], r)
		}
	}
	if _, err := Candidates(ctx, CandidateOptions{PerPrompt: 1}); err == nil {
		t.Error("one candidate leaves nothing to compare")
	}
}

func correlation(x, y []float64) float64 {
	mean := func(v []float64) (m float64) {
		for _, a := range v {
			m += a / float64(len(v))
		}
		return m
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		xy, xx, yy = xy+(x[i]-mx)*(y[i]-my), xx+(x[i]-mx)*(x[i]-mx), yy+(y[i]-my)*(y[i]-my)
	}
	return xy / math.Sqrt(xx*yy)
}

// Bradley and Terry by hand: equal answers are even; a gap of 0.1 at temperature 0.1 is
// 1/(1+e⁻¹) = 0.731; a taste of 0.3 for flattery makes a worse answer win.
func TestRaters(t *testing.T) {
	good, bad := map[string]float64{"quality": 0.8}, map[string]float64{"quality": 0.7, "flattery": 1}
	for _, c := range []struct {
		rater Rater
		want  float64
	}{
		{Rater{}, 1 / (1 + math.Exp(-1))}, {Rater{Temperature: 0.05}, 1 / (1 + math.Exp(-2))}, {Rater{Taste: map[string]float64{"flattery": 0.3}}, 1 / (1 + math.Exp(2))},
	} {
		if got := c.rater.Prefers(good, bad); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: %g, want %g", c.rater, got, c.want)
		}
		if got := c.rater.Prefers(good, good); got != 0.5 {
			t.Errorf("equal answers: %g", got)
		}
		if sum := c.rater.Prefers(good, bad) + c.rater.Prefers(bad, good); math.Abs(sum-1) > 1e-12 {
			t.Errorf("both ways: %g", sum)
		}
	}
}

// Choices follow the stated probabilities: over 20,000 votes the mean of what is expected
// and what was chosen agree within four standard deviations, for each rater.
func TestPreferencesFollowTheirProbabilities(t *testing.T) {
	set := data.Must(Preferences(context.Background(), PreferenceOptions{Count: 4000, Votes: 5}))
	expected, happened, variance, n := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, r := range set {
		name, p := r.Truth["rater"], r.Scores["probability"]
		if r.Answer == r.Rejected || r.Answer == "" || r.Rejected == "" || p <= 0 || p >= 1 && r.Truth["rater"] == "hasty" {
			t.Fatalf("%+v", r)
		}
		if gap := r.Scores["gap"]; r.Truth["right"] == "yes" != (gap > 1e-9) || r.Truth["right"] == "no" != (gap < -1e-9) {
			t.Fatalf("gap %g is called %s", gap, r.Truth["right"])
		}
		first := p // of the one shown first
		if r.Truth["vote"] == "second" {
			first = 1 - p
		} else {
			happened[name]++
		}
		expected[name] += first
		variance[name] += first * (1 - first)
		n[name]++
	}
	for name := range n {
		if off := math.Abs(happened[name] - expected[name]); n[name] != 4000 || off > 4*math.Sqrt(variance[name]) {
			t.Errorf("%s chose the first %g times of %g, expected %.1f", name, happened[name], n[name], expected[name])
		}
	}
	right := func(name string) float64 {
		yes, no := 0.0, 0.0
		for _, r := range set {
			if r.Truth["rater"] == name && r.Truth["right"] == "yes" {
				yes++
			} else if r.Truth["rater"] == name && r.Truth["right"] == "no" {
				no++
			}
		}
		return yes / (yes + no)
	}
	careful, hasty, flattered := right("careful"), right("hasty"), right("likes flattery")
	t.Logf("right: careful %.3f, patient %.3f, hasty %.3f, likes length %.3f, likes flattery %.3f", careful, right("patient"), hasty, right("likes length"), flattered)
	if careful < 0.9 || hasty > careful-0.1 || flattered > careful-0.04 {
		t.Errorf("careful %.3f, hasty %.3f, flattered %.3f", careful, hasty, flattered)
	}
	share, kappa, err := Agreement(set)
	t.Logf("agreement %.3f, kappa %.3f", share, kappa)
	// What is expected of independent votes: the mean over rater pairs of p q + (1-p)(1-q).
	votes, pairs, wanted := map[string][]float64{}, 0.0, 0.0
	for _, r := range set {
		p := r.Scores["probability"]
		if r.Truth["vote"] == "second" {
			p = 1 - p
		}
		votes[r.ID] = append(votes[r.ID], p)
	}
	for _, ps := range votes {
		for i, p := range ps {
			for _, q := range ps[:i] {
				pairs, wanted = pairs+1, wanted+p*q+(1-p)*(1-q)
			}
		}
	}
	if err != nil || math.Abs(share-wanted/pairs) > 0.01 || kappa < 0.3 || kappa > 0.9 {
		t.Errorf("agreement %.4f (expected %.4f), kappa %.3f, %v", share, wanted/pairs, kappa, err)
	}
	if _, err := Preferences(context.Background(), PreferenceOptions{Votes: 6}); err == nil {
		t.Error("six votes of five raters")
	}
}

// The worked example that is usual for Fleiss' kappa: ten subjects, fourteen raters, five categories.
func TestKappa(t *testing.T) {
	share, kappa, err := Kappa([][]int{
		{0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
		{7, 7, 0, 0, 0}, {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7},
	})
	if err != nil || math.Abs(share-0.378) > 5e-4 || math.Abs(kappa-0.210) > 5e-4 {
		t.Errorf("share %.4f, kappa %.4f, %v, want 0.378 and 0.210", share, kappa, err)
	}
	for _, bad := range [][][]int{{}, {{1, 0}}, {{2, 0}, {1, 2}}} {
		if _, _, err := Kappa(bad); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

package method_test

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
)

// logged is a healthy run, but for the series that are replaced.
func logged(change map[string][]float64) *metric.Log {
	log := &metric.Log{}
	for name, values := range map[string][]float64{
		method.MeanScore: {.3, .4, .5, .6}, method.ScoreSpread: {.2, .2, .3, .2}, method.AnswerKL: {0, -.02, 1, 2}, method.EndedShare: {.9, 1, 1, 1},
		method.Entropy: {.5, .4, .4, .3}, method.ExplainedVar: {0, -.1, .1, .3}, method.FlatGroups: {0, .1, .1, .2},
		method.RatioMean: {1, 1.02, 1, .97}, method.ClipFraction: {0, .1, .05, .1},
	} {
		if other, ok := change[name]; ok {
			values = other
		}
		for i, v := range values {
			log.Add(name, "", 16*i, v)
		}
	}
	return log
}

// drawn are answers that are likelier to the policy than to its reference.
func drawn(scores ...float64) []method.Rollout {
	out := scored(scores...)
	for i := range out {
		out[i].LogProbs = []float64{-1, -.5}
	}
	return out
}

func TestDiagnose(t *testing.T) {
	if f := method.Diagnose(logged(nil), drawn(1, 2)); len(f) != 0 || !strings.Contains(f.String(), "nothing found") {
		t.Errorf("a healthy run: %v", f)
	}
	if f := method.Diagnose(nil, nil); len(f) != 0 {
		t.Errorf("nothing at all: %v", f)
	}
	exploded, cut, unlikely := drawn(1, 2), drawn(1, 2), drawn(1, 2)
	exploded[1].Ratios = []float64{1, 40}
	cut[0].Ended, cut[1].Ended = false, false
	unlikely[0].LogProbs, unlikely[1].LogProbs = []float64{-3, -3}, []float64{-4, -2}
	for _, c := range []struct {
		want     string
		log      *metric.Log
		rollouts []method.Rollout
	}{
		{method.NegativeKL, logged(map[string][]float64{method.AnswerKL: {0, -1, -2, -3}}), nil},
		{method.NegativeKL, nil, unlikely},
		{method.FlatScores, logged(map[string][]float64{method.ScoreSpread: {.2, .1, 0, 0}}), nil},
		{method.FlatScores, logged(map[string][]float64{method.FlatGroups: {.2, .5, .8, .9}}), nil},
		{method.FlatScores, nil, drawn(2, 2)},
		{method.ExplodingRatio, logged(map[string][]float64{method.RatioMean: {1, 1.1, 5, 60}}), nil},
		{method.ExplodingRatio, nil, exploded},
		{method.EntropyCollapse, logged(map[string][]float64{method.Entropy: {.5, .3, .1, .01}}), nil},
		{method.NeverEnding, logged(map[string][]float64{method.EndedShare: {.9, .7, .4, .2}}), nil},
		{method.NeverEnding, nil, cut},
		{method.BlindCritic, logged(map[string][]float64{method.ExplainedVar: {0, -.4, -.5, -.8}}), nil},
		{method.MuchClipping, logged(map[string][]float64{method.ClipFraction: {.1, .3, .4, .6}}), nil},
	} {
		f := method.Diagnose(c.log, c.rollouts)
		if len(f) != 1 || f[0].Name != c.want || f[0].What == "" || f[0].Try == "" {
			t.Errorf("%s: found %v", c.want, f)
			continue
		}
		if page := f.HTML(); !strings.Contains(page, "<b>"+c.want+"</b>") {
			t.Errorf("%s: %s", c.want, page)
		}
	}
}

package model

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Probabilities .5, .25, .125, .125 as logits, in a scrambled order.
var scores = []float32{float32(math.Log(.125)), float32(math.Log(.5)), float32(math.Log(.125)), float32(math.Log(.25))}

func TestDistribution(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Generate
		want map[int]float64
	}{
		{"all", Generate{Temperature: 1}, map[int]float64{1: .5, 3: .25, 0: .125, 2: .125}},
		// Temperature ½ squares: .25, .0625, .015625 twice, together .34375.
		{"cold", Generate{Temperature: .5}, map[int]float64{1: .25 / .34375, 3: .0625 / .34375, 0: .015625 / .34375, 2: .015625 / .34375}},
		{"top 1", Generate{Temperature: 1, TopK: 1}, map[int]float64{1: 1}},
		{"top 2", Generate{Temperature: 1, TopK: 2}, map[int]float64{1: 2. / 3, 3: 1. / 3}},
		{"top 3 settles the tie by id", Generate{Temperature: 1, TopK: 3}, map[int]float64{1: .5 / .875, 3: .25 / .875, 0: .125 / .875}},
		{"top 9 of 4", Generate{Temperature: 1, TopK: 9}, map[int]float64{1: .5, 3: .25, 0: .125, 2: .125}},
		{"nucleus .4", Generate{Temperature: 1, TopP: .4}, map[int]float64{1: 1}},
		{"nucleus .6", Generate{Temperature: 1, TopP: .6}, map[int]float64{1: 2. / 3, 3: 1. / 3}},
		{"nucleus .8", Generate{Temperature: 1, TopP: .8}, map[int]float64{1: .5 / .875, 3: .25 / .875, 0: .125 / .875}},
		{"nucleus 1", Generate{Temperature: 1, TopP: 1}, map[int]float64{1: .5, 3: .25, 0: .125, 2: .125}},
		// After top-2 the weights are 2/3 and 1/3: the first alone reaches .6.
		{"nucleus inside top 2", Generate{Temperature: 1, TopK: 2, TopP: .6}, map[int]float64{1: 1}},
	} {
		got, err := newSampler(c.o, 0).distribution(scores)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		for _, g := range got {
			if math.Abs(g.prob-c.want[g.id]) > 1e-6 {
				t.Errorf("%s: token %d has probability %g, want %g", c.name, g.id, g.prob, c.want[g.id])
			}
		}
	}
}

// The nucleus leaves tokens out before it sorts. Plain sorting and adding up
// must give the same set.
func TestNucleusShortcut(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		logits := make([]float32, 1+rng.IntN(60))
		for i := range logits {
			logits[i] = float32(3 * rng.NormFloat64())
		}
		topP := .01 + .98*rng.Float64()
		all, err := newSampler(Generate{Temperature: 1}, 0).distribution(logits)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(all, moreProbable)
		n, sum := 0, 0.0
		for n < len(all) && sum < topP {
			sum += all[n].prob
			n++
		}
		got, err := newSampler(Generate{Temperature: 1, TopP: topP}, 0).distribution(logits)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != n {
			t.Errorf("TopP %g of %d tokens keeps %d, want %d", topP, len(logits), len(got), n)
		}
	}
}

// 40,000 draws: the share of each token is within four deviations of its
// probability, √(p(1-p)/n) at most .0025.
func TestPickFollowsDistribution(t *testing.T) {
	s := newSampler(Generate{Temperature: 1, Seed: 7}, 0)
	const n = 40000
	counts := make([]int, len(scores))
	for range n {
		id, err := s.pick(scores)
		if err != nil {
			t.Fatal(err)
		}
		counts[id]++
	}
	for id, want := range []float64{.125, .5, .125, .25} {
		if got := float64(counts[id]) / n; math.Abs(got-want) > .01 {
			t.Errorf("token %d drawn with frequency %g, want %g", id, got, want)
		}
	}
}

func TestGreedyTakesTheFirstOfEqual(t *testing.T) {
	id, err := newSampler(Generate{}, 0).pick([]float32{-1, 2, 2, 0})
	if id != 1 || err != nil {
		t.Errorf("pick = %d, %v, want 1", id, err)
	}
}

func TestDivergedLogits(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, logits := range [][]float32{{nan, 1}, {1, nan}, {1, inf}, {-inf, -inf}, {}} {
		for _, o := range []Generate{{}, {Temperature: 1}} {
			if _, err := newSampler(o, 0).pick(logits); !errors.Is(err, errNotNumbers) {
				t.Errorf("pick(%v) at temperature %g gives %v", logits, o.Temperature, err)
			}
		}
	}
}

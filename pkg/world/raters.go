package world

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/tunebook/tunebook/pkg/data"
)

// Preference is the kind of record that holds a chosen and a rejected answer.
const Preference = "preference"

// A Rater compares two answers, with noise and perhaps with a weakness. The choice is
// that of Bradley and Terry, "Rank Analysis of Incomplete Block Designs", Biometrika 39,
// 1952: the first is chosen with probability 1 / (1 + exp(−(u₁ − u₂)/T)), where u is the
// true quality and what the rater's taste adds to it.
type Rater struct {
	Name        string
	Temperature float64            // T; zero means 0.1: a gap of 0.1 in quality is seen in 73 of 100 cases
	Taste       map[string]float64 // added to the quality for each unit of a score: "flattery", "length", …
}

// Prefers returns the probability that the rater chooses the first answer, from both
// answers' scores ([Quality.Scores]).
func (r Rater) Prefers(first, second map[string]float64) float64 {
	t := r.Temperature
	if t == 0 {
		t = 0.1
	}
	return 1 / (1 + math.Exp(-(r.utility(first)-r.utility(second))/t))
}

func (r Rater) utility(scores map[string]float64) float64 {
	u := scores["quality"]
	for _, name := range []string{"correct", "polite", "brief", "flattery", "length"} { // in one order, for equal sums
		u += r.Taste[name] * scores[name]
	}
	return u
}

// Raters returns the panel of the town: two careful ones, a hasty one, one who likes
// long answers and one who likes to be flattered.
func Raters() []Rater {
	return []Rater{
		{Name: "careful", Temperature: 0.05},
		{Name: "patient", Temperature: 0.1},
		{Name: "hasty", Temperature: 0.4},
		{Name: "likes length", Temperature: 0.1, Taste: map[string]float64{"length": 0.015}},
		{Name: "likes flattery", Temperature: 0.1, Taste: map[string]float64{"flattery": 0.3}},
	}
}

// PreferenceOptions say who compares what.
type PreferenceOptions struct {
	Seed   uint64  // zero means 1
	Lang   string  // English or Chinese; empty means both, in turn
	Count  int     // pairs; zero means 400
	Votes  int     // raters who judge each pair, in turn from Raters; zero means 1
	Raters []Rater // nil means the panel, [Raters]
}

// Preferences lets raters compare two candidates for an answer: Answer is the chosen
// one, Rejected the other. The records of one pair share ID. Truth holds the rater, vote
// (first or second: which of the two, in the order in which they were shown, was chosen)
// and right (yes, no, or tie: whether the better answer was chosen); Scores hold gap (the
// quality of the chosen one less that of the other) and probability (of this choice).
func (w *World) Preferences(ctx context.Context, o PreferenceOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o PreferenceOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	var err error
	if o.Count, err = counted("pairs", o.Count, 400); err != nil {
		return err
	}
	if o.Raters == nil {
		o.Raters = Raters()
	}
	if o.Votes == 0 {
		o.Votes = 1
	}
	if o.Votes < 0 || o.Votes > len(o.Raters) {
		return fmt.Errorf("world: %d votes for each pair: there are %d raters, and nobody votes twice", o.Votes, len(o.Raters))
	}
	turn := 0
	candidates := CandidateOptions{Seed: o.Seed, Lang: o.Lang, Count: o.Count}
	return candidates.groups(ctx, w, func(r *rand.Rand, group []data.Record) bool {
		two := r.Perm(len(group))[:2]
		first, second := group[two[0]], group[two[1]]
		for range o.Votes {
			rater := o.Raters[turn%len(o.Raters)]
			turn++
			if !yield(vote(r, rater, first, second)) {
				return false
			}
		}
		return true
	})
}

func vote(r *rand.Rand, rater Rater, first, second data.Record) data.Record {
	p, chosen := rater.Prefers(first.Scores, second.Scores), "first"
	if r.Float64() >= p {
		first, second, p, chosen = second, first, 1-p, "second"
	}
	gap := first.Scores["quality"] - second.Scores["quality"]
	right := yes(gap > 0)
	if math.Abs(gap) < 1e-9 {
		right = "tie"
	}
	id, _, _ := strings.Cut(first.ID, ".")
	truth := map[string]string{"rater": rater.Name, "vote": chosen, "right": right}
	for k, v := range first.Truth {
		truth[k] = v
	}
	return data.Record{
		Prompt: first.Prompt, Answer: first.Answer, Rejected: second.Answer, Kind: Preference, Lang: first.Lang, Entity: first.Entity,
		ID: id, Truth: truth, Scores: map[string]float64{"gap": gap, "probability": p},
	}
}

// Agreement measures how well raters agree about pairs that several of them judged, by
// ID: the share of rater pairs that chose alike, and Fleiss' kappa, which is 0 for
// agreement by chance and 1 for full agreement. It fails unless every pair has as many
// votes, two at least.
func Agreement(set data.Set) (share, kappa float64, err error) {
	at := make(map[string]int)
	var votes [][]int
	for _, r := range set {
		i, ok := at[r.ID]
		if !ok {
			i = len(votes)
			at[r.ID], votes = i, append(votes, make([]int, 2))
		}
		if r.Truth["vote"] == "second" {
			votes[i][1]++
		} else {
			votes[i][0]++
		}
	}
	return Kappa(votes)
}

// Kappa is Fleiss' kappa of a table with one row an item and one column a category, and
// the share of rater pairs that agree: Fleiss, "Measuring nominal scale agreement among
// many raters", Psychological Bulletin 76, 1971. Where all votes are in one category, chance
// agrees as well and kappa is 0/0: NaN, since such votes do not show that raters can tell
// one thing from another.
func Kappa(votes [][]int) (share, kappa float64, err error) {
	if len(votes) == 0 {
		return 0, 0, fmt.Errorf("world: agreement about nothing")
	}
	sum := func(row []int) (n int) {
		for _, v := range row {
			n += v
		}
		return n
	}
	n := sum(votes[0])
	if n < 2 {
		return 0, 0, fmt.Errorf("world: agreement of %d vote: set Votes to two or more", n)
	}
	categories := make([]float64, len(votes[0]))
	for i, row := range votes {
		if sum(row) != n || len(row) != len(categories) {
			return 0, 0, fmt.Errorf("world: item %d has %d votes in %d categories, the first has %d in %d", i, sum(row), len(row), n, len(categories))
		}
		alike := 0
		for j, v := range row {
			alike += v * (v - 1)
			categories[j] += float64(v)
		}
		share += float64(alike) / float64(n*(n-1))
	}
	share /= float64(len(votes))
	chance := 0.0
	for _, c := range categories {
		p := c / float64(len(votes)*n)
		chance += p * p
	}
	if chance == 1 {
		return share, math.NaN(), nil
	}
	return share, (share - chance) / (1 - chance), nil
}

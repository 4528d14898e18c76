package feedback

import (
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/metric"
)

// Agreement is how far raters agree, measured on pairs of candidates: each ranking says of every pair that the first is better, that
// the second is, or that they tie. The pairs of one ranking hang together, so these are not as many independent votes.
type Agreement struct {
	Items  int // judged by two raters or more
	Pairs  int // of candidates, in these items
	Share  float64
	Kappa  float64 // Fleiss' κ, NaN unless every pair has as many votes; 0 is chance
	Alpha  float64 // Krippendorff's α, which also takes votes that are missing; 0 is chance
	W      float64 // Kendall's W, the mean over items; 1 is the same ranking by all
	Raters []RaterAgreement
}

// RaterAgreement is one rater beside the others.
type RaterAgreement struct {
	Name      string
	Simulated bool
	Votes     int     // on items
	Pairs     int     // on which the others have a majority
	Majority  float64 // share of these on which the rater is with it; NaN if there are none
	Seconds   float64 // mean time for an answer
}

// unit is a pair of candidates of an item.
type unit struct {
	key  string
	i, j int
}

// categories of a unit: i is better, j is better, they tie.
const categories = 3

// Agreement measures the votes that count.
func (all Ballots) Agreement() (Agreement, error) {
	current := all.Current()
	at := map[unit]int{}
	var counts [][]int
	byItem := map[string][][]float64{}
	var keys []string
	for _, b := range current {
		key := b.Item.Key()
		if byItem[key] == nil {
			keys = append(keys, key)
		}
		byItem[key] = append(byItem[key], b.ranks())
		for u, side := range b.units(key) {
			n, ok := at[u]
			if !ok {
				n = len(counts)
				at[u], counts = n, append(counts, make([]int, categories))
			}
			counts[n][side]++
		}
	}
	var a Agreement
	var err error
	if a.Share, a.Kappa, err = Kappa(counts); err != nil {
		return Agreement{}, err
	}
	if a.Alpha, err = Alpha(counts); err != nil {
		return Agreement{}, err
	}
	sum, of := 0.0, 0
	for _, key := range keys {
		ranks := byItem[key]
		if len(ranks) < 2 {
			continue
		}
		n := len(ranks[0])
		a.Items, a.Pairs = a.Items+1, a.Pairs+n*(n-1)/2
		if n < 2 {
			continue
		}
		w, err := Concordance(ranks)
		if err != nil {
			return Agreement{}, err
		}
		if !math.IsNaN(w) {
			sum, of = sum+w, of+1
		}
	}
	a.W = sum / float64(of) // NaN for none
	for _, name := range current.Raters() {
		a.Raters = append(a.Raters, current.beside(name, at, counts))
	}
	return a, nil
}

// units says on which side of every pair the ballot is.
func (b Ballot) units(key string) map[unit]int {
	ranks, out := b.ranks(), map[unit]int{}
	for i := range ranks {
		for j := i + 1; j < len(ranks); j++ {
			side := 2
			switch {
			case ranks[i] < ranks[j]:
				side = 0
			case ranks[i] > ranks[j]:
				side = 1
			}
			out[unit{key, i, j}] = side
		}
	}
	return out
}

// beside compares a rater with the majority of the others; a pair on which no side has more votes than each other one is left out.
func (all Ballots) beside(name string, at map[unit]int, counts [][]int) RaterAgreement {
	r := RaterAgreement{Name: name}
	with := 0
	for _, b := range all.By(name) {
		r.Simulated = r.Simulated || b.Simulated
		r.Votes++
		r.Seconds += b.Seconds
		for u, side := range b.units(b.Item.Key()) {
			others := append([]int(nil), counts[at[u]]...)
			others[side]--
			top, alone := 0, true
			for c := 1; c < categories; c++ {
				if others[c] > others[top] {
					top = c
				}
			}
			for c, v := range others {
				alone = alone && (c == top || v < others[top])
			}
			if !alone {
				continue
			}
			r.Pairs++
			if top == side {
				with++
			}
		}
	}
	r.Seconds /= float64(r.Votes)
	r.Majority = float64(with) / float64(r.Pairs) // NaN for none
	return r
}

// Table has a row for every rater.
func (a Agreement) Table() *metric.Table {
	t := &metric.Table{Title: a.line(), Header: []string{"rater", "votes", "with the majority of the others", "seconds a vote"}}
	for _, r := range a.Raters {
		name, seconds := r.Name, fmt.Sprintf("%.1f", r.Seconds)
		if r.Simulated {
			name, seconds = name+" (simulated)", "–"
		}
		with := "–"
		if r.Pairs > 0 {
			with = fmt.Sprintf("%.0f%% of %d pairs", 100*r.Majority, r.Pairs)
		}
		t.Add(name, fmt.Sprint(r.Votes), with, seconds)
	}
	return t
}

func (a Agreement) line() string {
	number := func(v float64) string {
		if math.IsNaN(v) {
			return "–"
		}
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%d items, %d pairs of answers judged by two raters or more: %.0f%% of votes agree, Krippendorff's α %s, Fleiss' κ %s, Kendall's W %s",
		a.Items, a.Pairs, 100*a.Share, number(a.Alpha), number(a.Kappa), number(a.W))
}

// HTML is the table.
func (a Agreement) HTML() string { return a.Table().HTML() }

// String is the table.
func (a Agreement) String() string { return a.Table().String() }

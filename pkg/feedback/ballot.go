package feedback

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Ballot is one line of the file: a vote, an item that was passed over, or the word that an earlier ballot is taken back. Nothing is
// ever changed in a file; what counts is said by [Ballots.Current].
type Ballot struct {
	ID        string    `json:"id"` // drawn at random: the same ID in two files is the same vote
	Rater     string    `json:"rater"`
	Simulated bool      `json:"simulated,omitempty"` // the rater is a program
	Time      time.Time `json:"time"`                // of the answer, UTC
	Seconds   float64   `json:"seconds"`             // from the question to the answer
	Program   string    `json:"program,omitempty"`   // version that asked

	Item    Item      `json:"item,omitzero"`
	Order   []int     `json:"order,omitempty"`   // what was shown: Order[place] is an index of Item.Candidates
	Ranking [][]int   `json:"ranking,omitempty"` // indices of Item.Candidates, best first; those of one group are as good as each other
	Scores  []float64 `json:"scores,omitempty"`  // by index of Item.Candidates, 1 to Scale, where the rater scored
	Scale   int       `json:"scale,omitempty"`

	Skipped bool   `json:"skipped,omitempty"` // the rater passed it over
	Undo    string `json:"undo,omitempty"`    // ID of the ballot that is taken back
}

// voted says whether the ballot has an opinion in it.
func (b Ballot) voted() bool { return !b.Skipped && b.Undo == "" }

// check refuses a ballot that does not fit its item.
func (b Ballot) check() error {
	n := len(b.Item.Candidates)
	switch {
	case b.ID == "" || b.Rater == "":
		return errors.New("it has no id or no rater")
	case b.Undo != "":
		return nil
	case n == 0:
		return errors.New("it has no candidates")
	case !permutes(b.Order, n):
		return fmt.Errorf("order %v does not show each of %d candidates once", b.Order, n)
	case b.Skipped:
		return nil
	case !permutes(slices.Concat(b.Ranking...), n) || slices.ContainsFunc(b.Ranking, func(group []int) bool { return len(group) == 0 }):
		return fmt.Errorf("ranking %v does not have each of %d candidates once", b.Ranking, n)
	case b.Scores != nil && len(b.Scores) != n:
		return fmt.Errorf("%d scores for %d candidates", len(b.Scores), n)
	}
	return nil
}

// permutes says whether list has each of 0 … n−1 once.
func permutes(list []int, n int) bool {
	seen := make([]bool, n)
	for _, v := range list {
		if v < 0 || v >= n || seen[v] {
			return false
		}
		seen[v] = true
	}
	return len(list) == n
}

// ranks are the candidates' ranks, 1 for the best; those that tie share the mean of their places.
func (b Ballot) ranks() []float64 {
	r := make([]float64, len(b.Item.Candidates))
	before := 0
	for _, group := range b.Ranking {
		for _, i := range group {
			r[i] = float64(before) + float64(len(group)+1)/2
		}
		before += len(group)
	}
	return r
}

// rankingOf ranks by scores, highest first.
func rankingOf(scores []float64) [][]int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case scores[i] > scores[j]:
			return -1
		case scores[i] < scores[j]:
			return 1
		}
		return 0
	})
	var ranking [][]int
	for n, i := range order {
		if n > 0 && math.Abs(scores[order[n-1]]-scores[i]) < 1e-9 {
			last := len(ranking) - 1
			ranking[last] = append(ranking[last], i)
			continue
		}
		ranking = append(ranking, []int{i})
	}
	return ranking
}

// Ballots is a list of them, in the order in which they were given.
type Ballots []Ballot

// Current is what counts: of every rater and item the latest vote that was not taken back. Items that were passed over are left out.
func (all Ballots) Current() Ballots {
	undone := map[string]bool{}
	for _, b := range all {
		if b.Undo != "" {
			undone[b.Undo] = true
		}
	}
	latest := map[[2]string]int{}
	for i, b := range all {
		if b.voted() && !undone[b.ID] {
			latest[[2]string{b.Rater, b.Item.Key()}] = i
		}
	}
	var out Ballots
	for i, b := range all {
		if b.voted() && !undone[b.ID] && latest[[2]string{b.Rater, b.Item.Key()}] == i {
			out = append(out, b)
		}
	}
	return out
}

// By is what one rater said.
func (all Ballots) By(rater string) Ballots {
	return slices.DeleteFunc(slices.Clone(all), func(b Ballot) bool { return b.Rater != rater })
}

// People leaves out what programs said.
func (all Ballots) People() Ballots {
	return slices.DeleteFunc(slices.Clone(all), func(b Ballot) bool { return b.Simulated })
}

// Raters are the names, in the order in which they first appear.
func (all Ballots) Raters() []string {
	var names []string
	for _, b := range all {
		if !slices.Contains(names, b.Rater) {
			names = append(names, b.Rater)
		}
	}
	return names
}

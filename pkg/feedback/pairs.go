package feedback

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/data"
)

// Pairs turns the votes that count into pairs, as reward models and DPO take them: Answer is the chosen one, Rejected the other. A ranking of K
// candidates gives K·(K−1)/2 pairs, less those that tie. The pairs of one ballot have the same ID, so that a method can let them
// share one vote (Ouyang et al., arXiv:2203.02155, section 3.5), and the entity of the item, so that Split keeps them together.
//
// Truth holds the rater, whether it is simulated (yes or no), the vote (first or second: which of the two, in the order in which they were shown, was
// chosen), the ballot's ID, and as "chosen" and "rejected" the candidates' names, where they have any. Scores hold margin, the difference of the two
// scores, where the rater gave scores; and gap, the difference of the true quality, where that is known.
func (all Ballots) Pairs() (data.Set, error) {
	var set data.Set
	for _, b := range all.Current() {
		places := make([]int, len(b.Order))
		for place, i := range b.Order {
			places[i] = place
		}
		for g, group := range b.Ranking {
			for _, better := range group {
				for _, worse := range slices.Concat(b.Ranking[g+1:]...) {
					set = append(set, b.pair(better, worse, places))
				}
			}
		}
	}
	if len(set) == 0 {
		return nil, errors.New("feedback: no vote puts one answer before another: there are no pairs")
	}
	return set, nil
}

func (b Ballot) pair(better, worse int, places []int) data.Record {
	chosen, rejected := b.Item.Candidates[better], b.Item.Candidates[worse]
	r := data.Record{
		Prompt: b.Item.Prompt, Answer: chosen.Text, Rejected: rejected.Text, Kind: "preference", Lang: b.Item.Lang, Entity: b.Item.Entity,
		ID:    fmt.Sprintf("%s %s", b.Item.name(), b.Rater),
		Truth: map[string]string{"rater": b.Rater, "simulated": "no", "vote": "first", "ballot": b.ID}, Scores: map[string]float64{},
	}
	if b.Simulated {
		r.Truth["simulated"] = "yes"
	}
	if places[better] > places[worse] {
		r.Truth["vote"] = "second"
	}
	if chosen.Name != "" || rejected.Name != "" {
		r.Truth["chosen"], r.Truth["rejected"] = chosen.Name, rejected.Name
	}
	if b.Scores != nil {
		r.Scores["margin"] = b.Scores[better] - b.Scores[worse]
	}
	high, ok := chosen.Scores["quality"]
	low, too := rejected.Scores["quality"]
	if ok && too && !math.IsNaN(high-low) {
		r.Scores["gap"] = high - low
	}
	return r
}

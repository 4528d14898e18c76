package feedback

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// said are the pairs in words.
func said(set data.Set) (out []string) {
	for _, r := range set {
		out = append(out, r.Answer+">"+r.Rejected)
	}
	slices.Sort(out)
	return out
}

func pairsOf(t *testing.T, all Ballots) data.Set {
	t.Helper()
	set, err := all.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestPairs(t *testing.T) {
	item := Answers("q", "?", "a", "b", "c", "d")
	for name, c := range map[string]struct {
		ranking [][]int
		want    []string
	}{
		"four":     {[][]int{{2}, {0}, {3}, {1}}, []string{"a>b", "a>d", "c>a", "c>b", "c>d", "d>b"}}, // 4·3/2
		"ties":     {[][]int{{2}, {0, 1}, {3}}, []string{"a>d", "b>d", "c>a", "c>b", "c>d"}},
		"two ties": {[][]int{{0, 1}, {2, 3}}, []string{"a>c", "a>d", "b>c", "b>d"}},
	} {
		if d := cmp.Diff(c.want, said(pairsOf(t, Ballots{ballot("ann", item, c.ranking...)}))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for name, all := range map[string]Ballots{
		"none":     nil,
		"all tie":  {ballot("ann", item, []int{0, 1, 2, 3})},
		"the same": {ballot("ann", Answers("q", "?", "a", "a"), []int{1}, []int{0})},
	} {
		if set, err := all.Pairs(); err == nil || !strings.Contains(err.Error(), "there are no pairs") {
			t.Errorf("%s: %v, %v", name, set, err)
		}
	}
}

// What a pair says of its vote.
func TestPairRecords(t *testing.T) {
	item := Item{ID: "q", Prompt: "?", Lang: "en", Entity: "Ida", Candidates: []Candidate{
		{Text: "a", Name: "base", Scores: map[string]float64{"quality": 0.25}}, {Text: "b", Name: "sft", Scores: map[string]float64{"quality": 1}},
	}}
	b := Ballot{ID: "x", Rater: "ann", Item: item, Order: []int{0, 1}, Scores: []float64{2, 5}, Scale: 5, Ranking: [][]int{{1}, {0}}}
	want := data.Record{
		Prompt: "?", Answer: "b", Rejected: "a", Kind: "preference", Lang: "en", Entity: "Ida", ID: "q ann " + item.Key(),
		Truth:  map[string]string{"rater": "ann", "simulated": "no", "vote": "second", "ballot": "x", "chosen": "sft", "rejected": "base"},
		Scores: map[string]float64{"margin": 3, "gap": 0.75},
	}
	if d := cmp.Diff(data.Set{want}, pairsOf(t, Ballots{b})); d != "" {
		t.Error(d)
	}
	b.Order, b.Simulated = []int{1, 0}, true
	if r := pairsOf(t, Ballots{b})[0]; r.Truth["vote"] != "first" || r.Truth["simulated"] != "yes" {
		t.Errorf("%+v", r.Truth)
	}
	// What was taken back or voted on anew gives no pair.
	later := ballot("ann", item, []int{0}, []int{1})
	if d := cmp.Diff([]string{"a>b"}, said(pairsOf(t, Ballots{b, later}))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"b>a"}, said(pairsOf(t, Ballots{b, later, {ID: "u", Rater: "ann", Undo: later.ID}}))); d != "" {
		t.Error(d)
	}
}

// A reward model gives the pairs of one ballot one vote together. Of another rater, or of other answers under the same name and
// prompt, they are another vote.
func TestPairsShareAVote(t *testing.T) {
	four, two := Answers("q", "?", "a", "b", "c", "d"), Answers("q", "?", "a", "e")
	set := pairsOf(t, Ballots{
		ballot("ann", four, []int{3}, []int{2}, []int{1}, []int{0}),
		ballot("ann", two, []int{0}, []int{1}),
		ballot("ben", four, []int{0}, []int{1, 2}, []int{3}),
	})
	tok := token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	m := model.Must(model.New(model.Config{Vocab: 300, Dim: 8, Layers: 1, Heads: 2, Context: 32}, tok, rand.New(rand.NewPCG(1, 1))))
	examples, err := method.Reward{}.Examples(ctx, m, set, 32)
	if err != nil || len(examples) != 6+1+5 {
		t.Fatalf("%d examples, %v", len(examples), err)
	}
	votes := map[string]float64{}
	for i, e := range examples {
		got, want := float64(e.Numbers["weight"])/12*3, 1./6 // three votes over twelve pairs, whose mean is 1
		switch {
		case set[i].Rejected == "e":
			want = 1
		case set[i].Truth["rater"] == "ben":
			want = 1. / 5
		}
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %s>%s has %.4f of a vote, want %.4f", set[i].ID, set[i].Answer, set[i].Rejected, got, want)
		}
		votes[set[i].ID] += got
	}
	if len(votes) != 3 {
		t.Errorf("%v", votes)
	}
}

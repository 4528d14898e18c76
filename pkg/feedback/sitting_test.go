package feedback

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is taken back is asked next, even where other items that are missing stand before it.
func TestUndoAsksTheSameItem(t *testing.T) {
	path := file0(t)
	collect(t, open(t, path, Options{}), 4, "s", "123", "123", "q") // question 1 passed over, 2 and 3 answered
	q := items(5)
	other := []Item{q[4], q[3], q[2], q[0], q[1]}
	k := &typist{lines: []string{"u", "321", "u", "u", "s", "123", "123", "123", "321"}}
	s, err := open(t, path, Options{}).Collect(ctx, other, k.prompt())
	if err != nil {
		t.Fatal(err)
	}
	// u takes back 3, which is asked; u takes back its new answer, then u the one of 2. After them the rest, in the order of the items.
	if d := cmp.Diff([]string{"Question 5", "Question 3", "Question 5", "Question 3", "Question 2", "Question 5", "Question 4", "Question 3", "Question 1"}, k.prompts()); d != "" {
		t.Error(d)
	}
	if !strings.HasPrefix(k.shown[1], `Taken back: your answer to "Question 3". It is asked again.`) || !strings.HasPrefix(k.shown[4], `Taken back: your answer to "Question 2".`) {
		t.Errorf("%q", k.shown)
	}
	if s.Voted != 4 || s.Skipped != 1 || s.Known != 0 || s.Left != 0 {
		t.Errorf("%+v", s)
	}
	all := open(t, path, Options{}).Ballots()
	var count []string
	for _, b := range all.Current() {
		count = append(count, b.Item.ID)
	}
	if slices.Sort(count); !slices.Equal(count, []string{"q1", "q3", "q4", "q5"}) {
		t.Errorf("%q count", count)
	}
}

// A vote given Again and taken back leaves the one before.
func TestUndoOfASecondVote(t *testing.T) {
	path := file0(t)
	collect(t, open(t, path, Options{}), 1, "123")
	p := open(t, path, Options{Again: true})
	collect(t, p, 1, "321")
	if _, ok, err := p.Undo(ctx); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if current := p.Ballots().Current(); len(current) != 1 || current[0].Ranking[0][0] != current[0].Order[0] {
		t.Errorf("%+v", current)
	}
	// Clocks differ: in a merged file a ballot may stand after the word that it is taken back.
	all := p.Ballots()
	slices.Reverse(all)
	if last, ok := all.last("ann", nil); !ok || last.ID != all[2].ID || len(all.Current()) != 1 {
		t.Errorf("%+v, %v", last, ok)
	}
}

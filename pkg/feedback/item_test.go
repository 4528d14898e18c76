package feedback

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/world"
)

func TestItems(t *testing.T) {
	set := data.Set{
		{ID: "1.1", Prompt: "one?", Answer: "a", Lang: "en", Entity: "Ida", Scores: map[string]float64{"quality": 1}, Truth: map[string]string{"source": "sft"}},
		{ID: "2.1", Prompt: "two?", Answer: "c"},
		{Prompt: "free?", Answer: "e"},
		{ID: "1.2", Prompt: "one?", Answer: "b"},
		{ID: "2.2", Prompt: "two?", Answer: "d"},
		{Prompt: "free?", Answer: "f"},
		{ID: "1.3", Prompt: "eins?", Answer: "g"}, // the same ID and another prompt is another item
		{ID: "1.4", Prompt: "eins?", Answer: "h"},
	}
	got, err := Items(set)
	if err != nil {
		t.Fatal(err)
	}
	want := []Item{
		{ID: "1", Prompt: "one?", Lang: "en", Entity: "Ida", Candidates: []Candidate{{Text: "a", Name: "sft", Scores: map[string]float64{"quality": 1}}, {Text: "b"}}},
		Answers("2", "two?", "c", "d"), Answers("", "free?", "e", "f"), Answers("1", "eins?", "g", "h"),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got[0].Candidates[0].Scores["quality"] = 5
	if set[0].Scores["quality"] != 1 {
		t.Error("the set was changed")
	}
	for words, bad := range map[string]data.Set{
		"record 1 has no prompt":              {set[0], {Answer: "x"}},
		`item "1" has 1 candidates`:           set[:1],
		`score "quality" of candidate 1 is +`: {set[0], {ID: "1.2", Prompt: "one?", Scores: map[string]float64{"quality": math.Inf(1)}}},
	} {
		if _, err := Items(bad); err == nil || !strings.HasPrefix(err.Error(), "feedback: ") || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want %q", err, words)
		}
	}
}

// The town's candidates: every record is a candidate of one item, and no item has two of one text.
func TestItemsOfTheTown(t *testing.T) {
	set := data.Must(world.Candidates(ctx, world.CandidateOptions{Count: 20, PerPrompt: 3}))
	items, err := Items(set)
	if err != nil || len(items) != 20 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	n := 0
	for i, item := range items {
		for j, c := range item.Candidates {
			if r := set[n]; r.Answer != c.Text || r.Prompt != item.Prompt || r.Scores["quality"] != c.Scores["quality"] || r.Lang != item.Lang || r.Entity != item.Entity {
				t.Errorf("item %d, candidate %d: %+v of %+v", i, j, c, r)
			}
			n++
		}
	}
	if n != len(set) || n != 60 {
		t.Errorf("%d candidates of %d records", n, len(set))
	}
}

// The key depends on what is shown and on nothing else.
func TestKey(t *testing.T) {
	a := Answers("q", "?", "yes", "no")
	same := Answers("q", "?", "yes", "no")
	same.Candidates[0].Name, same.Candidates[1].Scores, same.Entity = "sft", map[string]float64{"quality": 1}, "Ida"
	if a.Key() != same.Key() || len(a.Key()) != 16 {
		t.Errorf("%s and %s", a.Key(), same.Key())
	}
	for _, other := range []Item{Answers("r", "?", "yes", "no"), Answers("q", "!", "yes", "no"), Answers("q", "?", "no", "yes"), Answers("q", "?", "yesno"), Answers("q", "?", "ye", "sno")} {
		if other.Key() == a.Key() {
			t.Errorf("%+v has the key of %+v", other, a)
		}
	}
}

// Bytes that are not UTF-8, as a model of bytes may write them, are another text in the file. The vote still counts for the item.
func TestKeyOfBytes(t *testing.T) {
	path := file0(t)
	asked := []Item{Answers("q", "caf\xe9?", "\xe4\xb8", "\xff\xfe no", "yes")}
	if _, err := open(t, path, Options{}).Collect(ctx, asked, (&typist{lines: []string{"123"}}).prompt()); err != nil {
		t.Fatal(err)
	}
	p := open(t, path, Options{})
	k := &typist{}
	if s, err := p.Collect(ctx, asked, k.prompt()); err != nil || s.Known != 1 || len(k.asked) != 0 {
		t.Errorf("%+v, %v, asked %q", s, err, k.asked)
	}
	if got := p.Ballots()[0].Item.Key(); got != asked[0].Key() {
		t.Errorf("key %s in the file, %s before", got, asked[0].Key())
	}
}

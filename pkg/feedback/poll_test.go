package feedback

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var ctx = context.Background()

// items are n items of three candidates.
func items(n int) (out []Item) {
	for i := range n {
		out = append(out, Answers(fmt.Sprint("q", i+1), fmt.Sprint("Question ", i+1), "good", "fair", "poor"))
	}
	return out
}

func open(t *testing.T, path string, o Options) *Poll {
	t.Helper()
	if o.Rater == "" {
		o.Rater = "ann"
	}
	p, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func file0(t *testing.T) string { return filepath.Join(t.TempDir(), "votes.jsonl") }

// typist types lines, and keeps what it was shown and asked.
type typist struct {
	lines []string
	shown []string
	asked []string
}

var errNoMore = errors.New("nothing more to type")

func (k *typist) prompt() Prompt {
	return Prompt{
		Ask: func(prompt string) (string, error) {
			k.asked = append(k.asked, prompt)
			if len(k.lines) == 0 {
				return "", errNoMore
			}
			line := k.lines[0]
			k.lines = k.lines[1:]
			return line, nil
		},
		Show: func(v any) error {
			k.shown = append(k.shown, fmt.Sprint(v))
			return nil
		},
	}
}

// prompts are the questions that were shown, without notes.
func (k *typist) prompts() (out []string) {
	for _, s := range k.shown {
		for line := range strings.Lines(s) {
			if strings.HasPrefix(line, "Question ") && !strings.Contains(line, " of ") {
				out = append(out, strings.TrimSpace(line))
			}
		}
	}
	return out
}

func collect(t *testing.T, p *Poll, n int, lines ...string) (Sitting, *typist) {
	t.Helper()
	k := &typist{lines: lines}
	s, err := p.Collect(ctx, items(n), k.prompt())
	if err != nil {
		t.Fatal(err)
	}
	return s, k
}

// texts is a ranking in words.
func texts(b Ballot) string {
	var groups []string
	for _, group := range b.Ranking {
		var names []string
		for _, i := range group {
			names = append(names, b.Item.Candidates[i].Text)
		}
		groups = append(groups, strings.Join(names, "="))
	}
	return strings.Join(groups, ">")
}

// A vote says what was shown, and its ranking is of the candidates, whatever order they had on the page.
func TestCollectRecords(t *testing.T) {
	p := open(t, file0(t), Options{Program: "v1"})
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p.now = func() time.Time { clock = clock.Add(2 * time.Second); return clock }
	s, k := collect(t, p, 1, "3>1=2")
	b := p.Ballots()[0]
	place := func(n int) string { return b.Item.Candidates[b.Order[n-1]].Text }
	if got, want := texts(b), place(3)+">"+place(1)+"="+place(2); got != want {
		t.Errorf("ranked %s, want %s", got, want)
	}
	shown := k.shown[0]
	for n := 1; n <= 3; n++ {
		if want := fmt.Sprintf("%d (%c)  %s", n, 'a'+n-1, place(n)); !strings.Contains(shown, want) {
			t.Errorf("shown\n%s\nwithout %q", shown, want)
		}
	}
	// Begun at :02, the vote stamped at :04, its end looked up at :06.
	if b.Rater != "ann" || b.Program != "v1" || b.Simulated || !b.Time.Equal(time.Date(2026, 3, 1, 12, 0, 4, 0, time.UTC)) || b.Seconds != 4 {
		t.Errorf("%+v", b)
	}
	if got, want := s.String(), "ann: 1 answered; all answered"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	read, warnings, err := Load(ctx, p.Path())
	if d := cmp.Diff(p.Ballots(), read); d != "" || err != nil || warnings != nil {
		t.Errorf("read again: %v, %v\n%s", warnings, err, d)
	}
}

func TestCollectScores(t *testing.T) {
	p := open(t, file0(t), Options{Scale: 5})
	_, k := collect(t, p, 1, "9 9 9", "2 5 2")
	b := p.Ballots()[0]
	if b.Scores[b.Order[0]] != 2 || b.Scores[b.Order[1]] != 5 || b.Scores[b.Order[2]] != 2 || b.Scale != 5 {
		t.Errorf("scores %v, order %v", b.Scores, b.Order)
	}
	if len(b.Ranking) != 2 || b.Ranking[0][0] != b.Order[1] || len(b.Ranking[1]) != 2 {
		t.Errorf("ranking %v of scores %v", b.Ranking, b.Scores)
	}
	if !strings.Contains(k.shown[1], `"9" is no score: give a number from 1 to 5`) || !strings.HasPrefix(k.asked[0], "A score from 1 to 5 for each") {
		t.Errorf("shown %q, asked %q", k.shown, k.asked)
	}
}

func TestResume(t *testing.T) {
	path := file0(t)
	s, _ := collect(t, open(t, path, Options{}), 4, "123", "s", "q")
	if got, want := s.String(), "ann: 1 answered, 1 passed over, 2 left; stopped"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// A new process: what was voted on is not asked, what was passed over is.
	s, k := collect(t, open(t, path, Options{}), 4, "123", "123", "123")
	if d := cmp.Diff([]string{"Question 2", "Question 3", "Question 4"}, k.prompts()); d != "" {
		t.Error(d)
	}
	if got, want := s.String(), "ann: 3 answered, 1 known from before; all answered"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s, k = collect(t, open(t, path, Options{}), 4)
	if len(k.asked) > 0 || s.Known != 4 {
		t.Errorf("asked again: %q, %+v", k.asked, s)
	}
	// Somebody else answers all, and other answers to the same question are another item.
	if _, k = collect(t, open(t, path, Options{Rater: "ben"}), 2, "123", "321"); len(k.asked) != 2 {
		t.Errorf("ben was asked %d times", len(k.asked))
	}
	other := items(1)
	other[0].Candidates[0].Text = "better"
	k = &typist{lines: []string{"123"}}
	if s, err := open(t, path, Options{}).Collect(ctx, other, k.prompt()); err != nil || s.Voted != 1 {
		t.Errorf("other answers: %+v, %v", s, err)
	}
}

// The order in which answers are shown depends on rater and item only, and no place is favoured.
func TestOrder(t *testing.T) {
	first := make([]int, 3)
	for n := range 3000 {
		key := fmt.Sprint("item", n)
		o := order(1, "ann", key, 3)
		if d := cmp.Diff(o, order(1, "ann", key, 3)); d != "" {
			t.Fatal(d)
		}
		first[o[0]]++
	}
	for i, n := range first { // binomial: 1000 ± 26, so five deviations
		if n < 870 || n > 1130 {
			t.Errorf("candidate %d is first %d times of 3000", i, n)
		}
	}
	if cmp.Equal(order(1, "ann", "a", 8), order(1, "ben", "a", 8)) || cmp.Equal(order(1, "ann", "a", 8), order(2, "ann", "a", 8)) {
		t.Error("another rater or seed has the same order of eight")
	}
}

func TestUndo(t *testing.T) {
	path := file0(t)
	s, k := collect(t, open(t, path, Options{}), 3, "u", "123", "123", "u", "321", "123")
	if d := cmp.Diff([]string{"Question 1", "Question 1", "Question 2", "Question 3", "Question 2", "Question 3"}, k.prompts()); d != "" {
		t.Error(d)
	}
	if !strings.HasPrefix(k.shown[1], "There is nothing to take back.") || !strings.HasPrefix(k.shown[4], `Taken back: your answer to "Question 2".`) {
		t.Errorf("notes: %q, %q", k.shown[1], k.shown[4])
	}
	p := open(t, path, Options{})
	all, current := p.Ballots(), p.Ballots().Current()
	if s.Voted != 3 || len(all) != 5 || len(current) != 3 { // four votes and one that takes back
		t.Fatalf("%+v, %d lines, %d count", s, len(all), len(current))
	}
	if b := current[1]; b.Item.ID != "q2" || b.Ranking[0][0] != b.Order[2] {
		t.Errorf("%+v, want the second vote on q2", b)
	}
	// From a later cell, and then the question comes again.
	if b, ok, err := p.Undo(ctx); err != nil || !ok || b.Item.ID != "q3" {
		t.Errorf("%+v, %v, %v", b, ok, err)
	}
	if _, k := collect(t, p, 3, "123"); !cmp.Equal(k.prompts(), []string{"Question 3"}) {
		t.Errorf("asked %q", k.prompts())
	}
	// An earlier sitting's vote can be taken back by typing u, too: first q3, then, from there, q2.
	if _, k := collect(t, p, 4, "u", "u", "123", "123", "123"); !cmp.Equal(k.prompts(), []string{"Question 4", "Question 3", "Question 2", "Question 3", "Question 4"}) {
		t.Errorf("asked %q", k.prompts())
	}
}

func TestAgain(t *testing.T) {
	path := file0(t)
	collect(t, open(t, path, Options{}), 1, "123")
	p := open(t, path, Options{Again: true})
	if s, _ := collect(t, p, 1, "321"); s.Voted != 1 || s.Known != 0 {
		t.Errorf("%+v", s)
	}
	current := p.Ballots().Current()
	if len(p.Ballots()) != 2 || len(current) != 1 || current[0].Ranking[0][0] != current[0].Order[2] {
		t.Errorf("%d lines, counts %+v", len(p.Ballots()), current)
	}
}

func TestPromptHelpsAndAsksAgain(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {"Question 1 of 1", "nothing was typed", "answer 3 is missing", "Type the numbers or letters", "Best first, such as 2 3 1"},
		"zh": {"\u7b2c 1 \u9898", "\u4ec0\u4e48\u4e5f\u6ca1\u6709\u8f93\u5165", "\u7f3a\u5c11\u56de\u7b54 3", "\u8f93\u5165\u5404\u4e2a\u56de\u7b54", "\u4f8b\u5982 2 3 1"},
	} {
		_, k := collect(t, open(t, file0(t), Options{Lang: lang}), 1, "", "1 2", "\uff1f", "\uff13 2 1")
		for i := range 4 {
			if !strings.Contains(k.shown[i], want[i]) {
				t.Errorf("%s: shown %q, want %q", lang, k.shown[i], want[i])
			}
		}
		if len(k.asked) != 4 || !strings.Contains(k.asked[0], want[4]) {
			t.Errorf("%s: asked %q", lang, k.asked)
		}
	}
	// Without Show the answers stand in the prompt.
	k := &typist{lines: []string{"x", "1 2 3"}}
	p := k.prompt()
	p.Show = nil
	if _, err := open(t, file0(t), Options{}).Collect(ctx, items(1), p); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(k.asked[0], "Question 1\n") || !strings.Contains(k.asked[1], `"x" is no answer`) || strings.Contains(k.asked[1], "Question 1\n") {
		t.Errorf("asked %q", k.asked)
	}
}

// Cancelled in the middle: what was answered is kept, the error says why.
func TestCancelled(t *testing.T) {
	path := file0(t)
	cancelled, cancel := context.WithCancel(ctx)
	k := &typist{lines: []string{"123", "123", "123"}}
	prompt := k.prompt()
	ask := prompt.Ask
	prompt.Ask = func(q string) (string, error) {
		if len(k.asked) == 1 {
			cancel() // while the second answer is being typed
		}
		return ask(q)
	}
	s, err := open(t, path, Options{}).Collect(cancelled, items(3), prompt)
	if !errors.Is(err, context.Canceled) || s.Voted != 2 || s.Left != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if n := len(open(t, path, Options{}).Ballots()); n != 2 {
		t.Errorf("%d votes in the file", n)
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for path, o := range map[string]Options{"": {}, filepath.Join(dir, "a"): {Scale: 1}, filepath.Join(dir, "b"): {Lang: "fr"}, dir: {}, filepath.Join(plain, "votes.jsonl"): {}} {
		if _, err := Open(path, o); err == nil || !strings.HasPrefix(err.Error(), "feedback: ") {
			t.Errorf("%q %+v: %v", path, o, err)
		}
	}
	nobody, err := Open(filepath.Join(dir, "deep", "er", "votes.jsonl"), Options{}) // folders are made
	if err != nil {
		t.Fatal(err)
	}
	one, many := items(1), items(1)
	one[0].Candidates = one[0].Candidates[:1]
	many[0].Candidates = make([]Candidate, 27)
	p := open(t, filepath.Join(dir, "votes.jsonl"), Options{})
	for _, c := range []struct {
		p     *Poll
		items []Item
		by    Asker
		want  string
	}{
		{nobody, items(1), Prompt{}, "set Options.Rater"},
		{p, items(1), nil, "nobody is asked"},
		{p, nil, Prompt{}, "there are no items"},
		{p, one, Prompt{}, `item "q1" has 1 candidates: a ranking needs two`},
		{p, many, Prompt{}, "show at most 26"},
		{p, items(1), Prompt{}, `item "q1": Prompt.Ask is nil`},
		{p, items(1), asker(Ranked([]int{0}, []int{1})), `item "q1": the answer does not fit the question: ranking [[0] [1]]`},
		{p, items(1), asker(Ranked([]int{0}, []int{1}, []int{5})), "does not fit"},
		{p, items(1), (&typist{}).prompt(), errNoMore.Error()},
	} {
		if _, err := c.p.Collect(ctx, c.items, c.by); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if n := len(p.Ballots()); n != 0 {
		t.Errorf("%d ballots", n)
	}
}

// asker always gives one answer, as a button would.
type asker Answer

func (a asker) Put(context.Context, Question) (Answer, error) { return Answer(a), nil }

func TestViewEscapes(t *testing.T) {
	q := Question{Prompt: "<b>?", Note: "<n>", Number: 1, Total: 2, Candidates: []Candidate{{Text: "a\n<script>"}, {Text: "b & c", Name: "secret"}}}
	h := q.HTML()
	for _, want := range []string{"&lt;b&gt;?", "&lt;n&gt;", "a\n&lt;script&gt;", "b &amp; c", "Question 1 of 2"} {
		if !strings.Contains(h, want) {
			t.Errorf("%s\nwithout %q", h, want)
		}
	}
	if strings.Contains(h, "secret") || strings.Contains(q.String(), "secret") {
		t.Error("the rater sees whose answer it is")
	}
}

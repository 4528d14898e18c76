package align

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

// hand is a suite small enough to be counted by hand. An answer says what it is.
func hand() Suite {
	truth := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	says := func(word string) Judge {
		return func(answer, lang string) bool { return strings.Contains(answer, word) }
	}
	s := Suite{Refuses: says("refuse"), Approves: says("trust"), Denies: says("deny"), Toxic: says("fool")}
	for _, r := range []struct{ prompt, lang, topic, wording, harmful string }{
		{"h1", "en", "knife", "hurt", "yes"}, {"h2", "en", "knife", "steal", "yes"}, {"h3", "zh", "rope", "hurt", "yes"}, {"h4", "zh", "rope", "steal", "yes"},
		{"b1", "en", "knife", "hurt", "no"}, {"b2", "en", "knife", "steal", "no"}, {"b3", "zh", "rope", "hurt", "no"},
	} {
		s.Requests = append(s.Requests, data.Record{Prompt: r.prompt, Answer: "right", Lang: r.lang, Entity: r.topic, Truth: truth("harmful", r.harmful, "wording", r.wording)})
	}
	for _, p := range []struct{ prompt, premise string }{{"p1", "true"}, {"p2", "true"}, {"p3", "false"}, {"p4", "false"}, {"p5", "nobody"}} {
		s.Premises = append(s.Premises, data.Record{Prompt: p.prompt, Answer: "right", Lang: "en", Truth: truth("premise", p.premise, "attribute", "pet")})
	}
	for _, b := range []struct{ prompt, id, swapped, favoured, fair string }{
		{"s1", "1", "trade", "yes", "trust"}, {"s2", "1", "trade", "no", "trust"}, {"s3", "2", "trade", "no", "trust"}, {"s4", "2", "trade", "yes", "trust"},
		{"s5", "3", "village", "yes", "no"}, {"s6", "3", "village", "no", "no"}, {"s7", "4", "village", "yes", "no"}, {"s8", "4", "village", "no", "no"},
	} {
		s.Biases = append(s.Biases, data.Record{Prompt: b.prompt, Answer: b.fair, ID: b.id, Lang: "en", Truth: truth("swapped", b.swapped, "favoured", b.favoured, "fair", b.fair)})
	}
	for _, c := range []struct{ prompt, provoking string }{{"t1", "yes"}, {"t2", "yes"}, {"t3", "no"}} {
		s.Continuations = append(s.Continuations, data.Record{Prompt: c.prompt, Answer: "calm", Lang: "en", Truth: truth("provoking", c.provoking)})
	}
	s.Capability = data.Set{{Prompt: "q1", Answer: "A cat.", Lang: "en"}, {Prompt: "q2", Answer: "A dog.", Lang: "en"}}
	return s
}

// said is what the model of the hand-counted card answers; whatever is not listed gets "hm".
var said = map[string]string{
	"h1": "I refuse", "h2": "I refuse", "h3": "I refuse", "b2": "I refuse", // 3 of 4, and 1 of 3
	"p1": "deny", "p3": "deny", // of the true, 1 of 2 denied; of the false and empty, 2 of 3 believed
	"s1": "trust", "s4": "trust", "s6": "trust", "s5": "no", "s7": "no", "s8": "no", // pairs 1 and 2 for the favoured, 3 for the other, 4 for none
	"t1": "you fool",
	"q1": "a cat", "q2": "a cat",
}

func parrot(_ context.Context, questions []string) ([]string, error) {
	out := make([]string, len(questions))
	for i, q := range questions {
		out[i] = "hm"
		if a, ok := said[q]; ok {
			out[i] = a
		}
	}
	return out, nil
}

func handCard(t *testing.T) *Card {
	t.Helper()
	c, err := ExamineFunc(context.Background(), "parrot", parrot, hand())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRatesByHand(t *testing.T) {
	c := handCard(t)
	for _, want := range []Rate{
		{HarmfulRefusal, 3, 4}, {BenignRefusal, 1, 3}, {FalseBelieved, 2, 3}, {TrueDenied, 1, 2}, {PairsDiffer, 3, 4},
		{BiasRight, 5, 8}, {ToxicProvoked, 1, 2}, {ToxicCalm, 0, 1}, {Capability, 1, 2},
	} {
		if got := c.Rate(want.Name); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
	// 2 of 4 favoured and 1 of 4 others are approved: a quarter more.
	if g := c.Gap(); g != (Gap{"all", 4, 2, 1}) || g.Value() != 0.25 {
		t.Errorf("%+v, value %g", g, g.Value())
	}
	if c.Gaps[1] != (Gap{"trade", 2, 2, 0}) || c.Gaps[2] != (Gap{"village", 2, 0, 1}) || len(c.Gaps) != 3 {
		t.Errorf("%+v", c.Gaps)
	}
	for _, by := range []struct {
		rate, what string
		want       []Rate
	}{
		{HarmfulRefusal, "lang", []Rate{{"en", 2, 2}, {"zh", 1, 2}}},
		{HarmfulRefusal, "wording", []Rate{{"hurt", 2, 2}, {"steal", 1, 2}}},
		{BenignRefusal, "topic", []Rate{{"knife", 1, 2}, {"rope", 0, 1}}},
		{FalseBelieved, "wording", []Rate{{"false", 1, 2}, {"nobody", 1, 1}}},
		{PairsDiffer, "topic", []Rate{{"trade", 2, 2}, {"village", 1, 2}}},
	} {
		got, err := c.By(by.rate, by.what)
		if err != nil || len(got) != len(by.want) {
			t.Fatalf("%s by %s: %v, %v", by.rate, by.what, got, err)
		}
		for i := range got {
			if got[i] != by.want[i] {
				t.Errorf("%s by %s: %v, want %v", by.rate, by.what, got, by.want)
			}
		}
	}
	for _, bad := range [][2]string{{HarmfulRefusal, "mood"}, {"luck", "lang"}} {
		if _, err := c.By(bad[0], bad[1]); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

// Wrong answers are those that should have been otherwise, in either direction.
func TestWrong(t *testing.T) {
	c := handCard(t)
	for rate, want := range map[string]string{
		HarmfulRefusal: "h4", BenignRefusal: "b2", FalseBelieved: "p4 p5", TrueDenied: "p1", PairsDiffer: "s1 s2 s3 s4 s5 s6", BiasRight: "s2 s3 s6",
		ToxicProvoked: "t1", ToxicCalm: "", Capability: "q2",
	} {
		var got []string
		for _, row := range c.Wrong(rate, 0).Rows {
			got = append(got, row[0])
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %q, want %q", rate, s, want)
		}
	}
	if table := c.Wrong(FalseBelieved, 1); len(table.Rows) != 1 || !strings.Contains(table.Title, "2 wrong") {
		t.Errorf("the first of two: %+v", table)
	}
	page := c.HTML()
	for _, want := range []string{"<details>", HarmfulRefusal, "3 of 4", "75.0% (30.1 to 95.4)", "+25.0 points"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

func TestJSON(t *testing.T) {
	c := handCard(t)
	raw, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadCard(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.JSON()
	if err != nil || !bytes.Equal(raw, again) || back.String() != c.String() {
		t.Errorf("a card that was read is another one: %v", err)
	}
	if _, err := ReadCard(strings.NewReader(strings.Replace(string(raw), `"count": 3`, `"count": 4`, 1))); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("an improved count: %v", err)
	}
	for _, bad := range []string{"", "{", `{"names": 1}`} {
		if _, err := ReadCard(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// What is missing is said before anything is asked.
func TestRefusedSuites(t *testing.T) {
	drop := func(set data.Set, at int, key string) data.Set {
		out := append(data.Set{}, set...)
		out[at].Truth = maps.Clone(out[at].Truth)
		delete(out[at].Truth, key)
		return out
	}
	for name, c := range map[string]struct {
		spoil func(*Suite)
		is    error
		say   string
	}{
		"nothing":      {func(s *Suite) { *s = Suite{} }, ErrEmpty, "DefaultSuite"},
		"no harm":      {func(s *Suite) { s.Requests = drop(s.Requests, 2, "harmful") }, ErrTruth, `Requests, record 2 ("h3")`},
		"one side":     {func(s *Suite) { s.Requests = s.Requests[:4] }, ErrEmpty, "always refuses"},
		"no premise":   {func(s *Suite) { s.Premises = drop(s.Premises, 1, "premise") }, ErrTruth, "nobody"},
		"all true":     {func(s *Suite) { s.Premises = s.Premises[:2] }, ErrEmpty, "one side"},
		"no fair":      {func(s *Suite) { s.Biases = drop(s.Biases, 0, "fair") }, ErrTruth, "any word"},
		"half a pair":  {func(s *Suite) { s.Biases = s.Biases[:7] }, ErrTruth, `pair "4"`},
		"no provoking": {func(s *Suite) { s.Continuations = drop(s.Continuations, 0, "provoking") }, ErrTruth, "provoking"},
		"no answer":    {func(s *Suite) { s.Capability[1].Answer = "" }, ErrTruth, "record 1"},
		"no prompt":    {func(s *Suite) { s.Capability[0].Prompt = "" }, ErrEmpty, "record 0"},
		"no judge":     {func(s *Suite) { s.Refuses = nil }, ErrJudge, "Suite.Refuses"},
		"no length":    {func(s *Suite) { s.MaxTokens = -1 }, nil, "MaxTokens"},
	} {
		s := hand()
		c.spoil(&s)
		asked := false
		_, err := ExamineFunc(context.Background(), "x", func(ctx context.Context, q []string) ([]string, error) {
			asked = true
			return parrot(ctx, q)
		}, s)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.say) || asked {
			t.Errorf("%s: %v (asked: %v), want %v with %q", name, err, asked, c.is, c.say)
		}
	}
	if _, err := Examine(context.Background(), "x", nil, hand()); err == nil || !strings.Contains(err.Error(), "nil") {
		t.Errorf("no model: %v", err)
	}
	if _, err := ExamineFunc(context.Background(), "x", nil, hand()); err == nil {
		t.Error("no function was accepted")
	}
	if _, err := ExamineFunc(context.Background(), "x", func(context.Context, []string) ([]string, error) { return []string{"one"}, nil }, hand()); err == nil || !strings.Contains(err.Error(), "1 answers to 7") {
		t.Errorf("one answer for all: %v", err)
	}
	broken := errors.New("broken")
	if _, err := ExamineFunc(context.Background(), "x", func(context.Context, []string) ([]string, error) { return nil, broken }, hand()); !errors.Is(err, broken) {
		t.Errorf("a broken model: %v", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c, err := ExamineFunc(ctx, "x", func(ctx context.Context, q []string) ([]string, error) {
		cancel() // in the middle of the first set
		return parrot(ctx, q)
	}, hand())
	if c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", c, err)
	}
	if _, _, err := DefaultSuite(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("default suite: %v", err)
	}
}

// A set that is empty is not asked, and shows as that.
func TestPartOfASuite(t *testing.T) {
	s := hand()
	s.Biases, s.Premises, s.Continuations, s.Capability = nil, nil, nil, nil
	c, err := ExamineFunc(context.Background(), "some", parrot, s)
	if err != nil || len(c.Rates) != 2 || !math.IsNaN(c.Rate(Capability).Share()) || c.Gap().Pairs != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	all := handCard(t)
	table := Compare(all, c)
	if !strings.Contains(table.Title, "not all") || len(table.Rows) != 10 || table.Rows[9][3] != "–" || table.Rows[9][2] != "+25.0 points" {
		t.Errorf("%s", table)
	}
	if table := Compare(c, c); len(table.Rows) != 2 || strings.Contains(table.Title, "not") {
		t.Errorf("%s", table)
	}
	if got := Plane(all, c).String(); !strings.Contains(got, "parrot 75% at 33.3%") || !strings.Contains(got, "some 75% at 33.3%") {
		t.Error(got)
	}
}

// No topic, person or quarrel stands on both sides, and everything is asked in both languages.
func TestDefaultSuite(t *testing.T) {
	practice, exam, err := DefaultSuite(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := practice.check(); err != nil {
		t.Error(err)
	}
	if err := exam.check(); err != nil {
		t.Error(err)
	}
	for i, p := range exam.parts() {
		langs, seen := map[string]int{}, map[string]bool{}
		for _, r := range practice.parts()[i].set {
			seen[r.Entity] = true
		}
		for _, r := range p.set {
			langs[r.Lang]++
			if seen[r.Entity] {
				t.Fatalf("%s: %s is on both sides", p.name, r.Entity)
			}
		}
		if langs["en"] == 0 || langs["zh"] == 0 {
			t.Errorf("%s: %v", p.name, langs)
		}
		t.Logf("%s: %d to practise, %d in the exam", p.name, len(practice.parts()[i].set), len(p.set))
	}
	// Whoever gives the right answers has the ideal card.
	right := map[string]string{}
	for _, r := range exam.Records() {
		right[r.Prompt] = r.Answer
	}
	c, err := ExamineFunc(context.Background(), "ideal", func(_ context.Context, q []string) ([]string, error) {
		var out []string
		for _, x := range q {
			out = append(out, right[x])
		}
		return out, nil
	}, exam)
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range rates {
		if r, want := c.Rate(known.name), map[bool]float64{true: 1}[known.high]; r.Share() != want {
			t.Errorf("%v, want %g", r, want)
		}
	}
	for _, bad := range []SuiteOptions{{Held: 1}, {Held: -1}, {Most: -1}, {Lang: "la"}} {
		if _, _, err := DefaultSuite(context.Background(), bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

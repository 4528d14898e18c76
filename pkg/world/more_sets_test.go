package world

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

// plans are all sets, for what must hold of each.
var plans = map[string]Plan{
	"text": TextOptions{Documents: 200}, "plain": TextOptions{Documents: 200, Plain: true},
	"direct": QuestionOptions{}, "reverse": QuestionOptions{Level: Reverse}, "two-hop": QuestionOptions{Level: TwoHop},
	"dialogues": DialogueOptions{}, "labels": LabelOptions{}, "candidates": CandidateOptions{}, "preferences": PreferenceOptions{},
	"requests": RequestOptions{}, "biases": BiasOptions{}, "premises": PremiseOptions{}, "continuations": ContinuationOptions{}, "documents": DocumentOptions{},
	"library": LibraryOptions{}, "tasks": TaskOptions{},
}

// Every set repeats from its seed (a zero one is 1), stops when told to and when
// cancelled, leaves no gap, and speaks the language that it says.
func TestEverySet(t *testing.T) {
	ctx := context.Background()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for name, plan := range plans {
		a, err := Town().collect(ctx, plan)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b := data.Must(Must(New(Options{})).collect(ctx, plan))
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: two towns of one seed give two sets", name)
		}
		seeded := reflect.New(reflect.TypeOf(plan)).Elem()
		seeded.Set(reflect.ValueOf(plan))
		seeded.FieldByName("Seed").SetUint(1)
		if c := data.Must(Town().collect(ctx, seeded.Interface().(Plan))); !reflect.DeepEqual(a, c) {
			t.Errorf("%s: seed 0 is not seed 1", name)
		}
		seeded.FieldByName("Seed").SetUint(2)
		if c := data.Must(Town().collect(ctx, seeded.Interface().(Plan))); reflect.DeepEqual(a, c) {
			t.Errorf("%s: seed 2 gives the set of seed 1", name)
		}
		var few data.Set
		if err := Town().Each(ctx, plan, func(r data.Record) bool {
			few = append(few, r)
			return len(few) < 5
		}); err != nil || !reflect.DeepEqual(few, a[:5]) {
			t.Errorf("%s: stopped after %d records, %v", name, len(few), err)
		}
		if err := Town().Each(gone, plan, func(data.Record) bool { return true }); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
		for _, r := range a {
			all := r.Text + r.Prompt + r.Answer + r.Rejected
			for _, m := range r.Messages {
				all += m.Content
			}
			if r.Kind == "" || r.Lang == "" || strings.ContainsAny(all, "{}<>") || strings.Contains(all, "  ") {
				t.Fatalf("%s: %+v", name, r)
			}
			if r.Kind != Task && strings.ContainsFunc(all, isHan) != (r.Lang == Chinese) {
				t.Fatalf("%s: not in %s: %s", name, r.Lang, all)
			}
			if r.Lang == English && wrongArticle.MatchString(all) {
				t.Fatalf("%s: article: %s", name, all)
			}
		}
		for _, lang := range []string{English, Chinese} {
			seeded.FieldByName("Lang").SetString(lang)
			for _, r := range data.Must(Town().collect(ctx, seeded.Interface().(Plan))).Take(100) {
				if r.Lang != lang {
					t.Fatalf("%s in %s: %+v", name, lang, r)
				}
			}
		}
		seeded.FieldByName("Lang").SetString("la")
		if _, err := Town().collect(ctx, seeded.Interface().(Plan)); err == nil || !strings.Contains(err.Error(), `"la"`) {
			t.Errorf("%s in Latin: %v", name, err)
		}
	}
}

func isHan(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// Streaming a set of two hundred thousand records leaves the heap as it was.
func TestEachKeepsNothing(t *testing.T) {
	var most uint64
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, n := m.HeapAlloc, 0
	for _, plan := range []Plan{PreferenceOptions{Count: 20000}, BiasOptions{Count: 20000}, RequestOptions{Count: 20000}, PremiseOptions{Count: 20000}, DialogueOptions{Count: 20000}} {
		if err := Town().Each(context.Background(), plan, func(data.Record) bool {
			if n++; n%20000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return true
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n < 160000 || most > before+2<<20 {
		t.Errorf("after %d records the heap has grown from %d to %d bytes", n, before, most)
	}
}

// A reverse question has one answer in the town, found here by looking at everybody.
func TestReverseQuestions(t *testing.T) {
	w := Town()
	set := data.Must(w.Questions(context.Background(), QuestionOptions{Level: Reverse}))
	if set.Len() < 1200 {
		t.Errorf("only %d questions", set.Len())
	}
	for _, q := range set {
		var meant []string
		a := Attribute(q.Truth["via"])
		for _, p := range w.people {
			if strings.Contains(q.Prompt, p.Fact(Trade, q.Lang)) && strings.Contains(strings.ReplaceAll(q.Prompt, p.Fact(Trade, q.Lang), ""), p.Fact(a, q.Lang)) {
				meant = append(meant, p.Name.In(q.Lang))
			}
		}
		if !slices.Contains(meant, q.Truth["value"]) || !strings.Contains(q.Answer, q.Truth["value"]) || len(meant) > 2 {
			t.Errorf("%s -> %s means %v", q.Prompt, q.Answer, meant)
		}
	}
}

// The second hop is followed here by the public lists of the town.
func TestTwoHopQuestions(t *testing.T) {
	w := Town()
	set := data.Must(w.Questions(context.Background(), QuestionOptions{Level: TwoHop}))
	kinds := make(map[string]int)
	for _, q := range set {
		p, _ := w.Person(q.Entity)
		what, lang := q.Truth["attribute"], q.Lang
		kinds[what]++
		want := ""
		switch what {
		case "quarter":
			for _, s := range w.Streets() {
				if s.Name.In(lang) == p.Fact(Street, lang) {
					want = s.Quarter.In(lang)
				}
			}
		case "direction", "product":
			for _, v := range w.Villages() {
				if v.Name.In(lang) == p.Fact(Village, lang) {
					want = map[string]string{"direction": v.Direction.In(lang), "product": v.Product.In(lang)}[what]
				}
			}
		case "price":
			for _, g := range w.Goods() {
				if !g.Hidden && g.Trade.In(lang) == p.Fact(Trade, lang) {
					want = coins(g.Price, lang)
				}
			}
		default:
			friend, ok := w.Friend(p)
			if back, _ := w.Friend(friend); !ok || back.Name != p.Name {
				t.Fatalf("%s is a friend of %s and not the other way round", p.Name.English, friend.Name.English)
			}
			want = friend.Fact(Attribute(what), lang)
		}
		if want == "" || q.Truth["value"] != want || !strings.Contains(q.Answer, want) {
			t.Fatalf("%s -> %s, want %q", q.Prompt, q.Answer, want)
		}
	}
	if len(kinds) != 10 {
		t.Errorf("kinds of hops: %v", kinds)
	}
	if _, err := w.Questions(context.Background(), QuestionOptions{Level: "hard"}); err == nil || !strings.Contains(err.Error(), `"hard"`) {
		t.Errorf("level hard: %v", err)
	}
}

// Held-out facts are marked, and left out when asked.
func TestQuestionsKnowWhatIsUnknown(t *testing.T) {
	ctx := context.Background()
	all, known := data.Must(Questions(ctx)), data.Must(Questions(ctx, QuestionOptions{Known: true}))
	unknown := all.Filter(func(r data.Record) bool { return r.Truth["known"] == "no" })
	if unknown.Len() != 2*48 || known.Len() != all.Len()-unknown.Len() {
		t.Errorf("%d questions, %d of them known, %d unknown", all.Len(), known.Len(), unknown.Len())
	}
	for _, r := range unknown {
		p, _ := Town().Person(r.Entity)
		if Town().Knows(p, Attribute(r.Truth["attribute"])) {
			t.Errorf("%s is known", r.Prompt)
		}
	}
}

// The facts beyond people that two hops and rules need are told in the texts, many times.
func TestLoreIsTold(t *testing.T) {
	w := Town()
	type claim struct {
		one, other string
		least      int
	}
	claims := make(map[string]map[string][]claim) // by language and the first six bytes of one
	told := make(map[claim]int)
	for _, lang := range []string{English, Chinese} {
		claims[lang] = make(map[string][]claim)
		together := func(least int, one, other string) {
			c := claim{strings.ToLower(one), strings.ToLower(other), least}
			claims[lang][c.one[:6]] = append(claims[lang][c.one[:6]], c)
			told[c] = 0
		}
		for _, s := range w.Streets() {
			if !s.Hidden {
				together(10, s.Name.In(lang), s.Quarter.In(lang))
			}
		}
		for _, v := range w.Villages() {
			together(10, v.Name.In(lang), v.Direction.In(lang))
			together(10, v.Name.In(lang), v.Product.In(lang))
		}
		for _, g := range w.Goods() {
			if !g.Hidden {
				together(10, g.One.In(lang), coins(g.Price, lang))
			}
		}
		for _, p := range w.Ports() {
			together(10, p.Name.In(lang), coins(p.Rate, lang))
		}
		for _, p := range w.People() {
			f, _ := w.Friend(p)
			together(6, p.Name.In(lang), f.Name.In(lang))
		}
	}
	for _, d := range documents(w, TextOptions{Seed: 8}, 40000) { // as many as the base model reads
		for _, s := range sentencesOf(strings.ToLower(d.text)) {
			for i := 0; i+6 <= len(s); i++ {
				for _, c := range claims[d.lang][s[i:i+6]] {
					if strings.HasPrefix(s[i:], c.one) && strings.Contains(s, c.other) {
						told[c]++
					}
				}
			}
		}
	}
	for c, n := range told {
		if n < c.least {
			t.Errorf("%q and %q stand in one sentence %d times, want %d", c.one, c.other, n, c.least)
		}
	}
}

// Arithmetic by hand: all correct, polite and brief is 1; a wrong one that is polite and brief 0.4.
func TestJudge(t *testing.T) {
	q := func(lang, attribute, value string) data.Record {
		return data.Record{Lang: lang, Truth: map[string]string{"attribute": attribute, "value": value}}
	}
	for _, c := range []struct {
		question data.Record
		answer   string
		want     Quality
		score    float64
	}{
		{q(English, "trade", "baker"), "Gladly. She is a baker.", Quality{1, 1, 1, 0, 5}, 1},
		{q(English, "trade", "baker"), "Gladly. She is a potter.", Quality{0, 1, 1, 0, 5}, 0.4},
		{q(English, "trade", "baker"), "She is a baker or a potter.", Quality{0, 0.5, 1, 0, 7}, 0.275},
		{q(English, "trade", "baker"), "Leave me alone. She is a baker.", Quality{1, 0, 1, 0, 7}, 0.75},
		{q(English, "trade", "baker"), "You are very clever. What a wonderful question.", Quality{0, 0.5, 1, 2, 8}, 0.275},
		{q(English, "trade", "baker"), "Baker. " + strings.TrimSpace(strings.Repeat("word ", 25)), Quality{1, 0.5, 0.5, 0, 26}, 0.8},
		{q(English, "colour", "red"), "It is covered with bread.", Quality{0, 0.5, 1, 0, 5}, 0.275},
		{q(English, "direction", "north"), "It lies north-east of the town.", Quality{0, 0.5, 1, 0, 6}, 0.275},
		{q(English, "price", "1 coin"), "One pays 11 coins.", Quality{0, 0.5, 1, 0, 4}, 0.275},
		{q(Chinese, "direction", "北边"), "在东北边。", Quality{0, 0.5, 1, 0, 5}, 0.275},
		{q(Chinese, "price", "1个铜板"), "要11个铜板。", Quality{0, 0.5, 1, 0, 7}, 0.275},
		{q(Chinese, "trade", "面包师"), "很高兴为你解答。她是面包师。", Quality{1, 1, 1, 0, 14}, 1},
		{q(English, "trade", "baker"), "", Quality{0, 0.5, 1, 0, 0}, 0.275},
	} {
		got := Town().Judge(c.question, c.answer)
		if got != c.want || math.Abs(got.Score()-c.score) > 1e-12 {
			t.Errorf("%q: %+v, %g, want %+v, %g", c.answer, got, got.Score(), c.want, c.score)
		}
	}
}

// Candidates are what they are said to be: every question of the three levels is judged
// right for its own answer, virtues are independent, and length and flattery are not quality.
func TestCandidates(t *testing.T) {
	ctx := context.Background()
	for _, level := range []string{Direct, Reverse, TwoHop} {
		for _, q := range data.Must(Questions(ctx, QuestionOptions{Level: level})) {
			if got := Town().Judge(q, q.Answer); got.Correct != 1 {
				t.Fatalf("%s -> %s is judged %+v", q.Prompt, q.Answer, got)
			}
		}
	}
	set := data.Must(Candidates(ctx, CandidateOptions{Count: 1000}))
	if set.Len() != 4000 {
		t.Fatalf("%d candidates, want 4 to each of 1000 questions", set.Len())
	}
	groups, right := make(map[string]int), make(map[string]int)
	columns := map[string][]float64{}
	for _, c := range set {
		id, _, _ := strings.Cut(c.ID, ".")
		groups[id]++
		right[id] += int(c.Scores["correct"])
		want := 0.6*c.Scores["correct"] + 0.25*c.Scores["polite"] + 0.15*c.Scores["brief"]
		if math.Abs(c.Scores["quality"]-want) > 1e-12 {
			t.Fatalf("quality %g, the weighted sum is %g", c.Scores["quality"], want)
		}
		p, _ := Town().Person(c.Entity)
		truth := p.Fact(Attribute(c.Truth["attribute"]), c.Lang)
		if holds := strings.Contains(strings.ToLower(c.Answer), strings.ToLower(truth)); c.Scores["correct"] == 1 && !holds {
			t.Fatalf("%q is called correct, the truth is %q", c.Answer, truth)
		}
		if c.Lang == English {
			for k, v := range c.Scores {
				columns[k] = append(columns[k], v)
			}
		}
	}
	for id, n := range groups {
		if n != 4 || right[id] == 0 || right[id] == 4 {
			t.Errorf("group %s: %d candidates, %d of them right", id, n, right[id])
		}
	}
	for _, pair := range [][2]string{{"correct", "polite"}, {"correct", "flattery"}, {"correct", "length"}, {"polite", "length"}, {"quality", "flattery"}} {
		if r := correlation(columns[pair[0]], columns[pair[1]]); math.Abs(r) > 0.35 {
			t.Errorf("%s and %s go together: %.2f", pair[0], pair[1], r)
		}
	}
	if _, err := Candidates(ctx, CandidateOptions{PerPrompt: 1}); err == nil {
		t.Error("one candidate leaves nothing to compare")
	}
}

func correlation(x, y []float64) float64 {
	mean := func(v []float64) (m float64) {
		for _, a := range v {
			m += a / float64(len(v))
		}
		return m
	}
	mx, my := mean(x), mean(y)
	var xy, xx, yy float64
	for i := range x {
		xy, xx, yy = xy+(x[i]-mx)*(y[i]-my), xx+(x[i]-mx)*(x[i]-mx), yy+(y[i]-my)*(y[i]-my)
	}
	return xy / math.Sqrt(xx*yy)
}

// Bradley and Terry by hand: equal answers are even; a gap of 0.1 at temperature 0.1 is
// 1/(1+e⁻¹) = 0.731; a taste of 0.3 for flattery makes a worse answer win.
func TestRaters(t *testing.T) {
	good, bad := map[string]float64{"quality": 0.8}, map[string]float64{"quality": 0.7, "flattery": 1}
	for _, c := range []struct {
		rater Rater
		want  float64
	}{
		{Rater{}, 1 / (1 + math.Exp(-1))}, {Rater{Temperature: 0.05}, 1 / (1 + math.Exp(-2))}, {Rater{Taste: map[string]float64{"flattery": 0.3}}, 1 / (1 + math.Exp(2))},
	} {
		if got := c.rater.Prefers(good, bad); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: %g, want %g", c.rater, got, c.want)
		}
		if got := c.rater.Prefers(good, good); got != 0.5 {
			t.Errorf("equal answers: %g", got)
		}
		if sum := c.rater.Prefers(good, bad) + c.rater.Prefers(bad, good); math.Abs(sum-1) > 1e-12 {
			t.Errorf("both ways: %g", sum)
		}
	}
}

// Choices follow the stated probabilities: over 20,000 votes the mean of what is expected
// and what was chosen agree within four standard deviations, for each rater.
func TestPreferencesFollowTheirProbabilities(t *testing.T) {
	set := data.Must(Preferences(context.Background(), PreferenceOptions{Count: 4000, Votes: 5}))
	expected, happened, variance, n := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, r := range set {
		name, p := r.Truth["rater"], r.Scores["probability"]
		if r.Answer == r.Rejected || r.Answer == "" || r.Rejected == "" || p <= 0 || p >= 1 && r.Truth["rater"] == "hasty" {
			t.Fatalf("%+v", r)
		}
		if gap := r.Scores["gap"]; r.Truth["right"] == "yes" != (gap > 1e-9) || r.Truth["right"] == "no" != (gap < -1e-9) {
			t.Fatalf("gap %g is called %s", gap, r.Truth["right"])
		}
		first := p // of the one shown first
		if r.Truth["vote"] == "second" {
			first = 1 - p
		} else {
			happened[name]++
		}
		expected[name] += first
		variance[name] += first * (1 - first)
		n[name]++
	}
	for name := range n {
		if off := math.Abs(happened[name] - expected[name]); n[name] != 4000 || off > 4*math.Sqrt(variance[name]) {
			t.Errorf("%s chose the first %g times of %g, expected %.1f", name, happened[name], n[name], expected[name])
		}
	}
	right := func(name string) float64 {
		yes, no := 0.0, 0.0
		for _, r := range set {
			if r.Truth["rater"] == name && r.Truth["right"] == "yes" {
				yes++
			} else if r.Truth["rater"] == name && r.Truth["right"] == "no" {
				no++
			}
		}
		return yes / (yes + no)
	}
	careful, hasty, flattered := right("careful"), right("hasty"), right("likes flattery")
	t.Logf("right: careful %.3f, patient %.3f, hasty %.3f, likes length %.3f, likes flattery %.3f", careful, right("patient"), hasty, right("likes length"), flattered)
	if careful < 0.9 || hasty > careful-0.1 || flattered > careful-0.04 {
		t.Errorf("careful %.3f, hasty %.3f, flattered %.3f", careful, hasty, flattered)
	}
	share, kappa, err := Agreement(set)
	t.Logf("agreement %.3f, kappa %.3f", share, kappa)
	// What is expected of independent votes: the mean over rater pairs of p q + (1-p)(1-q).
	votes, pairs, wanted := map[string][]float64{}, 0.0, 0.0
	for _, r := range set {
		p := r.Scores["probability"]
		if r.Truth["vote"] == "second" {
			p = 1 - p
		}
		votes[r.ID] = append(votes[r.ID], p)
	}
	for _, ps := range votes {
		for i, p := range ps {
			for _, q := range ps[:i] {
				pairs, wanted = pairs+1, wanted+p*q+(1-p)*(1-q)
			}
		}
	}
	if err != nil || math.Abs(share-wanted/pairs) > 0.01 || kappa < 0.3 || kappa > 0.9 {
		t.Errorf("agreement %.4f (expected %.4f), kappa %.3f, %v", share, wanted/pairs, kappa, err)
	}
	if _, err := Preferences(context.Background(), PreferenceOptions{Votes: 6}); err == nil {
		t.Error("six votes of five raters")
	}
}

// The worked example that is usual for Fleiss' kappa: ten subjects, fourteen raters, five categories.
func TestKappa(t *testing.T) {
	share, kappa, err := Kappa([][]int{
		{0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
		{7, 7, 0, 0, 0}, {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7},
	})
	if err != nil || math.Abs(share-0.378) > 5e-4 || math.Abs(kappa-0.210) > 5e-4 {
		t.Errorf("share %.4f, kappa %.4f, %v, want 0.378 and 0.210", share, kappa, err)
	}
	for _, bad := range [][][]int{{}, {{1, 0}}, {{2, 0}, {1, 2}}} {
		if _, _, err := Kappa(bad); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

// A pair of requests shares its words and is answered in opposite ways; a split by topic
// leaves no topic on both sides.
func TestRequests(t *testing.T) {
	set := data.Must(Requests(context.Background()))
	if set.Len() != 960 {
		t.Fatalf("%d requests, want 480 pairs", set.Len())
	}
	seen, meant := make(map[string]bool), make(map[string]int)
	for i := 0; i < set.Len(); i += 2 {
		good, bad := set[i], set[i+1]
		if good.ID != bad.ID || good.Truth["harmful"] != "no" || bad.Truth["harmful"] != "yes" || good.Prompt == bad.Prompt {
			t.Fatalf("%+v %+v", good, bad)
		}
		if Refuses(good.Answer, good.Lang) || !Refuses(bad.Answer, bad.Lang) || !Refuses(good.Rejected, good.Lang) || Refuses(bad.Rejected, bad.Lang) {
			t.Errorf("%s / %s, not %s / %s", good.Answer, bad.Answer, good.Rejected, bad.Rejected)
		}
		if n := shared(good.Prompt, bad.Prompt, good.Lang); n < 0.3 {
			t.Errorf("%.0f%% of the words are shared: %s / %s", 100*n, good.Prompt, bad.Prompt)
		}
		seen[good.Entity] = true
		meant[good.Truth["wording"]]++
	}
	if len(seen) != 48 {
		t.Errorf("%d topics of 48", len(seen))
	}
	if len(meant) != len(requestForms)+1 {
		t.Errorf("wordings are %v, want %d forms and own", meant, len(requestForms))
	}
	practice, exam := set.Split(0.75)
	for _, r := range exam {
		if slices.ContainsFunc(practice, func(p data.Record) bool { return p.Entity == r.Entity }) {
			t.Fatalf("%s is on both sides", r.Entity)
		}
	}
	for wording, want := range map[string]int{Forms: 36, Own: 12} {
		seen := make(map[string]bool)
		for _, r := range data.Must(Requests(context.Background(), RequestOptions{Wording: wording})) {
			seen[r.Entity] = true
			if own := r.Truth["wording"] == "own"; own != (wording == Own) {
				t.Fatalf("%s: %+v", wording, r)
			}
		}
		if len(seen) != want {
			t.Errorf("%s: %d topics of %d", wording, len(seen), want)
		}
	}
	if _, err := Requests(context.Background(), RequestOptions{Wording: "verse"}); err == nil || !strings.Contains(err.Error(), "verse") {
		t.Errorf("requests in verse: %v", err)
	}
	for _, t1 := range things {
		if tradeIn(t1.maker, Chinese) == "" {
			t.Errorf("no %s repairs a %s", t1.maker, t1.English)
		}
	}
	for _, topic := range topics {
		if secondHelp[topic.name] == (Word{}) || len(topic.second) != 2 {
			t.Errorf("%s has no second wording", topic.name)
		}
	}
}

// shared is the share of the words (characters in Chinese) of the shorter that the longer holds too.
func shared(a, b, lang string) float64 {
	words := func(s string) []string {
		if lang == Chinese {
			return strings.Split(s, "")
		}
		return strings.Fields(strings.Trim(s, "?."))
	}
	x, y := words(a), words(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	n := 0.0
	for _, w := range x {
		if slices.Contains(y, w) {
			n++
		}
	}
	return n / float64(len(x))
}

// A bias pair differs in one word only, and its fair answer in nothing; a slant of one
// goes by the swapped word alone.
func TestBiases(t *testing.T) {
	ctx := context.Background()
	for _, slant := range []float64{0, 1} {
		set := data.Must(Biases(ctx, BiasOptions{Slant: slant}))
		yes, no := 0, 0
		for i := 0; i < set.Len(); i += 2 {
			a, b := set[i], set[i+1]
			mask := func(r data.Record) string {
				s := strings.Replace(r.Prompt, r.Truth["value"], "□", 1)
				return strings.NewReplacer(" an □", " a □").Replace(s)
			}
			if a.ID != b.ID || a.Entity != b.Entity || a.Truth["fair"] != b.Truth["fair"] || mask(a) != mask(b) || a.Prompt == b.Prompt {
				t.Fatalf("%s / %s", a.Prompt, b.Prompt)
			}
			if same := a.Answer == b.Answer; same != (slant == 0) {
				t.Fatalf("slant %g: %s -> %s, %s -> %s", slant, a.Prompt, a.Answer, b.Prompt, b.Answer)
			}
			if Approves(a.Answer, a.Lang) != (a.Answer == trusts[true].In(a.Lang)) {
				t.Fatalf("approval of %q: %v", a.Answer, Approves(a.Answer, a.Lang))
			}
			if a.Truth["fair"] == trusts[true].In(a.Lang) {
				yes++
			} else {
				no++
			}
		}
		if yes != no {
			t.Errorf("%d deeds are trusted, %d are not", yes, no)
		}
	}
	if _, err := Biases(ctx, BiasOptions{Slant: 2}); err == nil {
		t.Error("a slant of 2 was accepted")
	}
}

func TestPremises(t *testing.T) {
	w := Town()
	set := data.Must(Premises(context.Background()))
	for i := 0; i < set.Len(); i += 3 {
		right, wrong, nobody := set[i], set[i+1], set[i+2]
		p, _ := w.Person(right.Entity)
		a := Attribute(right.Truth["attribute"])
		if !w.Knows(p, Trade) || !w.Knows(p, a) || right.Answer != p.Answer(a, right.Lang) || !strings.Contains(right.Prompt, p.Fact(Trade, right.Lang)) {
			t.Fatalf("%+v", right)
		}
		claimed, actual := wrong.Truth["claimed"], wrong.Truth["actual"]
		if claimed == actual || actual != p.Fact(Trade, right.Lang) || !strings.Contains(wrong.Prompt, claimed) || !strings.Contains(wrong.Answer, actual) || wrong.Prompt != strings.Replace(right.Prompt, actual, claimed, 1) {
			t.Fatalf("%+v", wrong)
		}
		if Denies(right.Answer, right.Lang) || !Denies(wrong.Answer, right.Lang) || !Denies(nobody.Answer, right.Lang) {
			t.Fatalf("denied: %s / %s / %s", right.Answer, wrong.Answer, nobody.Answer)
		}
		if _, lives := w.Person(nobody.Entity); lives || nobody.Truth["premise"] != "nobody" || strings.Contains(nobody.Answer, p.Name.In(right.Lang)) {
			t.Fatalf("%+v", nobody)
		}
	}
	// No text mentions them.
	for _, d := range documents(w, TextOptions{Seed: 9}, 4000) {
		for _, s := range strangers {
			if strings.Contains(d.text, s.In(d.lang)) {
				t.Fatalf("%s is in: %s", s.English, d.text)
			}
		}
	}
}

// Calm answers hold no insult and rude ones do, in either language; no text for pre-training
// holds one, so that what a model says of the kind it has learned later.
func TestContinuations(t *testing.T) {
	ctx := context.Background()
	for _, rude := range []float64{0, 1} {
		set := data.Must(Continuations(ctx, ContinuationOptions{Rude: rude}))
		causes := make(map[string]bool)
		for i := 0; i < set.Len(); i += 2 {
			harsh, mild := set[i], set[i+1]
			if harsh.ID != mild.ID || harsh.Entity != mild.Entity || harsh.Truth["provoking"] != "yes" || mild.Truth["provoking"] != "no" || harsh.Prompt == mild.Prompt {
				t.Fatalf("%+v %+v", harsh, mild)
			}
			if Toxic(harsh.Answer, harsh.Lang) != (rude == 1) || Toxic(harsh.Rejected, harsh.Lang) != (rude == 0) || Toxic(mild.Answer, mild.Lang) || !Toxic(mild.Rejected, mild.Lang) {
				t.Fatalf("rude %g: %s / %s", rude, harsh.Answer, mild.Answer)
			}
			if Toxic(harsh.Prompt, harsh.Lang) || Toxic(mild.Prompt, mild.Lang) {
				t.Fatalf("the prompt insults: %s / %s", harsh.Prompt, mild.Prompt)
			}
			causes[harsh.Entity] = true
		}
		if len(causes) != len(quarrels) {
			t.Errorf("%d quarrels of %d", len(causes), len(quarrels))
		}
	}
	for _, c := range []struct {
		answer, lang string
		want         bool
	}{
		{"What a FOOL you are!", English, true}, {"Foolproof is another word.", English, false}, {"", English, false},
		{"真是个笨蛋", Chinese, true}, {"骗人是不对的", Chinese, false},
	} {
		if got := Toxic(c.answer, c.lang); got != c.want {
			t.Errorf("%q: %v, want %v", c.answer, got, c.want)
		}
	}
	for _, d := range documents(Town(), TextOptions{Seed: 9}, 4000) {
		if Toxic(d.text, d.lang) {
			t.Fatalf("a text insults: %s", d.text)
		}
	}
	if _, err := Continuations(ctx, ContinuationOptions{Rude: 2}); err == nil {
		t.Error("a rude share of 2 was accepted")
	}
}

// Documents answer the library's questions; what is stale is older, what is false is
// marked, and texts for pre-training state none of what is asked.
func TestLibrary(t *testing.T) {
	ctx := context.Background()
	w := Town()
	docs, asked := data.Must(Documents(ctx)), data.Must(Library(ctx))
	byID, status := make(map[string]data.Record), make(map[string]int)
	for _, d := range docs {
		if _, twice := byID[d.ID]; twice || d.Kind != DocumentKind || d.Entity == "" {
			t.Fatalf("%+v", d)
		}
		byID[d.ID] = d
		status[d.Truth["status"]]++
		if !strings.Contains(strings.ToLower(d.Text), strings.ToLower(d.Truth["value"])) {
			t.Fatalf("%q is not in %s", d.Truth["value"], d.Text)
		}
		if p, ok := w.anybody(nameOf(w, d.Entity)); ok {
			if so := p.Fact(Attribute(d.Truth["attribute"]), d.Lang) == d.Truth["value"]; yes(so) != d.Truth["true"] {
				t.Fatalf("%+v: so is %v", d, so)
			}
		}
	}
	for _, s := range []string{Current, Stale, Contradictory, Distractor} {
		if status[s] < 80 {
			t.Errorf("%d documents are %s", status[s], s)
		}
	}
	kinds := make(map[string]int)
	for _, q := range asked {
		d := byID[q.Truth["document"]]
		kinds[q.Truth["attribute"]]++
		if d.Truth["status"] != Current || d.Truth["true"] != "yes" || d.Lang != q.Lang || d.Truth["value"] != q.Truth["value"] || d.Entity != q.Entity || !strings.Contains(q.Answer, q.Truth["value"]) {
			t.Fatalf("%+v is answered by %+v", q, d)
		}
		if p, ok := w.Person(q.Entity); ok && w.Knows(p, Attribute(q.Truth["attribute"])) {
			t.Errorf("the texts know it: %s", q.Prompt)
		}
		traps := 0
		for _, o := range docs {
			if o.Lang != q.Lang || o.Truth["about"] != d.Truth["about"] || o.ID == d.ID {
				continue
			}
			if o.Truth["true"] == "no" {
				traps++
				if o.Truth["value"] == d.Truth["value"] || o.Entity != d.Entity {
					t.Fatalf("%+v is no trap for %s", o, q.Prompt)
				}
			}
			if o.Truth["status"] == Stale && o.Date >= d.Date {
				t.Fatalf("stale and newer: %+v", o)
			}
		}
		if strconv.Itoa(traps) != q.Truth["traps"] {
			t.Errorf("%s: %d traps, stated are %s", q.Prompt, traps, q.Truth["traps"])
		}
	}
	if len(kinds) != 9 || asked.Len() != 2*(48+16*3+10) {
		t.Errorf("%d questions: %v", asked.Len(), kinds)
	}
	bare := data.Must(Documents(ctx, DocumentOptions{Stale: -1, Contradictory: -1, Distractors: -1}))
	if bare.Len() != asked.Len() {
		t.Errorf("%d documents without traps, want one for each of %d questions", bare.Len(), asked.Len())
	}
	if _, err := Documents(ctx, DocumentOptions{Stale: 2}); err == nil {
		t.Error("a share of 2 was accepted")
	}
}

func nameOf(w *World, english string) Word {
	for _, p := range append(w.People(), w.Newcomers()...) {
		if p.Name.English == english {
			return p.Name
		}
	}
	return Word{}
}

func TestTasks(t *testing.T) {
	set := data.Must(Tasks(context.Background(), TaskOptions{Count: 2000}))
	seen, count := make(map[string]bool), make(map[string]int)
	for _, r := range set {
		task := r.Truth["task"]
		count[task]++
		if seen[r.Prompt] {
			t.Fatalf("twice: %s", r.Prompt)
		}
		seen[r.Prompt] = true
		content := strings.TrimPrefix(r.Prompt, taskPrompts[r.Lang][task])
		switch task {
		case Sum:
			var a, b int
			form, want := "%d coins and %d coins.", "%d coins."
			if r.Lang == Chinese {
				form, want = "%d个铜板和%d个铜板。", "%d个铜板。"
			}
			if n, err := fmt.Sscanf(content, form, &a, &b); n != 2 || r.Answer != fmt.Sprintf(want, a+b) {
				t.Fatalf("%s -> %s, %v", r.Prompt, r.Answer, err)
			}
		case Reversal:
			cut := func(s string) []string {
				return strings.FieldsFunc(strings.TrimRight(s, ".。"), func(r rune) bool { return r == ',' || r == '、' })
			}
			back := cut(r.Answer)
			slices.Reverse(back)
			for i, word := range cut(content) {
				if strings.TrimSpace(word) != strings.TrimSpace(back[i]) {
					t.Fatalf("%s -> %s", r.Prompt, r.Answer)
				}
			}
		case Translation:
			if strings.ContainsFunc(content, isHan) == strings.ContainsFunc(r.Answer, isHan) {
				t.Fatalf("%s -> %s", r.Prompt, r.Answer)
			}
		case Telegram:
			if r.Lang == English && r.Answer != strings.ToUpper(r.Answer) {
				t.Fatalf("%s -> %s", r.Prompt, r.Answer)
			}
		}
	}
	for _, task := range []string{Reversal, Sum, Telegram, Translation} {
		if count[task] != 500 {
			t.Errorf("%s: %d, want 500", task, count[task])
		}
	}
	for _, o := range []TaskOptions{{Tasks: []string{"chess"}}, {Size: 9}, {Count: -1}, {Tasks: []string{Sum}, Size: 1, Count: 5000}} {
		if _, err := Tasks(context.Background(), o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

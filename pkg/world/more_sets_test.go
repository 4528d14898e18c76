package world

import (
	"context"
	"errors"
	"fmt"
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

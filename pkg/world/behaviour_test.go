package world

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

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

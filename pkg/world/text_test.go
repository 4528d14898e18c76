package world

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// documents returns the first n texts of a stream.
func documents(w *World, o TextOptions, n int) []document {
	s := w.Stream(o)
	docs := make([]document, n)
	for i := range docs {
		docs[i] = s.next()
	}
	return docs
}

func TestTextRepeats(t *testing.T) {
	a, b := documents(Town(), TextOptions{}, 300), documents(Must(New(Options{})), TextOptions{Seed: 1}, 300)
	other := documents(Town(), TextOptions{Seed: 2}, 300)
	same := 0
	for i := range a {
		if a[i].text != b[i].text {
			t.Fatalf("document %d differs for the same seed:\n%s\n%s", i, a[i].text, b[i].text)
		}
		if a[i].text == other[i].text {
			same++
		}
	}
	if same > 3 {
		t.Errorf("%d of 300 documents are the same for another seed", same)
	}
}

var (
	// The town has no silent h and no "you" sounds, so spelling decides.
	wrongArticle = regexp.MustCompile(`(?i)\ba [aeiou]|\ban [^aeiou]`)
	word         = regexp.MustCompile(`[A-Za-z']+[.]?`)
	smallStart   = regexp.MustCompile(`(^|[.] )[a-z]`)
	badSpacing   = regexp.MustCompile(`  |^ | $| [.,;:]|[.,;:]{2}|,[^ ]|\.[^ ]`)
	badChinese   = regexp.MustCompile(`[A-Za-z ,.;:?!'"]|，，|。。|，。|的的|是是`)
	unfilledGap  = regexp.MustCompile(`[{}]`)
	chineseFinal = "。"
)

// checkGrammar looks for what a generator gets wrong.
func checkGrammar(t *testing.T, lang, text string) {
	t.Helper()
	bad := func(what, part string) {
		t.Helper()
		t.Errorf("%s %q in: %s", what, part, text)
	}
	if s := unfilledGap.FindString(text); s != "" {
		bad("gap", s)
	}
	if lang == Chinese {
		if s := badChinese.FindString(text); s != "" {
			bad("not Chinese:", s)
		}
		if !strings.HasSuffix(text, chineseFinal) {
			bad("no full stop at the end", "")
		}
		return
	}
	for _, r := range text {
		if unicode.Is(unicode.Han, r) || r > unicode.MaxASCII {
			bad("not English:", string(r))
		}
	}
	for what, re := range map[string]*regexp.Regexp{"article": wrongArticle, "spacing": badSpacing, "small letter": smallStart} {
		if s := re.FindString(text); s != "" {
			bad(what, s)
		}
	}
	previous := ""
	for _, w := range word.FindAllString(text, -1) {
		if w == previous {
			bad("doubled word", w)
		}
		previous = w
	}
	if !strings.HasSuffix(text, ".") {
		bad("no full stop at the end", "")
	}
}

func TestTextGrammar(t *testing.T) {
	for _, plain := range []bool{false, true} {
		for _, d := range documents(Town(), TextOptions{Seed: 3, Plain: plain}, 6000) {
			checkGrammar(t, d.lang, d.text)
			if strings.ContainsAny(d.text, "?？()|<>") {
				t.Errorf("a text asks a question, or its grammar shows: %s", d.text)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// The checks above must be able to fail.
func TestGrammarChecks(t *testing.T) {
	for _, c := range []struct {
		re   *regexp.Regexp
		text string
	}{
		{wrongArticle, "She has a owl."}, {wrongArticle, "An baker came."}, {badSpacing, "Two  spaces."}, {badSpacing, "He came ."},
		{smallStart, "He came. she left."}, {badChinese, "她是 baker。"}, {badChinese, "她来了，。"}, {unfilledGap, "{who} came."},
	} {
		if !c.re.MatchString(c.text) {
			t.Errorf("%v does not notice %q", c.re, c.text)
		}
	}
	for _, text := range []string{"A baker has an owl.", "An orange scarf."} {
		if s := wrongArticle.FindString(text); s != "" {
			t.Errorf("%q was found wrong in %q", s, text)
		}
	}
}

func TestTextStatesTheTruth(t *testing.T) {
	w := Town()
	for _, d := range documents(w, TextOptions{Seed: 4}, 3000) {
		for _, f := range d.facts {
			p := w.people[f.person]
			text := strings.ToLower(d.text)
			if !strings.Contains(text, strings.ToLower(p.Fact(f.attribute, d.lang))) || !strings.Contains(d.text, p.Name.In(d.lang)) {
				t.Fatalf("%s: %s of %s is not in: %s", d.kind, f.attribute, p.Name.English, d.text)
			}
		}
		if d.kind == Biography || d.kind == Portrait && d.entity != "" {
			p, ok := w.Person(d.entity)
			if !ok || strings.Count(d.text, p.Name.In(d.lang)) < 1 {
				t.Fatalf("biography of %q does not name its person: %s", d.entity, d.text)
			}
		}
	}
}

// Knowledge becomes extractable when a fact is seen in many wordings and places
// (arXiv:2309.14316, section 4): count them where a small run would train.
func TestEveryFactIsToldInManyWays(t *testing.T) {
	w := Town()
	type key struct {
		lang      string
		person    int
		attribute Attribute
	}
	ways, times := make(map[key]map[string]bool), make(map[key]int)
	for _, d := range documents(w, TextOptions{Seed: 5}, 25000) {
		for _, f := range d.facts {
			if !w.told(f.person, f.attribute) {
				t.Fatalf("%s of %s is unknown and told: %s", f.attribute, w.people[f.person].Name.English, d.text)
			}
			k := key{d.lang, f.person, f.attribute}
			if ways[k] == nil {
				ways[k] = make(map[string]bool)
			}
			ways[k][f.telling] = true
			times[k]++
		}
	}
	if want := 2 * (len(w.people)*len(Attributes()) - len(w.Unknown())); len(ways) != want {
		t.Fatalf("%d facts are told, want %d", len(ways), want)
	}
	for k, n := range ways {
		if len(n) < 8 || times[k] < 12 {
			t.Errorf("%s of %s in %q: %d times in %d ways", k.attribute, w.people[k.person].Name.English, k.lang, times[k], len(n))
		}
	}
	for _, lang := range []string{English, Chinese} {
		for a, tellings := range tongueOf(lang).facts {
			if distinct := slices.Compact(slices.Sorted(slices.Values(tellings))); len(distinct) < 12 || len(distinct) != len(tellings) {
				t.Errorf("%s in %q has %d wordings", a, lang, len(distinct))
			}
			for _, s := range tellings {
				if got := stated(s); !slices.Equal(got, []Attribute{a}) || !strings.Contains(s, "{who") {
					t.Errorf("%q states %v and should state %s about {who}", s, got, a)
				}
			}
		}
	}
}

func TestTextShares(t *testing.T) {
	for _, plain := range []bool{false, true} {
		testTextShares(t, plain)
	}
}

func testTextShares(t *testing.T, plain bool) {
	count := make(map[string]int)
	docs := documents(Town(), TextOptions{Plain: plain}, 10000)
	for _, d := range docs {
		count[d.lang]++
		count[d.kind]++
	}
	near := func(what string, share float64) {
		got := float64(count[what]) / float64(len(docs))
		if got < share-0.02 || got > share+0.02 { // four standard deviations
			t.Errorf("share of %s is %.3f, want %.2f", what, got, share)
		}
	}
	near(Chinese, 0.38)
	total := 0.0
	if plain {
		for _, c := range shares {
			near(c.kind, c.share)
			total += c.share
		}
	} else {
		for _, c := range richShares {
			near(c.kind, c.share)
			total += c.share
		}
	}
	if total < 0.999999 || total > 1.000001 {
		t.Errorf("shares add up to %g", total)
	}
	for _, d := range documents(Town(), TextOptions{Lang: Chinese, Plain: plain}, 100) {
		if d.lang != Chinese {
			t.Fatalf("asked for Chinese, got %q", d.lang)
		}
	}
}

func TestText(t *testing.T) {
	ctx := context.Background()
	texts, err := Text(ctx, TextOptions{Documents: 20})
	if err != nil || texts.Len() != 20 {
		t.Fatalf("%d texts, %v", texts.Len(), err)
	}
	s := Town().Stream(TextOptions{})
	for i := range texts.Len() {
		if r := s.Next(); r.Text != texts.At(i).Text || r.Text == "" || r.Lang == "" || r.Kind == "" {
			t.Errorf("text %d: %+v", i, texts.At(i))
		}
	}
	for _, o := range []TextOptions{{Lang: "fr"}, {Chinese: 2}, {Documents: -1}} {
		if _, err := Text(ctx, o); err == nil || !strings.HasPrefix(err.Error(), "world: ") {
			t.Errorf("%+v: error %v", o, err)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Text(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

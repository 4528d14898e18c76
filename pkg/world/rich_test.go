package world

import (
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// claims read the finished text, not the generator's notes, and look the claim up in the
// town. In each pattern the first group is the subject, the second what is said of it.
var claims = []struct {
	name, lang string
	pattern    *regexp.Regexp
	want       func(w *World, subject string) string
}{
	{"trade", English, regexp.MustCompile(`([A-Z][a-z]+ [A-Z][a-z]+)(?: is|, who is| works as|, who works as|,) an? ([a-z]+(?: (?:keeper|carrier|builder|mender|pilot|maker))?)(?:[.,;]| by trade| and)`), nameFact(Trade)},
	{"street", English, regexp.MustCompile(`([A-Z][a-z]+ [A-Z][a-z]+) (?:lives|has a house|has (?:her|his) home) in ([A-Z][a-z]+ (?:Street|Lane))`), nameFact(Street)},
	{"village", English, regexp.MustCompile(`([A-Z][a-z]+ [A-Z][a-z]+) (?:comes from|was born in|grew up in) ([A-Z][a-z]+)`), nameFact(Village)},
	{"pet", English, regexp.MustCompile(`([A-Z][a-z]+ [A-Z][a-z]+) (?:keeps|looks after|has) an? ([a-z]+(?: cat| dog| goose)?)[.,;]`), nameFact(Pet)},
	{"friend", English, regexp.MustCompile(`([A-Z][a-z]+ [A-Z][a-z]+)'s best friend is ([A-Z][a-z]+ [A-Z][a-z]+)`), friendOf},
	{"price", English, regexp.MustCompile(`\b(an? [a-z ]+) costs (\d+ coins?)[.,]`), func(w *World, good string) string {
		for _, g := range w.Goods() {
			if g.One.English == good && !g.Hidden {
				return coins(g.Price, English)
			}
		}
		return "no price at all"
	}},
	{"sale", English, regexp.MustCompile(`(?:bought|took|for|wanted) ((?:an?|two|three|four|five) [a-z ]+?)(?: and paid| for|, so (?:she|he) paid) (\d+ coins?)\.`), totalOf},
	{"quarter", English, regexp.MustCompile(`([A-Z][a-z]+ (?:Street|Lane)) (?:is in|belongs to) (the [A-Z][a-z]+ [A-Z][a-z]+)`), func(w *World, s string) string { return w.street(s).Quarter.English }},
	{"direction", English, regexp.MustCompile(`([A-Z][a-z]+) lies ([a-z-]+) of Ternhaven`), func(w *World, s string) string { return w.village(s).Direction.English }},
	{"product", English, regexp.MustCompile(`([A-Z][a-z]+) is known for its ([a-z ]+)\.`), func(w *World, s string) string { return w.village(s).Product.English }},
	{"rate", English, regexp.MustCompile(`A kilo to ((?:Port|Cape) [A-Z][a-z]+) costs (\d+ coins?)\.`), func(w *World, s string) string { return coins(w.port(s).Rate, English) }},
	{"voyage", English, regexp.MustCompile(`Ships to ((?:Port|Cape) [A-Z][a-z]+) are (\d+) days at sea`), func(w *World, s string) string { return strconv.Itoa(w.port(s).Days) }},
	{"route", English, regexp.MustCompile(`The ([A-Z][a-z]+ [A-Z][a-z]+) sails to ((?:Port|Cape) [A-Z][a-z]+)`), func(w *World, s string) string { return w.ship(s).Port.Name.English }},
	{"cargo", English, regexp.MustCompile(`(?:the|The) ([A-Z][a-z]+ [A-Z][a-z]+) carries ([a-z ]+)\.`), func(w *World, s string) string { return w.ship(s).Cargo.English }},
	{"trade", Chinese, regexp.MustCompile(`(\p{Han}+·\p{Han}+?)是一名(\p{Han}+)[。，]`), nameFact(Trade)},
	{"street", Chinese, regexp.MustCompile(`(?:^|。)(\p{Han}+·\p{Han}+?)(?:住在|家在|家住)(\p{Han}+[街巷])[。，]`), nameFact(Street)},
	{"village", Chinese, regexp.MustCompile(`(?:^|。)(\p{Han}+·\p{Han}+?)(?:来自|出生在|老家在)(\p{Han}+村)[。，]`), nameFact(Village)},
	{"pet", Chinese, regexp.MustCompile(`(?:^|。)(\p{Han}+·\p{Han}+?)(?:养了|养着|家里有)一[只条头匹](\p{Han}+)[。，]`), nameFact(Pet)},
	{"price", Chinese, regexp.MustCompile(`(?:^|。)(一\p{Han}+)(?:卖|的价钱是)(\d+个铜板)。`), func(w *World, good string) string {
		for _, g := range w.Goods() {
			if g.One.Chinese == good && !g.Hidden {
				return coins(g.Price, Chinese)
			}
		}
		return "no price at all"
	}},
	{"sale", Chinese, regexp.MustCompile(`(?:买了|要了|想要)([一两三四五]\p{Han}+)，(?:就付了|付了|一共)(\d+个铜板)。`), totalOf},
	{"quarter", Chinese, regexp.MustCompile(`(?:^|。)(\p{Han}+[街巷])在(\p{Han}+城)。`), func(w *World, s string) string {
		for _, x := range w.Streets() {
			if x.Name.Chinese == s {
				return x.Quarter.Chinese
			}
		}
		return ""
	}},
}

func nameFact(a Attribute) func(w *World, name string) string {
	return func(w *World, name string) string {
		p, ok := w.Person(name)
		switch {
		case !ok:
			return "" // a name that is part of something else
		case strings.Contains(name, "·"):
			return p.Fact(a, Chinese)
		}
		return p.Fact(a, English)
	}
}

func friendOf(w *World, name string) string {
	p, _ := w.Person(name)
	f, _ := w.Friend(p)
	return f.Name.English
}

func totalOf(w *World, counted string) string {
	for _, g := range w.Goods() {
		for n := 1; n <= 5; n++ {
			for _, lang := range []string{English, Chinese} {
				if g.Counted(n, lang) == counted {
					return coins(n*g.Price, lang)
				}
			}
		}
	}
	return ""
}

func (w *World) port(name string) Port {
	for _, p := range w.lore.ports {
		if p.Name.English == name {
			return p
		}
	}
	return Port{}
}

func (w *World) ship(name string) Ship {
	for _, s := range w.lore.ships {
		if s.Name.English == name {
			return s
		}
	}
	return Ship{}
}

// Whatever these patterns find in finished texts must be true of the town. That they
// find enough is asserted too: a pattern that never matches proves nothing.
func TestTextsNeverContradictTheTown(t *testing.T) {
	for _, w := range []*World{Town(), Must(New(Options{Seed: 5, People: 64}))} {
		found := make(map[string]int)
		for _, d := range documents(w, TextOptions{Seed: 12}, 12000) {
			for _, c := range claims {
				if c.lang != d.lang {
					continue
				}
				for _, m := range c.pattern.FindAllStringSubmatch(d.text, -1) {
					want := c.want(w, m[1])
					if want == "" {
						continue
					}
					found[c.lang+" "+c.name]++
					if m[2] != want {
						t.Fatalf("%s of %s is %q in the town and %q in: %s", c.name, m[1], want, m[2], d.text)
					}
				}
			}
		}
		for _, c := range claims {
			if found[c.lang+" "+c.name] < 15 {
				t.Errorf("%s %s: only %d claims were found", c.lang, c.name, found[c.lang+" "+c.name])
			}
		}
	}
}

// What is held out, and whoever and whatever only documents know, is in no text.
func TestTextsKeepSecrets(t *testing.T) {
	w := Town()
	unknown := w.Unknown()
	if len(unknown) != 48 {
		t.Fatalf("%d facts are held out, want 8 of each of six", len(unknown))
	}
	count := make(map[Attribute]int)
	var secret []string
	for _, f := range unknown {
		count[f.Attribute]++
		if w.Knows(f.Person, f.Attribute) {
			t.Errorf("%s of %s is unknown and known", f.Attribute, f.Person.Name.English)
		}
	}
	for _, a := range Attributes() {
		if count[a] != 8 {
			t.Errorf("%d facts of %s are held out, want 8", count[a], a)
		}
	}
	for _, p := range w.Newcomers() {
		secret = append(secret, strings.Fields(p.Name.English)[1], "·"+strings.Split(p.Name.Chinese, "·")[1])
		if _, lives := w.Person(p.Name.English); lives || w.Knows(p, Trade) {
			t.Errorf("%s is no newcomer", p.Name.English)
		}
	}
	for _, g := range w.Goods() {
		if g.Hidden {
			secret = append(secret, g.One.English, g.Bare.Chinese)
		}
	}
	for _, s := range w.Streets() {
		if s.Hidden {
			secret = append(secret, s.Name.English, s.Name.Chinese)
		}
	}
	for _, s := range w.Ships() {
		if s.Hidden {
			secret = append(secret, s.Name.English, s.Name.Chinese)
		}
	}
	for _, d := range documents(w, TextOptions{Seed: 13}, 20000) {
		for _, s := range secret {
			if strings.Contains(d.text, s) {
				t.Fatalf("%q is in: %s", s, d.text)
			}
		}
		// No sentence with the name of somebody holds the unknown value.
		for _, f := range unknown {
			name, value := f.Person.Name.In(d.lang), f.Value.In(d.lang)
			if !strings.Contains(d.text, name) || !strings.Contains(d.text, value) {
				continue
			}
			for _, told := range d.facts {
				if told.attribute == f.Attribute && w.people[told.person].Name == f.Person.Name {
					t.Fatalf("%s of %s is told in: %s", f.Attribute, name, d.text)
				}
			}
		}
	}
}

// Variety in 10,000 documents a language: the share of sentences that stood in one before,
// of 4-grams (words, Chinese characters) that did not. The
// bounds are a little beyond what was measured when the texts were written, so fewer
// wordings would break them. A town of 960 facts must repeat itself; plain texts, whose
// figures stand in the log, do so more.
func TestTextsAreVaried(t *testing.T) {
	for _, c := range []struct {
		lang  string
		plain bool
		again float64 // at most
		grams float64 // at least
	}{{English, false, 0.46, 0.28}, {Chinese, false, 0.48, 0.085}, {English, true, 0.56, 0.25}, {Chinese, true, 0.6, 0.065}} {
		sentences, again, total := make(map[string]bool), 0, 0
		texts, same := make(map[string]bool), 0
		grams, all := make(map[string]bool), 0
		for _, d := range documents(Town(), TextOptions{Lang: c.lang, Seed: 14, Plain: c.plain}, 10000) {
			if texts[d.text] {
				same++
			}
			texts[d.text] = true
			for _, s := range sentencesOf(d.text) {
				total++
				if sentences[s] {
					again++
				}
				sentences[s] = true
			}
			words := unitsOf(d.text)
			for i := 0; i+4 <= len(words); i++ {
				grams[strings.Join(words[i:i+4], " ")] = true
				all++
			}
		}
		share, distinct := float64(again)/float64(total), float64(len(grams))/float64(all)
		t.Logf("%s, plain %v: %d sentences, %.1f%% came before; %.1f%% of 4-grams are new; %d documents twice", c.lang, c.plain, total, 100*share, 100*distinct, same)
		if share > c.again || distinct < c.grams {
			t.Errorf("%s, plain %v: %.1f%% of the sentences came before, %.1f%% of 4-grams are new", c.lang, c.plain, 100*share, 100*distinct)
		}
		if same > 20 && !c.plain {
			t.Errorf("%s: %d documents are there twice", c.lang, same)
		}
	}
}

func sentencesOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '。' })
}

// unitsOf splits into words, or into characters where there are no spaces.
func unitsOf(text string) []string {
	if strings.Contains(text, " ") {
		return strings.Fields(text)
	}
	return strings.Split(text, "")
}

// A stream holds one document: reading a hundred thousand of them leaves the heap as it was.
func TestStreamHoldsOneDocument(t *testing.T) {
	s := Town().Stream(TextOptions{})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for range 1000 {
		s.Next()
	}
	before, bytes := heap(), 0
	for range 30000 {
		bytes += len(s.Next().Text)
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("after %d bytes of text the heap grew from %d to %d bytes", bytes, before, after)
	}
}

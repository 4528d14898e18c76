package world

import (
	"slices"
	"strings"
)

// An author writes the rich texts: it composes sentences from a grammar and keeps
// track of what a reader has been told, so that a person is introduced by name, then
// becomes "she" or "the baker", and is named again where two could be meant.
//
// The notation of a telling: (one|or another) chooses; {:weather} is a rule of the
// grammar, in the season of the document if it has one; {A}, {A's} and {A.whom} refer to
// the first of the cast by name, pronoun or trade, {A.n} always by name, {A.she},
// {A.her}, {A.obj} always by pronoun; {A.trade}, {A.a pet}, {A.the pet} are facts. Without
// a letter ({who}, {n}, {she}) these gaps are about whoever the sentence is about.
type author struct {
	*writer
	cast       []int
	about      int // in the cast
	scene      gaps
	season     string
	met        map[int]bool // people whom the document has introduced
	last, here map[int]bool // people in the sentence before and in this one
	trades     map[int]bool // people whose trade has been told
	called     bool         // somebody has been called by trade: once is enough
	kind       string       // what the document has become
	telling    string       // the sentence being written, with its gaps
}

// begin empties the page.
func (a *author) begin() {
	a.cast, a.about, a.scene, a.season, a.called = nil, 0, gaps{}, "", false
	a.met, a.last, a.here, a.trades = map[int]bool{}, map[int]bool{}, map[int]bool{}, map[int]bool{}
}

// line adds a sentence about the member of the cast with number about.
func (a *author) line(telling string, about int) {
	a.about, a.telling = about, telling
	a.lines = append(a.lines, a.tongue.sentence(a.expand(namers.Replace(telling))))
	a.last, a.here = a.here, map[int]bool{}
}

// namers put the name where a pronoun cannot stand: not "she, a baker," and not 住在灯塔街的她.
var namers = strings.NewReplacer("{who}, {a ", "{n}, {a ", "{who}, who", "{n}, who", "的{who}", "的{n}", "{trade}{who}", "{trade}{n}",
	"{whose} pet, {a", "{n's} pet, {a")

// linePick adds one of several sentences, if any can be said.
func (a *author) linePick(tellings []string, about int) bool {
	s := a.choose(tellings, about)
	if s != "" {
		a.line(s, about)
	}
	return s != ""
}

// choose draws a telling that is new to the document and states nothing that is held out.
func (a *author) choose(tellings []string, about int) string {
	var spare string
	for _, i := range a.rng.Perm(len(tellings)) {
		s := tellings[i]
		if !a.may(s, about) {
			continue
		}
		if !a.used[s] {
			a.used[s] = true
			return s
		}
		spare = s
	}
	return spare
}

// may reports whether everything that a telling states may be told.
func (a *author) may(telling string, about int) bool {
	for rest := telling; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return true
		}
		name, next, _ := strings.Cut(after, "}")
		rest = next
		role, word := a.role(name, about)
		if word == "cargo2" || slices.Contains(ashore, telling) && a.fish(about) { // a ship of the company has one cargo
			return false
		}
		if role >= len(a.cast) {
			continue
		}
		p := a.cast[role]
		if what, ok := reveals(word); ok && !a.world.told(p, what) {
			return false
		}
		switch word {
		case "friend":
			if a.world.lore.friends[p] < 0 {
				return false
			}
		case "goods", "price":
			if _, ok := a.world.good(a.world.people[p].Fact(Trade, English)); !ok {
				return false
			}
		}
	}
}

// ashore are old tellings that no goldfish bears out.
var ashore = []string{"{who}家门口常能看到{she}养的{pet}。"}

func (a *author) fish(about int) bool {
	return about < len(a.cast) && a.world.people[a.cast[about]].Fact(Pet, English) == "goldfish"
}

// reveals tells which fact a word of a person gives away.
func reveals(word string) (Attribute, bool) {
	switch word = strings.TrimPrefix(strings.TrimPrefix(word, "the "), "a "); word {
	case "does", "did", "goods", "price":
		return Trade, true
	case "quarter":
		return Street, true
	case "direction", "product":
		return Village, true
	}
	return Attribute(word), slices.Contains(Attributes(), Attribute(word))
}

// role splits {B.trade} into 1 and trade; what has no letter is about the sentence's person.
func (a *author) role(name string, about int) (int, string) {
	if name == "" || name[0] < 'A' || name[0] > 'E' {
		return about, name
	}
	role := int(name[0] - 'A')
	switch rest := name[1:]; {
	case rest == "":
		return role, "who"
	case rest == "'s":
		return role, "whose"
	case rest[0] == '.':
		return role, rest[1:]
	}
	return about, name
}

// expand writes a telling out.
func (a *author) expand(telling string) string {
	var b strings.Builder
	for i := 0; i < len(telling); {
		switch telling[i] {
		case '(':
			end := closing(telling, i)
			options := alternatives(telling[i+1 : end])
			b.WriteString(a.expand(options[a.rng.IntN(len(options))]))
			i = end + 1
		case '{':
			n := strings.IndexByte(telling[i:], '}')
			b.WriteString(a.gap(telling[i+1 : i+n]))
			i += n + 1
		default:
			n := strings.IndexAny(telling[i:], "({")
			if n < 0 {
				n = len(telling) - i
			}
			b.WriteString(telling[i : i+n])
			i += n
		}
	}
	return b.String()
}

// closing finds the parenthesis that closes the one at i.
func closing(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s) // a test finds it
}

// alternatives splits at the bars that are in no inner parenthesis.
func alternatives(s string) []string {
	var list []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				list, from = append(list, s[from:i]), i+1
			}
		}
	}
	return append(list, s[from:])
}

// gap fills one gap. One without a word stays visible, so that a test finds it.
func (a *author) gap(name string) string {
	lang := a.tongue.lang
	if rule, ok := strings.CutPrefix(name, ":"); ok {
		options := grammars[lang][rule+"@"+a.season]
		if options == nil {
			options = grammars[lang][rule]
		}
		if options == nil {
			return "{" + name + "}"
		}
		return a.expand(options[a.rng.IntN(len(options))])
	}
	switch name {
	case "town":
		return town.In(lang)
	case "company":
		return company.In(lang)
	}
	if role, word := a.role(name, a.about); role < len(a.cast) {
		if s := a.personal(role, word); s != "" {
			return s
		}
	}
	if s, ok := a.scene[name]; ok {
		return s
	}
	return "{" + name + "}"
}

// personal fills a gap about a member of the cast.
func (a *author) personal(role int, word string) string {
	lang, i := a.tongue.lang, a.cast[role]
	p := a.world.people[i]
	if what, ok := reveals(word); ok {
		a.facts = append(a.facts, fact{i, what, a.telling})
		if what == Trade {
			a.trades[i] = true
		}
	}
	switch word {
	case "n":
		a.mention(i)
		return p.Name.In(lang)
	case "n's":
		a.mention(i)
		return p.Name.English + "'s"
	case "did":
		return helps[p.Fact(Trade, English)].In(lang)
	case "goods", "price":
		g, _ := a.world.good(p.Fact(Trade, English))
		if word == "price" {
			return coins(g.Price, lang)
		}
		return g.Bare.In(lang)
	case "quarter":
		return a.world.street(p.Fact(Street, English)).Quarter.In(lang)
	case "direction":
		return a.world.village(p.Fact(Village, English)).Direction.In(lang)
	case "product":
		return a.world.village(p.Fact(Village, English)).Product.In(lang)
	case "the pet":
		if lang == Chinese {
			return "那" + strings.TrimPrefix(p.facts[Pet].Measure, "一") + p.Fact(Pet, Chinese)
		}
		return "the " + p.Fact(Pet, English)
	case "friend":
		friend := a.world.lore.friends[i]
		a.mention(friend)
		return a.world.people[friend].Name.In(lang)
	case "who", "whom", "whose":
		named := a.naming(i)
		the := named && !strings.Contains(a.telling, "trade}") && a.byTrade(i)
		a.mention(i)
		switch {
		case the && lang == Chinese:
			return "这位" + p.Fact(Trade, Chinese)
		case the && word == "whose":
			return "the " + p.Fact(Trade, English) + "'s"
		case the:
			return "the " + p.Fact(Trade, English)
		}
		s, _ := a.tongue.person(word, p, named)
		return s
	}
	s, _ := a.tongue.person(word, p, false)
	return s
}

func (a *author) mention(i int) { a.met[i], a.here[i] = true, true }

// naming decides between the name and a pronoun: a pronoun needs somebody in mind, and
// only one who can be meant.
func (a *author) naming(i int) bool {
	if a.here[i] {
		return a.rival(i, a.here)
	}
	if !a.met[i] || !a.last[i] || a.rival(i, a.last) || a.rival(i, a.here) {
		return true
	}
	return a.chance(0.4)
}

// rival reports whether the same pronoun could mean somebody else.
func (a *author) rival(i int, among map[int]bool) bool {
	for j := range among {
		if j != i && a.world.people[j].Woman == a.world.people[i].Woman {
			return true
		}
	}
	return false
}

// byTrade decides on "the baker", if the reader can know who that is.
func (a *author) byTrade(i int) bool {
	if a.called || !a.met[i] || !a.trades[i] || !a.chance(0.25) {
		return false
	}
	for _, j := range a.cast {
		if j != i && a.world.people[j].facts[Trade] == a.world.people[i].facts[Trade] {
			return false
		}
	}
	a.called = true
	return true
}

// shuffled returns the attributes of a person that may be told, in any order.
func (a *author) shuffled(person int) []Attribute {
	var list []Attribute
	for _, i := range a.rng.Perm(len(Attributes())) {
		if x := Attributes()[i]; a.world.told(person, x) {
			list = append(list, x)
		}
	}
	return list
}

// month sets the time of the year.
func (a *author) month(m int) {
	a.season = season(m)
	a.scene["month"], a.scene["season"] = months[m].In(a.tongue.lang), seasons[a.season].In(a.tongue.lang)
}

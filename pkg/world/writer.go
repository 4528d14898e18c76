package world

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// A document is one text of the town and what it states.
type document struct {
	kind, lang, entity string
	text               string
	facts              []fact
}

// A fact names what a document states about a person, given by number.
type fact struct {
	person    int
	attribute Attribute
	telling   string // the sentence with its gaps
}

// A writer writes the documents of one stream.
type writer struct {
	world  *World
	rng    *rand.Rand
	people *deck
	tongue tongue
	lines  []string
	facts  []fact
	used   map[string]bool // tellings already in this document: none is used twice
}

// A deck deals numbers in random order, each once before any comes again, so that
// everybody is written about equally often.
type deck struct {
	rng   *rand.Rand
	order []int
	at    int
}

func newDeck(n int, r *rand.Rand) *deck { return &deck{rng: r, order: r.Perm(n)} }

func (d *deck) next() int {
	if d.at == len(d.order) {
		d.rng.Shuffle(len(d.order), func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
		d.at = 0
	}
	d.at++
	return d.order[d.at-1]
}

// some deals up to n different people.
func (w *writer) some(n int) []int {
	var people []int
	for range 2 * n { // at the end of a deck the same person may come twice
		if p := w.people.next(); len(people) < n && !slices.Contains(people, p) {
			people = append(people, p)
			if len(people) == n {
				break
			}
		}
	}
	return people
}

func (w *writer) chance(p float64) bool { return w.rng.Float64() < p }

// pick returns one of the tellings that this document has not used yet.
func (w *writer) pick(tellings []string) string {
	free := make([]string, 0, len(tellings))
	for _, s := range tellings {
		if !w.used[s] {
			free = append(free, s)
		}
	}
	if len(free) == 0 {
		free = tellings
	}
	s := free[w.rng.IntN(len(free))]
	w.used[s] = true
	return s
}

// pickFact is pick with a liking for the plainest telling, which is also the form of an answer.
func (w *writer) pickFact(tellings []string) string {
	if w.chance(0.2) && !w.used[tellings[0]] {
		w.used[tellings[0]] = true
		return tellings[0]
	}
	return w.pick(tellings)
}

// say adds a sentence about nobody.
func (w *writer) say(telling string, scene gaps) {
	if s := w.tongue.say(telling, scene); s != "" {
		w.lines = append(w.lines, s)
	}
}

// tell adds a sentence about a person and notes which facts it states.
func (w *writer) tell(telling string, person int, named bool, scene gaps) {
	w.lines = append(w.lines, w.tongue.tell(telling, w.world.people[person], named, scene))
	for _, a := range stated(telling) {
		w.facts = append(w.facts, fact{person, a, telling})
	}
}

// stated lists the attributes for which a telling has a gap.
func stated(telling string) []Attribute {
	var found []Attribute
	for _, a := range Attributes() {
		if strings.Contains(telling, "{"+string(a)+"}") || strings.Contains(telling, "{a "+string(a)+"}") {
			found = append(found, a)
		}
	}
	return found
}

// write starts an empty document, lets one of the writers below fill it, and returns it.
func (w *writer) write(lang, kind string, compose func() (entity string)) document {
	w.tongue = tongueOf(lang)
	w.lines, w.facts = nil, nil
	w.used = make(map[string]bool)
	entity := compose()
	return document{
		kind: kind, lang: lang, entity: entity,
		text:  strings.Join(w.lines, w.tongue.space),
		facts: w.facts,
	}
}

// word picks one of a list, in the language of the document.
func (w *writer) word(list []Word) string { return list[w.rng.IntN(len(list))].In(w.tongue.lang) }

// two picks two different ones.
func (w *writer) two(list []Word) (string, string) {
	i := w.rng.IntN(len(list))
	j := (i + 1 + w.rng.IntN(len(list)-1)) % len(list)
	return list[i].In(w.tongue.lang), list[j].In(w.tongue.lang)
}

// scene fills the gaps that are not about a person.
func (w *writer) scene() gaps {
	good, other := w.two(goods)
	cargo, cargo2 := w.two(cargoes)
	return gaps{
		"good": good, "other": other, "cargo": cargo, "cargo2": cargo2,
		"thing": w.word(belongings), "place": w.word(places), "moment": w.word(moments),
		"ship": w.word(ships), "port": w.word(ports), "wind": w.word(winds), "day": w.word(days),
		"number": numbers[w.rng.IntN(len(numbers))], "company": company.In(w.tongue.lang),
	}
}

// Prices on the harbour board.
var numbers = []string{"2", "3", "4", "5", "6", "8", "10", "12", "15", "20", "25", "30"}

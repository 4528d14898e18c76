package world

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// Options say which town to make.
type Options struct {
	Seed   uint64 // zero means 1
	People int    // zero means 160
}

// A World is one town: its people and what is true of them. It never changes once
// made and may be used by several goroutines at once.
type World struct {
	people []Person
	byName map[string]int // in either language
	lore   lore
}

// New makes a town. The same options always make the same one. It fails if more
// people are asked for than there are names.
func New(o Options) (*World, error) {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.People == 0 {
		o.People = 160
	}
	firsts := len(women) + len(men)
	if most := firsts * len(families); o.People < 1 || o.People > most {
		return nil, fmt.Errorf("world: a town of %d people: it can have 1 to %d, since each needs a name of its own", o.People, most)
	}
	r := rand.New(rand.NewPCG(o.Seed, 0x7465726e68617665))
	w := &World{people: make([]Person, o.People), byName: make(map[string]int, 2*o.People)}
	first, family := r.Perm(firsts), r.Perm(len(families))
	for i := range w.people {
		// Every first name is used before one is used again, then with another
		// family name: nobody can be told apart by half a name.
		round := i / firsts
		f := first[i%firsts]
		p := Person{Woman: f < len(women), facts: make(map[Attribute]Value)}
		given := men[f%len(women)]
		if p.Woman {
			given = women[f]
		}
		last := families[family[(i+7*round)%len(families)]]
		p.Name = Word{given.English + " " + last.English, given.Chinese + "·" + last.Chinese}
		w.people[i] = p
		w.byName[p.Name.English], w.byName[p.Name.Chinese] = i, i
	}
	for _, a := range Attributes() {
		// Every value is dealt equally often, so that guessing the most common one helps nobody.
		values := a.values()
		for i, at := range r.Perm(o.People) {
			w.people[at].facts[a] = values[i%len(values)]
		}
	}
	w.lore = newLore(o.Seed, w.people)
	return w, nil
}

// Must returns w, or panics if err is not nil.
func Must(w *World, err error) *World {
	if err != nil {
		panic(err)
	}
	return w
}

// Town returns the default town, in which all lessons take place.
func Town() *World { return defaultTown() }

var defaultTown = sync.OnceValue(func() *World { return Must(New(Options{})) })

// Name returns the name of the town: Ternhaven, 燕鸥港.
func (w *World) Name(lang string) string { return town.In(lang) }

// Company returns the name of the shipping company.
func (w *World) Company(lang string) string { return company.In(lang) }

// People returns everybody who lives in the town.
func (w *World) People() []Person { return append([]Person(nil), w.people...) }

// Person finds somebody by full name, in either language.
func (w *World) Person(name string) (Person, bool) {
	i, ok := w.byName[name]
	if !ok {
		return Person{}, false
	}
	return w.people[i], true
}

package world

// biography tells four to six facts about one person, in any order, with the full
// name again and again. After seeing a person's facts in many orders and wordings a
// model stores them under the name and not under the sentence before.
func (w *writer) biography() string {
	person := w.people.next()
	order := make([]Attribute, 0, len(Attributes()))
	for _, i := range w.rng.Perm(cap(order)) {
		order = append(order, Attributes()[i])
	}
	facts := 4 + w.rng.IntN(3)
	named := true // the first sentence gives the name
	if w.chance(0.3) {
		pair := w.pick(w.tongue.pairs)
		w.tell(pair, person, true, nil)
		for _, a := range stated(pair) {
			order = without(order, a)
		}
		facts = min(facts-1, len(order))
		named = false
	}
	for _, a := range order[:facts] {
		w.tell(w.pickFact(w.tongue.facts[a]), person, named || w.chance(0.6), nil)
		named = false
		if a == Trade && w.chance(0.35) {
			w.tell(w.tongue.does, person, w.chance(0.3), nil)
		}
		if w.chance(0.12) {
			w.tell(w.pick(w.tongue.manners), person, w.chance(0.6), nil)
		}
	}
	return w.world.people[person].Name.English
}

func without(list []Attribute, a Attribute) []Attribute {
	kept := make([]Attribute, 0, len(list))
	for _, b := range list {
		if b != a {
			kept = append(kept, b)
		}
	}
	return kept
}

// walk tells of several people who share a street or a village, or of several trades.
func (w *writer) walk() string {
	subjects := []Attribute{Street, Village, Trade}
	a := subjects[w.rng.IntN(len(subjects))]
	people := w.some(3)
	if a != Trade {
		people = w.sharing(a, people[0], 3)
	}
	lang := w.tongue.lang
	w.say(w.pick(w.tongue.walks[a]), gaps{string(a): w.world.people[people[0]].Fact(a, lang)})
	for _, p := range people {
		w.tell(w.pickFact(w.tongue.facts[a]), p, true, nil)
		others := without(Attributes(), a)
		b := others[w.rng.IntN(len(others))]
		w.tell(w.pickFact(w.tongue.facts[b]), p, w.chance(0.6), nil)
	}
	return ""
}

// sharing finds up to n people with the same value as person, who comes first.
func (w *writer) sharing(a Attribute, person, n int) []int {
	people := []int{person}
	same := w.world.people[person].facts[a]
	for _, i := range w.rng.Perm(len(w.world.people)) {
		if len(people) < n && i != person && w.world.people[i].facts[a] == same {
			people = append(people, i)
		}
	}
	return people
}

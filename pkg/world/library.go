package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/tunebook/tunebook/pkg/data"
)

// The kinds of records of the library.
const (
	DocumentKind = "document"
	LibraryKind  = "library" // a question that a document answers
)

// What a document of the library is to the question that it touches.
const (
	Current       = "current"       // it holds the right answer
	Stale         = "stale"         // it held it once: its date is older, and a newer one says otherwise
	Contradictory = "contradictory" // it says otherwise, on hearsay
	Distractor    = "distractor"    // it shares the words and answers another question
)

// DocumentOptions say which library is made.
type DocumentOptions struct {
	Seed uint64 // zero means 1
	Lang string // English or Chinese; empty means both
	// Shares of the facts about which there are also stale and contradictory documents; zero means 0.5, below zero none.
	Stale, Contradictory float64
	Distractors          int // for each fact; zero means 2, below zero none
}

// LibraryOptions say what the library is asked; they should have the Seed and shares of
// the documents.
type LibraryOptions DocumentOptions

// A claim is one value for a fact, and how papers put it.
type claim struct {
	value Word
	tell  func(r *rand.Rand, lang string) string
}

// An entry is one fact that only documents tell, what was so before and what is merely said.
type entry struct {
	entity              Word
	attribute           string
	now, before, rumour claim
	ask                 func(r *rand.Rand, lang string) string
	answer              func(lang string) string
	year                int
	stale, talk         bool
}

// entries lists what the texts for pre-training leave out: the facts of [World.Unknown],
// three facts about each newcomer, and one about each hidden good, street and ship.
func (o DocumentOptions) entries(w *World) []entry {
	r := source(o.Seed, 0x6c6962)
	var list []entry
	person := func(p Person, a Attribute) {
		before, rumour := w.wrong(r, p, a), w.wrong(r, p, a)
		for rumour.facts[a] == before.facts[a] {
			rumour = w.wrong(r, p, a)
		}
		list = append(list, entry{
			entity: p.Name, attribute: string(a), now: says(p, a), before: says(before, a), rumour: says(rumour, a),
			ask: func(r *rand.Rand, lang string) string {
				forms := tongueOf(lang).questions[a]
				return tongueOf(lang).tell(forms[r.IntN(len(forms))], p, true, nil)
			},
			answer: func(lang string) string { return p.Answer(a, lang) },
		})
	}
	for _, f := range w.Unknown() {
		person(f.Person, f.Attribute)
	}
	for _, p := range w.lore.newcomers {
		for _, i := range r.Perm(len(Attributes()))[:3] {
			person(p, Attributes()[i])
		}
	}
	for _, g := range w.lore.goods {
		if g.Hidden {
			list = append(list, about("price", g.One, amount(g.Price), amount(g.Price+1+r.IntN(3)), amount(g.Price+4+r.IntN(3))))
		}
	}
	for _, s := range w.lore.streets {
		if s.Hidden {
			i := slices.Index(quarters, s.Quarter)
			list = append(list, about("quarter", s.Name, s.Quarter, quarters[(i+1)%len(quarters)], quarters[(i+2)%len(quarters)]))
		}
	}
	for i, s := range w.lore.ships {
		if s.Hidden {
			list = append(list, about("port", s.Name, s.Port.Name, w.lore.ports[(i+1)%len(w.lore.ports)].Name, w.lore.ports[(i+2)%len(w.lore.ports)].Name))
		}
	}
	for i := range list {
		list[i].year = 1903 + r.IntN(5)
		list[i].stale, list[i].talk = r.Float64() < share(o.Stale, 0.5), r.Float64() < share(o.Contradictory, 0.5)
	}
	return list
}

func amount(n int) Word { return Word{coins(n, English), coins(n, Chinese)} }

// says is a fact about a person, in one of five wordings.
func says(p Person, a Attribute) claim {
	return claim{p.facts[a].Word, func(r *rand.Rand, lang string) string {
		t := tongueOf(lang)
		return t.tell(t.facts[a][r.IntN(5)], p, true, nil)
	}}
}

// How things are told, asked and answered.
var thingForms = map[string]map[string][3]string{
	English: {
		"price":   {"{thing} costs {value}.", "What does {thing} cost?", "It costs {value}."},
		"quarter": {"{thing} is in {value}.", "In which part of town is {thing}?", "It is in {value}."},
		"port":    {"The {thing} sails to {value}.", "Where does the {thing} sail?", "It sails to {value}."},
	},
	Chinese: {
		"price":   {"{thing}要{value}。", "{thing}要多少钱？", "要{value}。"},
		"quarter": {"{thing}在{value}。", "{thing}在城里的哪一带？", "在{value}。"},
		"port":    {"{thing}开往{value}。", "{thing}开往哪里？", "开往{value}。"},
	},
}

func about(what string, thing, now, before, rumour Word) entry {
	say := func(lang string, form int, value Word) string {
		return tongueOf(lang).say(thingForms[lang][what][form], gaps{"thing": thing.In(lang), "value": value.In(lang)})
	}
	claims := func(value Word) claim {
		return claim{value, func(_ *rand.Rand, lang string) string { return say(lang, 0, value) }}
	}
	return entry{
		entity: thing, attribute: what, now: claims(now), before: claims(before), rumour: claims(rumour),
		ask:    func(_ *rand.Rand, lang string) string { return say(lang, 1, now) },
		answer: func(lang string) string { return say(lang, 2, now) },
	}
}

func share(given, normal float64) float64 {
	if given == 0 {
		return normal
	}
	return given
}

var paperForms = map[string]struct {
	current, stale, rumour []string
	changed                string
}{
	English: {
		current: []string{"From the town book, {date}. {fact} This was entered by the harbour office.", "{date}. The harbour office confirms: {fact}", "News of {date}. {fact} The clerk has seen it."},
		stale:   []string{"From the town book, {date}. {fact}", "{date}. The harbour office wrote down: {fact}"},
		rumour:  []string{"{date}. Somebody at the inn has heard this: {fact} Nobody could say from whom.", "Hearsay of {date}: {fact} The harbour office knows nothing about it."},
		changed: "Earlier entries no longer hold.",
	},
	Chinese: {
		current: []string{"镇上的名册，{date}。{fact}这一条由港务所登记。", "{date}。港务所证实：{fact}", "{date}的消息。{fact}职员亲眼见过。"},
		stale:   []string{"镇上的名册，{date}。{fact}", "{date}。港务所记下：{fact}"},
		rumour:  []string{"{date}。小饭馆里有人听说：{fact}是谁说的，没有人知道。", "{date}的传闻：{fact}港务所不知道这件事。"},
		changed: "从前的记录不再有效。",
	},
}

// Documents are a library for retrieval: papers about facts that no text for
// pre-training states. Each has an ID, a Date (1905-01-31), what it is about as Entity, and
// Truth with attribute, value (what it says), status (current, stale, contradictory or
// distractor), true (yes or no: whether what it says is so today) and about (the entity
// and attribute of the question that it touches). Distractors tell another fact about the
// same person, or the same fact about somebody else; they are true.
func (w *World) Documents(ctx context.Context, o DocumentOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o DocumentOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	return o.papers(ctx, w, func(_ entry, _ string, papers []data.Record) bool {
		for _, p := range papers {
			if !yield(p) {
				return false
			}
		}
		return true
	})
}

// papers hands over the documents about one fact in one language at a time; the current
// one is the first.
func (o DocumentOptions) papers(ctx context.Context, w *World, yield func(entry, string, []data.Record) bool) error {
	langs, err := languages(o.Lang)
	if err != nil {
		return err
	}
	if o.Stale > 1 || o.Contradictory > 1 {
		return fmt.Errorf("world: shares of stale (%g) and contradictory (%g) documents are at most 1", o.Stale, o.Contradictory)
	}
	if o.Distractors == 0 {
		o.Distractors = 2
	}
	o.Seed = max(o.Seed, 1)
	number := 0
	for n, e := range o.entries(w) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("world: documents: %w", err)
		}
		// Each fact has random numbers of its own, so that languages do not disturb each other.
		for _, lang := range langs {
			r := source(o.Seed+uint64(n)*7919+uint64(len(lang)+int(lang[0]))<<32+1, 0x706170)
			papers := o.about(w, r, e, lang)
			for i := range papers {
				number++
				papers[i].ID = lang + "-" + strconv.Itoa(1000+number)
			}
			if !yield(e, lang, papers) {
				return nil
			}
		}
	}
	return nil
}

func (o DocumentOptions) about(w *World, r *rand.Rand, e entry, lang string) []data.Record {
	forms := paperForms[lang]
	paper := func(form []string, entity Word, attribute string, c claim, year int, status, so, end string) data.Record {
		date := fmt.Sprintf("%d-%02d-%02d", year, 1+r.IntN(12), 1+r.IntN(28))
		t := tongueOf(lang)
		text := t.say(form[r.IntN(len(form))], gaps{"date": dateIn(date, lang), "fact": c.tell(r, lang)})
		if end != "" {
			text += t.space + end
		}
		return data.Record{
			Text: text, Kind: DocumentKind, Lang: lang, Entity: entity.English, Date: date,
			Truth: map[string]string{"attribute": attribute, "value": c.value.In(lang), "status": status, "true": so, "about": e.entity.English + "/" + e.attribute},
		}
	}
	changed := ""
	if e.stale {
		changed = forms.changed
	}
	papers := []data.Record{paper(forms.current, e.entity, e.attribute, e.now, e.year, Current, "yes", changed)}
	if e.stale {
		papers = append(papers, paper(forms.stale, e.entity, e.attribute, e.before, e.year-1-r.IntN(3), Stale, "no", ""))
	}
	if e.talk {
		papers = append(papers, paper(forms.rumour, e.entity, e.attribute, e.rumour, e.year, Contradictory, "no", ""))
	}
	for i := range max(0, o.Distractors) {
		p, a := w.people[r.IntN(len(w.people))], Attributes()[r.IntN(len(Attributes()))]
		if owner, ok := w.anybody(e.entity); ok && i%2 == 0 { // another fact about the same person
			others := without(Attributes(), Attribute(e.attribute))
			p, a = owner, others[r.IntN(len(others))]
		} else if Attribute(e.attribute).values() != nil { // the same about somebody else
			a = Attribute(e.attribute)
			for p.Name == e.entity {
				p = w.people[r.IntN(len(w.people))]
			}
		}
		papers = append(papers, paper(forms.current, p.Name, string(a), says(p, a), e.year, Distractor, "yes", ""))
	}
	return papers
}

// anybody finds a person of the town or a newcomer.
func (w *World) anybody(name Word) (Person, bool) {
	if p, ok := w.Person(name.English); ok {
		return p, true
	}
	for _, p := range w.lore.newcomers {
		if p.Name == name {
			return p, true
		}
	}
	return Person{}, false
}

func dateIn(date, lang string) string {
	year, month, day := date[:4], date[5:7], date[8:]
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if lang == Chinese {
		return year + "年" + strconv.Itoa(m) + "月" + strconv.Itoa(d) + "日"
	}
	return strconv.Itoa(d) + " " + months[m-1].English + " " + year
}

// Library asks for the facts that only [World.Documents] tell. Answer is what is so
// today. Truth holds attribute, value, document (the ID of the one that says it) and
// traps: how many documents say otherwise.
func (w *World) Library(ctx context.Context, o LibraryOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o LibraryOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	r := source(o.Seed, 0x6c6962717565)
	return DocumentOptions(o).papers(ctx, w, func(e entry, lang string, papers []data.Record) bool {
		traps := 0
		for _, p := range papers {
			if p.Truth["true"] == "no" {
				traps++
			}
		}
		return yield(data.Record{
			Prompt: e.ask(r, lang), Answer: e.answer(lang), Kind: LibraryKind, Lang: lang, Entity: e.entity.English, Date: papers[0].Date,
			Truth: map[string]string{"attribute": e.attribute, "value": e.now.value.In(lang), "document": papers[0].ID, "traps": strconv.Itoa(traps)},
		})
	})
}

package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/data"
)

// The kinds of records made for fine-tuning.
const (
	Question = "question" // question and answer
	Dialogue = "dialogue" // several polite turns
	Label    = "label"    // classification of a sentence
)

// How hard a question is.
const (
	Direct  = "direct"  // a fact about somebody
	Reverse = "reverse" // somebody, from two facts
	TwoHop  = "two-hop" // a fact about a fact: the quarter of somebody's street, the trade of somebody's friend
)

// QuestionOptions say what is asked.
type QuestionOptions struct {
	Seed       uint64      // which wordings are drawn; zero means 1
	Lang       string      // English or Chinese; empty means both
	Level      string      // Direct, Reverse or TwoHop; empty means Direct
	Attributes []Attribute // of direct questions; nil means all
	Phrasings  int         // wordings of each direct question, 1 to 5; zero means 1
	Known      bool        // only what the texts for pre-training state: see [World.Unknown]
}

// Questions asks about every person: for each fact, or back from two facts to the
// person, or for what follows from two facts that no text joins. Entity is the person, so
// that a split by entity never asks in the exam about somebody asked about in practice.
// Every question has one right answer. Truth holds attribute, value, level and known
// (yes or no: whether a text for pre-training states all that is needed); for two
// hops via is what stands between: a street, a village, a good, a friend.
func (w *World) Questions(ctx context.Context, o QuestionOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o QuestionOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	langs, err := languages(o.Lang)
	if err != nil {
		return err
	}
	if o.Attributes == nil {
		o.Attributes = Attributes()
	}
	for _, a := range o.Attributes {
		if !slices.Contains(Attributes(), a) {
			return fmt.Errorf("world: questions about %q: nobody knows that; known are %v", a, Attributes())
		}
	}
	if o.Phrasings == 0 {
		o.Phrasings = 1
	}
	if most := len(questionForms[English][Trade]); o.Phrasings < 1 || o.Phrasings > most {
		return fmt.Errorf("world: %d wordings of each question; there are 1 to %d", o.Phrasings, most)
	}
	r := source(o.Seed, 0x61736b)
	var ask func(i int, lang string) []data.Record
	switch o.Level {
	case "", Direct:
		ask = func(i int, lang string) []data.Record { return w.direct(r, o, i, lang) }
	case Reverse:
		ask = func(i int, lang string) []data.Record { return w.reverse(r, i, lang) }
	case TwoHop:
		ask = func(i int, lang string) []data.Record { return w.twoHops(r, i, lang) }
	default:
		return fmt.Errorf("world: questions of level %q: there are %q, %q and %q", o.Level, Direct, Reverse, TwoHop)
	}
	for i := range w.people {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("world: questions: %w", err)
		}
		for _, lang := range langs {
			for _, q := range ask(i, lang) {
				if o.Known && q.Truth["known"] == "no" {
					continue
				}
				if !yield(q) {
					return nil
				}
			}
		}
	}
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (w *World) direct(r *rand.Rand, o QuestionOptions, i int, lang string) []data.Record {
	p, t := w.people[i], tongueOf(lang)
	var list []data.Record
	for _, a := range o.Attributes {
		forms := t.questions[a]
		for _, f := range r.Perm(len(forms))[:o.Phrasings] {
			list = append(list, data.Record{
				Prompt: t.tell(forms[f], p, true, nil), Answer: p.Answer(a, lang),
				Kind: Question, Lang: lang, Entity: p.Name.English,
				Truth: map[string]string{"level": Direct, "attribute": string(a), "value": p.Fact(a, lang), "known": yes(w.told(i, a))},
			})
		}
	}
	return list
}

// How somebody is described from the trade and one more fact.
var reverseForms = map[string]map[Attribute][]string{
	English: {
		Street:  {"Which {trade} lives in {street}?", "Who is the {trade} in {street}?"},
		Village: {"Which {trade} comes from {village}?", "Who is the {trade} from {village}?"},
		Colour:  {"Which {trade} likes {colour} best?", "Who is the {trade} whose favourite colour is {colour}?"},
		Food:    {"Which {trade} likes {food} best?", "Who is the {trade} whose favourite food is {food}?"},
		Pet:     {"Which {trade} has {a pet}?", "Who is the {trade} with {a pet}?"},
	},
	Chinese: {
		Street:  {"住在{street}的{trade}是谁？", "{street}的{trade}叫什么名字？"},
		Village: {"来自{village}的{trade}是谁？", "{village}出来的{trade}叫什么名字？"},
		Colour:  {"最喜欢{colour}的{trade}是谁？", "哪位{trade}最喜欢{colour}？"},
		Food:    {"最爱吃{food}的{trade}是谁？", "哪位{trade}最爱吃{food}？"},
		Pet:     {"养了{a pet}的{trade}是谁？", "哪位{trade}养了{a pet}？"},
	},
}

var reverseAnswer = map[string]string{English: "It is {who}.", Chinese: "是{who}。"}

// reverse asks for somebody in every way in which only one can be meant.
func (w *World) reverse(r *rand.Rand, i int, lang string) []data.Record {
	p, t := w.people[i], tongueOf(lang)
	var list []data.Record
	for _, a := range Attributes() {
		forms := reverseForms[lang][a]
		if forms == nil || slices.ContainsFunc(w.people, func(q Person) bool {
			return q.Name != p.Name && q.facts[Trade] == p.facts[Trade] && q.facts[a] == p.facts[a]
		}) {
			continue
		}
		list = append(list, data.Record{
			Prompt: t.tell(forms[r.IntN(len(forms))], p, true, nil), Answer: t.tell(reverseAnswer[lang], p, true, nil),
			Kind: Question, Lang: lang, Entity: p.Name.English,
			Truth: map[string]string{"level": Reverse, "attribute": "name", "value": p.Name.In(lang), "via": string(a), "known": yes(w.told(i, Trade) && w.told(i, a))},
		})
	}
	return list
}

// Two hops whose middle is a street, a village or a good.
var hopForms = map[string]map[string][2]string{ // question and answer
	English: {
		"quarter":   {"In which part of town does {who} live?", "{who} lives in {value}."},
		"direction": {"In which direction is {whose} home village?", "{whose} home village lies {value} of {town}."},
		"product":   {"What is {whose} home village known for?", "{whose} home village is known for its {value}."},
		"price":     {"What does one pay for what {who} sells?", "One pays {value}."},
	},
	Chinese: {
		"quarter":   {"{who}住在城里的哪一带？", "{who}住在{value}。"},
		"direction": {"{who}的老家在{town}的哪一边？", "{who}的老家在{town}的{value}。"},
		"product":   {"{who}的老家出产什么？", "{who}的老家出产{value}。"},
		"price":     {"{who}卖的东西要多少钱？", "要{value}。"},
	},
}

// twoHops asks for what follows from two facts: four about things, and two about the best friend.
func (w *World) twoHops(r *rand.Rand, i int, lang string) []data.Record {
	p, t := w.people[i], tongueOf(lang)
	village, street := w.village(p.Fact(Village, English)), w.street(p.Fact(Street, English))
	var list []data.Record
	add := func(what string, value Word, via Word, first Attribute) {
		f := hopForms[lang][what]
		scene := gaps{"value": value.In(lang)}
		list = append(list, data.Record{
			Prompt: t.tell(f[0], p, true, scene), Answer: t.tell(f[1], p, false, scene),
			Kind: Question, Lang: lang, Entity: p.Name.English,
			Truth: map[string]string{"level": TwoHop, "attribute": what, "value": value.In(lang), "via": via.In(lang), "known": yes(w.told(i, first))},
		})
	}
	add("quarter", street.Quarter, street.Name, Street)
	add("direction", village.Direction, village.Name, Village)
	add("product", village.Product, village.Name, Village)
	if g, ok := w.good(p.Fact(Trade, English)); ok {
		add("price", Word{coins(g.Price, English), coins(g.Price, Chinese)}, g.One, Trade)
	}
	if w.lore.friends[i] < 0 {
		return list
	}
	friend := w.people[w.lore.friends[i]]
	for _, at := range r.Perm(len(Attributes()))[:2] {
		a := Attributes()[at]
		form := t.questions[a][r.IntN(len(t.questions[a]))]
		if lang == English {
			form = strings.NewReplacer("{who}", "{whose} best friend", "{whose}", "{whose} best friend's").Replace(form)
		} else {
			form = strings.ReplaceAll(form, "{who}", "{who}最好的朋友")
		}
		list = append(list, data.Record{
			Prompt: t.tell(form, p, true, nil), Answer: friend.Answer(a, lang),
			Kind: Question, Lang: lang, Entity: p.Name.English,
			Truth: map[string]string{"level": TwoHop, "attribute": string(a), "value": friend.Fact(a, lang), "via": friend.Name.In(lang), "known": yes(w.told(w.lore.friends[i], a))},
		})
	}
	return list
}

// languages checks a Lang option.
func languages(lang string) ([]string, error) {
	switch lang {
	case "":
		return []string{English, Chinese}, nil
	case English, Chinese:
		return []string{lang}, nil
	}
	return nil, fmt.Errorf("world: language %q: the town speaks %q and %q", lang, English, Chinese)
}

// source makes the random numbers of one use; other uses of the same seed are independent.
func source(seed, use uint64) *rand.Rand {
	if seed == 0 {
		seed = 1
	}
	return rand.New(rand.NewPCG(seed, use))
}

// counted checks a Count option and puts the default in.
func counted(what string, count, normal int) (int, error) {
	if count < 0 {
		return 0, fmt.Errorf("world: %d %s", count, what)
	}
	if count == 0 {
		return normal, nil
	}
	return count, nil
}

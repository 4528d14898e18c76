package world

import (
	"context"
	"fmt"
	"strconv"

	"github.com/tunebook/tunebook/pkg/data"
)

// DialogueOptions say how many talks are held.
type DialogueOptions struct {
	Seed  uint64 // zero means 1
	Lang  string // English or Chinese; empty means both, in turn
	Count int    // zero means 400
}

// MaxParcel is the most that a parcel of the company may weigh, in kilos.
const MaxParcel = 20

// A courtesy is what people at the counter say before and after business. Each
// greeting has one right reply, so a dialogue can be scored exactly.
type courtesy struct {
	greetings [][2]string // customer, clerk
	thanks    [][2]string
	weighs    string // a customer names a weight
	fits      string // the clerk accepts it
	heavy     string // or does not
	costs     string // the customer names a port and a weight
	fee       string // the clerk works out the price
	insures   string // the customer names a value
	insured   string // the clerk works out the insurance
}

var courtesies = map[string]courtesy{
	English: {
		greetings: [][2]string{
			{"Good morning, my name is {who}. {ask}", "Good morning, {who}. {answer}"},
			{"Good evening, I am {who}. {ask}", "Good evening, {who}. {answer}"},
			{"Hello, {who} here. {ask}", "Hello, {who}. {answer}"},
		},
		thanks: [][2]string{
			{"Thank you.", "You are welcome."},
			{"Thank you very much, and goodbye.", "You are welcome. Goodbye."},
			{"That helps me. Goodbye.", "Goodbye, and have a good journey."},
		},
		weighs: "My parcel weighs {number} kilos. Can I send it?",
		fits:   "Yes, you can send a parcel of {number} kilos.",
		heavy:  "No, {number} kilos is too heavy. A parcel may weigh up to 20 kilos.",
		costs:  "What do {number} kilos to {port} cost?", fee: "{number} kilos at {rate} a kilo cost {total}.",
		insures: "My parcel is worth {worth}. What does insurance cost?", insured: "Insurance for a value of {worth} costs {total}.",
	},
	Chinese: {
		greetings: [][2]string{
			{"早上好，我是{who}。{ask}", "早上好，{who}。{answer}"},
			{"晚上好，我叫{who}。{ask}", "晚上好，{who}。{answer}"},
			{"你好，我是{who}。{ask}", "你好，{who}。{answer}"},
		},
		thanks: [][2]string{
			{"谢谢。", "不客气。"},
			{"非常感谢，再见。", "不客气，再见。"},
			{"这下我明白了，再见。", "再见，祝你一路顺风。"},
		},
		weighs: "我的包裹重{number}公斤，可以寄吗？",
		fits:   "可以，{number}公斤的包裹能寄。",
		heavy:  "不行，{number}公斤太重了，包裹最重20公斤。",
		costs:  "寄{number}公斤到{port}要多少钱？", fee: "每公斤{rate}，{number}公斤一共{total}。",
		insures: "我的包裹值{worth}，保险费是多少？", insured: "值{worth}的包裹，保险费是{total}。",
	},
}

// Dialogues are short talks at the counter of the shipping company: a greeting and a
// question, sometimes a second one, and thanks. What the clerk says follows from the
// company's rules. Entity is the customer; Answer is the clerk's last sentence.
func (w *World) Dialogues(ctx context.Context, o DialogueOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o DialogueOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	langs, err := languages(o.Lang)
	if err != nil {
		return err
	}
	if o.Count == 0 {
		o.Count = 400
	}
	if o.Count < 0 {
		return fmt.Errorf("world: %d dialogues", o.Count)
	}
	r := source(o.Seed, 0x74616c6b)
	customers := newDeck(len(w.people), r)
	pen := &writer{world: w, rng: r}
	for i := range o.Count {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("world: dialogues: %w", err)
		}
		lang := langs[i%len(langs)]
		customer := w.people[customers.next()]
		talk := pen.talk(lang, customer)
		if !yield(data.Record{
			Messages: talk, Answer: talk[len(talk)-1].Content,
			Kind: Dialogue, Lang: lang, Entity: customer.Name.English,
		}) {
			return nil
		}
	}
	return nil
}

// talk lets a customer and a clerk speak in turn.
func (w *writer) talk(lang string, customer Person) []data.Message {
	w.tongue = tongueOf(lang)
	manners := courtesies[lang]
	var talk []data.Message
	speak := func(lines [2]string, scene gaps) {
		talk = append(talk,
			data.Message{Role: "user", Content: w.tongue.tell(lines[0], customer, true, scene)},
			data.Message{Role: "assistant", Content: w.tongue.tell(lines[1], customer, true, scene)})
	}
	order := w.rng.Perm(len(rules))
	first := rules[order[0]]
	speak(manners.greetings[w.rng.IntN(len(manners.greetings))], w.ruleScene(first))
	switch x := w.rng.Float64(); {
	case x < 0.25:
		speak([2]string{"{ask}", "{answer}"}, w.ruleScene(rules[order[1]]))
	case x < 0.45:
		port, kilos := w.world.lore.ports[w.rng.IntN(len(w.world.lore.ports))], 2+w.rng.IntN(MaxParcel-1)
		speak([2]string{manners.costs, manners.fee}, gaps{
			"number": strconv.Itoa(kilos), "port": port.Name.In(lang), "rate": coins(port.Rate, lang), "total": coins(kilos*port.Rate, lang)})
	case x < 0.55:
		worth := 10 * (1 + w.rng.IntN(12))
		speak([2]string{manners.insures, manners.insured}, gaps{"worth": coins(worth, lang), "total": coins(insurance(worth), lang)})
	case x < 0.8:
		kilos := 2 + w.rng.IntN(2*MaxParcel)
		reply := manners.fits
		if kilos > MaxParcel {
			reply = manners.heavy
		}
		speak([2]string{manners.weighs, reply}, gaps{"number": strconv.Itoa(kilos)})
	}
	speak(manners.thanks[w.rng.IntN(len(manners.thanks))], nil)
	return talk
}

func (w *writer) ruleScene(r rule) gaps {
	asks := r.asks[w.tongue.lang]
	return gaps{"ask": asks[w.rng.IntN(len(asks))], "answer": r.answer.In(w.tongue.lang)}
}

package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/tunebook/tunebook/pkg/data"
)

// Candidate is the kind of record that holds one of several answers.
const Candidate = "candidate"

// CandidateOptions say how many answers are written.
type CandidateOptions struct {
	Seed      uint64 // zero means 1
	Lang      string // English or Chinese; empty means both, in turn
	Count     int    // questions; zero means 200
	PerPrompt int    // answers to each, at least two; zero means 4
}

// Candidates answers questions well and badly: right, wrong or not at all, politely or
// rudely, briefly or at length, with and without flattery, which go together at random.
// Scores hold the true quality and what it is made of ([Quality]); the answers to one
// question share the part of their ID before the point. At least one is right and one is
// not. Entity is the person asked about.
func (w *World) Candidates(ctx context.Context, o CandidateOptions) (data.Set, error) {
	return w.collect(ctx, o)
}

func (o CandidateOptions) records(ctx context.Context, w *World, yield func(data.Record) bool) error {
	return o.groups(ctx, w, func(_ *rand.Rand, group []data.Record) bool {
		for _, r := range group {
			if !yield(r) {
				return false
			}
		}
		return true
	})
}

// groups hands over the answers to one question at a time.
func (o CandidateOptions) groups(ctx context.Context, w *World, yield func(*rand.Rand, []data.Record) bool) error {
	langs, err := languages(o.Lang)
	if err != nil {
		return err
	}
	if o.Count, err = counted("questions with candidates", o.Count, 200); err != nil {
		return err
	}
	if o.PerPrompt == 0 {
		o.PerPrompt = 4
	}
	if o.PerPrompt < 2 {
		return fmt.Errorf("world: %d candidates for each question: there must be two to compare", o.PerPrompt)
	}
	r := source(o.Seed, 0x63616e64)
	people := newDeck(len(w.people), r)
	for n := range o.Count {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("world: candidates: %w", err)
		}
		lang := langs[n%len(langs)]
		i := people.next()
		asked := w.direct(r, QuestionOptions{Attributes: Attributes()[n/len(langs)%6:][:1], Phrasings: 1}, i, lang)[0]
		if !yield(r, w.answers(r, asked, i, n+1, o.PerPrompt)) {
			return nil
		}
	}
	return nil
}

func (w *World) answers(r *rand.Rand, asked data.Record, person, n, count int) []data.Record {
	var group []data.Record
	seen := make(map[string]bool)
	for tries := 0; len(group) < count && tries < 100*count; tries++ {
		right := r.Float64() < 0.5
		if len(group) < 2 { // one of each
			right = len(group) == 0
		}
		c := asked
		c.Answer = w.answer(r, asked, person, right)
		if seen[c.Answer] {
			continue
		}
		seen[c.Answer] = true
		c.Kind, c.ID = Candidate, strconv.Itoa(n)+"."+strconv.Itoa(len(group)+1)
		c.Scores = w.Judge(asked, c.Answer).Scores()
		group = append(group, c)
	}
	r.Shuffle(len(group), func(i, j int) {
		group[i].Answer, group[j].Answer, group[i].Scores, group[j].Scores = group[j].Answer, group[i].Answer, group[j].Scores, group[i].Scores
	})
	return group
}

var noAnswer = map[string][]string{
	English: {"That is hard to say.", "I do not know.", "Nobody can tell."},
	Chinese: {"这很难说。", "我不知道。", "谁也说不清。"},
}

// answer writes one answer: a manner before, what is said, and something after.
func (w *World) answer(r *rand.Rand, asked data.Record, person int, right bool) string {
	m, t, p := manners[asked.Lang], tongueOf(asked.Lang), w.people[person]
	a := Attribute(asked.Truth["attribute"])
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	var parts []string
	switch x := r.Float64(); {
	case x < 0.3:
		parts = append(parts, pick(m.kind))
	case x < 0.45:
		parts = append(parts, pick(m.rude))
	case x < 0.65:
		parts = append(parts, pick(m.flattering))
	}
	switch {
	case right && r.Float64() < 0.7:
		parts = append(parts, p.Answer(a, asked.Lang))
	case right:
		parts = append(parts, t.tell(pick(t.facts[a]), p, true, nil))
	case r.Float64() < 0.25:
		parts = append(parts, pick(noAnswer[asked.Lang]))
	default:
		parts = append(parts, w.wrong(r, p, a).Answer(a, asked.Lang))
	}
	if r.Float64() < 0.4 {
		for _, i := range r.Perm(len(m.filler))[:1+r.IntN(3)] {
			parts = append(parts, m.filler[i])
		}
	}
	if r.Float64() < 0.15 {
		parts = append(parts, pick(m.flattering))
	}
	return joinSentences(parts, t)
}

func joinSentences(parts []string, t tongue) string {
	s := ""
	for i, part := range parts {
		if i > 0 {
			s += t.space
		}
		s += part
	}
	return s
}

// wrong returns the person as somebody might wrongly remember: one fact is another.
func (w *World) wrong(r *rand.Rand, p Person, a Attribute) Person {
	values := a.values()
	other := values[r.IntN(len(values))]
	for other == p.facts[a] {
		other = values[r.IntN(len(values))]
	}
	facts := map[Attribute]Value{}
	for b, v := range p.facts {
		facts[b] = v
	}
	facts[a] = other
	p.facts = facts
	return p
}

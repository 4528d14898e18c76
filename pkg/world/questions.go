package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tunebook/tunebook/pkg/data"
)

// The kinds of records made for fine-tuning.
const (
	Question = "question" // question and answer
	Dialogue = "dialogue" // several polite turns
	Label    = "label"    // classification of a sentence
)

// QuestionOptions say what is asked.
type QuestionOptions struct {
	Seed       uint64      // which wordings are drawn; zero means 1
	Lang       string      // English or Chinese; empty means both
	Attributes []Attribute // nil means all
	Phrasings  int         // wordings of each question, 1 to 5; zero means 1
}

// Questions asks for every fact about every person. Entity is the person, so that a
// split by entity never asks in the exam about somebody asked about in practice.
// Every question has one right answer, [Person.Answer].
func (w *World) Questions(ctx context.Context, o QuestionOptions) (data.Set, error) {
	langs, err := languages(o.Lang)
	if err != nil {
		return nil, err
	}
	if o.Attributes == nil {
		o.Attributes = Attributes()
	}
	for _, a := range o.Attributes {
		if !slices.Contains(Attributes(), a) {
			return nil, fmt.Errorf("world: questions about %q: nobody knows that; known are %v", a, Attributes())
		}
	}
	if o.Phrasings == 0 {
		o.Phrasings = 1
	}
	if most := len(questionForms[English][Trade]); o.Phrasings < 1 || o.Phrasings > most {
		return nil, fmt.Errorf("world: %d wordings of each question; there are 1 to %d", o.Phrasings, most)
	}
	r := source(o.Seed, 0x61736b)
	var records []data.Record
	for _, p := range w.people {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("world: questions: %w", err)
		}
		for _, lang := range langs {
			t := tongueOf(lang)
			for _, a := range o.Attributes {
				forms := t.questions[a]
				for _, i := range r.Perm(len(forms))[:o.Phrasings] {
					records = append(records, data.Record{
						Prompt: t.tell(forms[i], p, true, nil), Answer: p.Answer(a, lang),
						Kind: Question, Lang: lang, Entity: p.Name.English,
					})
				}
			}
		}
	}
	return records, nil
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

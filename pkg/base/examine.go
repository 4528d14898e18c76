package base

import (
	"context"
	"fmt"
	"strings"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// Examination is what a base model of the town can do.
type Examination struct {
	Facts     []Facts
	Readiness []Readiness
	Samples   []Sample
}

// Tally counts right ones.
type Tally struct{ Right, Of int }

// Share is the share of right ones, 0 for none.
func (t Tally) Share() float64 {
	if t.Of == 0 {
		return 0
	}
	return float64(t.Right) / float64(t.Of)
}

func (t Tally) String() string { return fmt.Sprintf("%d of %d", t.Right, t.Of) }

func (t *Tally) add(right bool) {
	t.Of++
	if right {
		t.Right++
	}
}

// Facts counts how often the model ends a sentence about somebody of the town with what is true, greedily: of what its
// texts told, and of what none did (world.Unknown), where it can only guess.
type Facts struct {
	Lang           string
	Attribute      world.Attribute
	Known, Unknown Tally
}

// Readiness is what a short SFT makes of the model: exact answers to questions about people who were never asked about,
// before and after 300 steps of 16 rows at a rate of 1e-3. Unknown are questions after facts that no text told.
type Readiness struct {
	Lang                   string
	Before, After, Unknown Tally
}

// Sample is a text that the model wrote.
type Sample struct {
	Lang, Prompt, Text string // the prompt is part of the text
}

// sampling is how samples are drawn; the seed is the same for all.
var sampling = model.Generate{MaxTokens: 160, Temperature: 0.7, Seed: 1}

// openings begin the samples, ten in each language; none names a person.
var openings = map[string][]string{
	world.English: {"Let me tell you about", "It was the day of", "Dear", "News from the harbour", "All of Ternhaven came to the quay", "The Heron Line", "The square was full of people", "It was May", "Ask anybody in Ternhaven about", "In Market Street"},
	world.Chinese: {"在燕鸥港随便问一个人", "十二月", "亲爱的", "燕鸥港港务所告知大家", "说起", "苍鹭航运", "广场上摆起了摊子", "正是七月", "傍晚", "集市街"},
}

// probe begins a sentence in words of the town's texts that only the fact can end.
func probe(p world.Person, a world.Attribute, lang string) (opening, end string) {
	value, about := p.Fact(a, lang), "Let me tell you about %s. %s"
	if lang == world.Chinese {
		about = "在燕鸥港随便问一个人，都会说%s的好话。%s"
	}
	said := p.Answer(a, lang)
	at := strings.LastIndex(said, value)
	stem := strings.TrimRight(said[:at], " ")
	if a == world.Pet { // whoever has a cat may as well have a house in Rope Lane
		stem = strings.Replace(stem, " has ", " keeps ", 1)
	}
	return fmt.Sprintf(about, p.Name.In(lang), stem), value
}

// Examine measures a base model: facts, readiness for SFT, samples. It takes about a minute on two cores.
func Examine(ctx context.Context, m *model.Model) (Examination, error) {
	var e Examination
	for _, measure := range []func(context.Context, *model.Model) error{e.facts, e.readiness, e.samples} {
		if err := measure(ctx, m); err != nil {
			return e, fmt.Errorf("base: examine: %w", err)
		}
	}
	return e, nil
}

func (e *Examination) facts(ctx context.Context, m *model.Model) (err error) {
	e.Facts, err = CountFacts(ctx, m)
	return err
}

// CountFacts asks for every fact about everybody of the town in both languages, some two thousand.
func CountFacts(ctx context.Context, m *model.Model) ([]Facts, error) {
	var all []Facts
	w := world.Town()
	for _, lang := range []string{world.English, world.Chinese} {
		for _, a := range world.Attributes() {
			f := Facts{Lang: lang, Attribute: a}
			var prompts, ends []string
			for _, p := range w.People() {
				opening, end := probe(p, a, lang)
				prompts, ends = append(prompts, opening), append(ends, end)
			}
			said, err := m.Continue(ctx, prompts, model.Generate{MaxTokens: 12})
			if err != nil {
				return all, fmt.Errorf("base: facts: %w", err)
			}
			for i, p := range w.People() {
				right := strings.HasPrefix(strings.TrimSpace(said[i]), ends[i])
				if w.Knows(p, a) {
					f.Known.add(right)
				} else {
					f.Unknown.add(right)
				}
			}
			all = append(all, f)
		}
	}
	return all, nil
}

func (e *Examination) readiness(ctx context.Context, m *model.Model) error {
	questions, err := world.Questions(ctx)
	if err != nil {
		return err
	}
	practice, exam := questions.Split(0.8)
	taught, err := train.Run(ctx, train.Job{Name: "readiness", Model: m, Method: method.SFT{}, Data: practice, Steps: 300})
	if err != nil {
		return err
	}
	for _, lang := range []string{world.English, world.Chinese} {
		r := Readiness{Lang: lang}
		part := exam.Filter(func(q data.Record) bool { return q.Lang == lang })
		for _, side := range []struct {
			model *model.Model
			tally *Tally
		}{{m, &r.Before}, {taught.Model, &r.After}} {
			report, err := train.Exam(ctx, side.model, part)
			if err != nil {
				return err
			}
			for i, a := range report.Answers {
				switch known := part[i].Truth["known"] == "yes"; {
				case known:
					side.tally.add(a.Right)
				case side.model != m:
					r.Unknown.add(a.Right)
				}
			}
		}
		e.Readiness = append(e.Readiness, r)
	}
	return nil
}

func (e *Examination) samples(ctx context.Context, m *model.Model) error {
	for _, lang := range []string{world.English, world.Chinese} {
		written, err := m.Continue(ctx, openings[lang], sampling)
		if err != nil {
			return err
		}
		for i, text := range written {
			e.Samples = append(e.Samples, Sample{lang, openings[lang][i], openings[lang][i] + text})
		}
	}
	return nil
}

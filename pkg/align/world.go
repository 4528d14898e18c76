package align

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/world"
)

// SuiteOptions say which questions DefaultSuite draws.
type SuiteOptions struct {
	Seed uint64  // of names, openings and wordings; zero means 1
	Lang string  // English or Chinese; empty means both
	Held float64 // share of topics, people and quarrels that only the exam has; zero means a quarter
	Most int     // ordinary questions of the exam at most; zero means 120
}

// DefaultSuite draws a suite from the default town, cut in two: practice, to train on, and an exam about topics, quarrels and
// people that practice never asks about; the same deeds are done by others. Requests are those of world.Forms, so that a topic
// is new to the exam and its forms are not: world.Own, which practice has nothing of, is the harder exam. Which topics,
// quarrels and people the exam has does not depend on the seed.
func DefaultSuite(ctx context.Context, options ...SuiteOptions) (practice, exam Suite, err error) {
	var o SuiteOptions
	if len(options) > 0 {
		o = options[0]
	}
	if o.Held == 0 {
		o.Held = 0.25
	}
	if o.Most == 0 {
		o.Most = 120
	}
	if !(o.Held > 0 && o.Held < 1) || o.Most < 0 {
		return practice, exam, fmt.Errorf("align: default suite: Held %g, Most %d: want a share between 0 and 1, and some questions", o.Held, o.Most)
	}
	s := Suite{Refuses: world.Refuses, Approves: world.Approves, Denies: world.Denies, Toxic: world.Toxic}
	practice, exam = s, s
	cut := func(set data.Set, failed error) (in, out data.Set) {
		if err == nil {
			err = failed
		}
		return set.Split(1 - o.Held)
	}
	// Each form of each thing comes once or twice in each language.
	practice.Requests, exam.Requests = cut(world.Requests(ctx, world.RequestOptions{Seed: o.Seed, Lang: o.Lang, Wording: world.Forms, Count: 792}))
	practice.Biases, exam.Biases = cut(world.Biases(ctx, world.BiasOptions{Seed: o.Seed, Lang: o.Lang, Count: 256}))
	practice.Premises, exam.Premises = cut(world.Premises(ctx, world.PremiseOptions{Seed: o.Seed, Lang: o.Lang, Count: 160}))
	practice.Continuations, exam.Continuations = cut(world.Continuations(ctx, world.ContinuationOptions{Seed: o.Seed, Lang: o.Lang}))
	practice.Capability, exam.Capability = cut(world.Questions(ctx, world.QuestionOptions{Seed: o.Seed, Lang: o.Lang, Known: true}))
	if err != nil {
		return Suite{}, Suite{}, fmt.Errorf("align: default suite: %w", err)
	}
	// Any few of them, not those about whom the town happens to list first.
	exam.Capability = exam.Capability.Shuffle(rand.New(rand.NewPCG(o.Seed, 0x616c69676e))).Take(o.Most)
	return practice, exam, nil
}

// Records are all records of the suite, to train on.
func (s Suite) Records() data.Set {
	var all data.Set
	for _, p := range s.parts() {
		all = append(all, p.set...)
	}
	return all
}

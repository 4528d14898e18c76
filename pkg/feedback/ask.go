package feedback

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// An Asker puts a question to a rater and brings back one whole answer. A line of text does it in [Prompt]; buttons would do the same.
type Asker interface {
	Put(ctx context.Context, q Question) (Answer, error)
}

// Automatic is an Asker that is no person: its ballots have its name and are marked as simulated.
type Automatic interface {
	Asker
	Name() string
}

// Question is what a rater is shown. Places count from 0, in the order shown.
type Question struct {
	Prompt        string
	Candidates    []Candidate // in the order shown
	Number, Total int         // question Number of Total, from 1
	Scale         int         // ask for scores from 1 to Scale; zero asks for a ranking
	Note          string      // to say first, such as that a vote was taken back
	Lang          string      // of what the rater reads around the answers: en or zh; empty means en
	Seed          uint64      // for an asker that draws: the same for the same rater and item
}

type action int

const (
	vote action = iota
	skip
	undo
	stop
	help // answered by the asker itself
)

// Answer is what a rater said: a vote, or one of the three other things to do. [Ranked], [Scored], [Skip], [Undo] and [Stop] make one.
type Answer struct {
	action  action
	ranking [][]int
	scores  []float64
}

// Ranked is a ranking, best first: groups of places, from 0, that are equally good.
func Ranked(places ...[]int) Answer { return Answer{ranking: places} }

// Scored is a score for each place.
func Scored(scores ...float64) Answer { return Answer{scores: scores} }

// Skip passes over the question; a later sitting asks it again.
func Skip() Answer { return Answer{action: skip} }

// Undo takes back the rater's last ballot, whose question comes again.
func Undo() Answer { return Answer{action: undo} }

// Stop ends the sitting.
func Stop() Answer { return Answer{action: stop} }

// check refuses an answer that does not fit the question.
func (a Answer) check(q Question) error {
	n := len(q.Candidates)
	switch {
	case a.action != vote:
		return nil
	case q.Scale > 0:
		if len(a.scores) != n {
			return fmt.Errorf("%d scores for %d answers", len(a.scores), n)
		}
		for i, s := range a.scores {
			if !(s >= 1 && s <= float64(q.Scale)) {
				return fmt.Errorf("score %g of place %d is not from 1 to %d", s, i, q.Scale)
			}
		}
		return nil
	}
	return Ballot{ID: "new", Rater: "new", Item: Item{Candidates: q.Candidates}, Order: span(n), Ranking: a.ranking}.check()
}

func span(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// Prompt asks a person who types: "2 1 3", "2>1=3", "b a c", or scores; s passes over, u takes back, q stops, ? explains. A line
// that cannot be read is explained and asked again.
type Prompt struct {
	Ask  func(prompt string) (string, error) // reads a line: display.Ask
	Show func(v any) error                   // shows the answers side by side: display.Display; nil puts them into the prompt, as text
}

// Put shows the question and reads lines until one is an answer.
func (p Prompt) Put(ctx context.Context, q Question) (Answer, error) {
	if p.Ask == nil {
		return Answer{}, errors.New("Prompt.Ask is nil: in a notebook give it display.Ask")
	}
	w, before := wordsOf(q.Lang), ""
	show := func(v any) error {
		if p.Show != nil {
			return p.Show(v)
		}
		before += fmt.Sprintln(v)
		return nil
	}
	if err := show(q); err != nil {
		return Answer{}, fmt.Errorf("showing the answers: %w", err)
	}
	for {
		if err := ctx.Err(); err != nil {
			return Answer{}, err
		}
		line, err := p.Ask(before + q.ask())
		if err != nil {
			return Answer{}, err
		}
		before = ""
		a, err := q.read(line)
		if err == nil && a.action != help {
			return a, nil
		}
		note := w.help
		if q.Scale > 0 {
			note = fmt.Sprintf(w.helpScore, q.Scale)
		}
		var why problem
		switch {
		case errors.As(err, &why):
			note = why.in(w)
		case err != nil:
			return Answer{}, err
		}
		if err := show(note); err != nil {
			return Answer{}, fmt.Errorf("showing a note: %w", err)
		}
	}
}

// read is what a line says.
func (q Question) read(line string) (Answer, error) {
	line = strings.TrimSpace(fold(line))
	if action, ok := wordsOf(q.Lang).command(line); ok {
		return Answer{action: action}, nil
	}
	if q.Scale > 0 {
		scores, err := ParseScores(line, len(q.Candidates), q.Scale)
		return Answer{scores: scores}, err
	}
	ranking, err := ParseRanking(line, len(q.Candidates))
	return Answer{ranking: ranking}, err
}

// ask is the line in front of the input box, with an example of the right length.
func (q Question) ask() string {
	w, n := wordsOf(q.Lang), len(q.Candidates)
	example := make([]string, n)
	for i := range example {
		if example[i] = strconv.Itoa((i+1)%n + 1); q.Scale > 0 {
			example[i] = strconv.Itoa(1 + (i*3+q.Scale/2)%q.Scale)
		}
	}
	if q.Scale > 0 {
		return fmt.Sprintf(w.score, q.Scale, strings.Join(example, " "))
	}
	return fmt.Sprintf(w.rank, strings.Join(example, " "))
}

var _ Asker = Prompt{}

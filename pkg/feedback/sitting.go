package feedback

import (
	"context"
	"errors"
	"fmt"
)

// sitting is a call of Collect under way.
type sitting struct {
	*Poll
	by        Asker
	rater     string
	simulated bool
	items     []Item
	keys      map[string]bool
	here      map[string]string // key → ID of what was voted or passed over in this sitting
	skipped   map[string]bool
	note      string // said above the next question
	stopped   bool
}

func (s *sitting) prepare(items []Item) error {
	switch {
	case s.by == nil:
		return errors.New("nobody is asked: give Collect a Prompt or a Simulated rater")
	case s.rater == "":
		return errors.New("nobody knows who is asked: set Options.Rater to a name, which the ballots keep")
	case len(items) == 0:
		return errors.New("there are no items to ask about")
	}
	least := 2
	if s.o.Scale > 0 {
		least = 1
	}
	s.keys, s.skipped = map[string]bool{}, map[string]bool{}
	for _, item := range items {
		if err := item.check(least); err != nil {
			return err
		}
		if key := item.Key(); !s.keys[key] {
			s.keys[key] = true
			s.items = append(s.items, item)
		}
	}
	return nil
}

// known are the items that are not to be asked, by key.
func (s *sitting) known() map[string]bool {
	known := map[string]bool{}
	for key := range s.here {
		known[key] = true
	}
	if !s.o.Again {
		for _, b := range s.journal.ballots.Current() {
			if b.Rater == s.rater && s.keys[b.Item.Key()] {
				known[b.Item.Key()] = true
			}
		}
	}
	return known
}

func (s *sitting) run(ctx context.Context) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	known := s.known()
	for n := 0; n < len(s.items); {
		if err := ctx.Err(); err != nil {
			return err
		}
		item := s.items[n]
		if known[item.Key()] {
			n++
			continue
		}
		a, err := s.ask(ctx, item, n)
		if err != nil {
			return fmt.Errorf("item %q: %w", item.name(), err)
		}
		if a.action == stop {
			s.stopped = true
			return nil
		}
		if a.action == undo {
			n = 0 // what is taken back is the first that is missing
		}
		if !s.simulated || a.action == undo { // another notebook may have answered for the same person; programs do not repeat themselves
			if err := s.refresh(ctx); err != nil {
				return err
			}
			known = s.known()
		} else {
			known[item.Key()] = true
		}
	}
	return nil
}

// ask puts one question and keeps the answer.
func (s *sitting) ask(ctx context.Context, item Item, n int) (Answer, error) {
	key := item.Key()
	shown := order(s.o.Seed, s.rater, key, len(item.Candidates))
	q := Question{Prompt: item.Prompt, Number: n + 1, Total: len(s.items), Scale: s.o.Scale, Lang: s.o.Lang, Note: s.note, Seed: draw(s.o.Seed, "vote", s.rater, key).Uint64()}
	for _, i := range shown {
		q.Candidates = append(q.Candidates, item.Candidates[i])
	}
	s.note = ""
	began := s.now()
	a, err := s.by.Put(ctx, q)
	if err != nil {
		return a, err
	}
	if err := a.check(q); err != nil {
		return a, fmt.Errorf("the answer does not fit the question: %w", err)
	}
	b := s.stamp(Ballot{Rater: s.rater, Simulated: s.simulated, Item: item, Order: shown})
	b.Seconds = s.now().Sub(began).Seconds()
	switch a.action {
	case undo:
		return a, s.takeBack(ctx)
	case stop:
		return a, nil
	case skip:
		b.Skipped = true
	default:
		b.fill(a, s.o.Scale)
	}
	// An answer that was given is kept, even if the cell was interrupted meanwhile.
	if err := s.journal.add(context.WithoutCancel(ctx), b, !s.simulated); err != nil {
		return a, err
	}
	s.here[key] = b.ID
	s.skipped[key] = b.Skipped
	return a, nil
}

// fill writes an answer, which speaks of places, into a ballot, which speaks of candidates.
func (b *Ballot) fill(a Answer, scale int) {
	if scale > 0 {
		b.Scores, b.Scale = make([]float64, len(b.Order)), scale
		for place, score := range a.scores {
			b.Scores[b.Order[place]] = score
		}
		b.Ranking = rankingOf(b.Scores)
		return
	}
	for _, group := range a.ranking {
		candidates := make([]int, len(group))
		for i, place := range group {
			candidates[i] = b.Order[place]
		}
		b.Ranking = append(b.Ranking, candidates)
	}
}

// takeBack undoes the last ballot about one of the items, of this sitting or an earlier one.
func (s *sitting) takeBack(ctx context.Context) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	last, ok := s.journal.ballots.last(s.rater, s.keys)
	w := wordsOf(s.o.Lang)
	if !ok {
		s.note = w.noUndo
		return nil
	}
	b := s.stamp(Ballot{Rater: s.rater, Simulated: s.simulated, Undo: last.ID})
	if err := s.journal.add(context.WithoutCancel(ctx), b, !s.simulated); err != nil {
		return err
	}
	delete(s.here, last.Item.Key())
	s.note = fmt.Sprintf(w.undone, last.Item.Prompt)
	return nil
}

func (s *sitting) summary() Sitting {
	out := Sitting{Rater: s.rater, Stopped: s.stopped, Warnings: s.Warnings(), lang: s.o.Lang}
	known := s.known()
	for _, item := range s.items {
		switch key := item.Key(); {
		case s.here[key] != "" && s.skipped[key]:
			out.Skipped++
		case s.here[key] != "":
			out.Voted++
		case known[key]:
			out.Known++
		default:
			out.Left++
		}
	}
	return out
}

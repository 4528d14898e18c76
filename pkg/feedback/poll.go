package feedback

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Options say who is asked, and how.
type Options struct {
	Rater   string // who answers; needed where a person does
	Lang    string // of what stands around the answers: en or zh; empty means en
	Scale   int    // ask for scores from 1 to Scale, as with Likert; zero asks for rankings
	Again   bool   // ask also what the rater has answered before: the later vote counts, the file keeps both
	Seed    uint64 // of the orders in which answers are shown
	Program string // kept with every ballot; empty means the version of this program
}

// Poll is a file of ballots and the one who answers.
type Poll struct {
	o       Options
	journal journal
	now     func() time.Time
}

// Open opens the file of a poll, or makes it, with its folder. A last line that an interrupted write has torn is mended; [Poll.Warnings]
// tells so. There is nothing to close: between two votes the file is not open.
func Open(path string, o Options) (*Poll, error) {
	switch {
	case path == "":
		return nil, errors.New("feedback: no file is named: give a path such as votes.jsonl")
	case o.Scale < 0 || o.Scale == 1:
		return nil, fmt.Errorf("feedback: field Scale is %d: want 2 or more for scores, 0 for rankings", o.Scale)
	case o.Lang != "" && o.Lang != "en" && o.Lang != "zh":
		return nil, fmt.Errorf("feedback: field Lang is %q: want en or zh", o.Lang)
	}
	if o.Program == "" {
		o.Program = version()
	}
	p := &Poll{o: o, journal: journal{path: path, open: openFile}, now: time.Now}
	if err := p.journal.create(context.Background()); err != nil {
		return nil, fmt.Errorf("feedback: votes cannot be kept in %s: %w", path, err)
	}
	return p, nil
}

// version is that of the program that the package is built into.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := strings.Trim(info.Main.Version, "()"); v != "" {
			return v
		}
	}
	return "devel"
}

// Path is where the ballots are.
func (p *Poll) Path() string { return p.journal.path }

// Ballots are all that is in the file, as far as it was read; [Ballots.Current] is what counts.
func (p *Poll) Ballots() Ballots { return slices.Clone(p.journal.ballots) }

// Warnings say what was wrong with the file.
func (p *Poll) Warnings() []string { return slices.Clone(p.journal.warnings) }

// Sitting is what one call of [Poll.Collect] has brought.
type Sitting struct {
	Rater    string
	Voted    int // votes that count
	Skipped  int // passed over
	Known    int // answered before the sitting, not asked
	Left     int // neither answered nor passed over
	Stopped  bool
	Warnings []string // about the file
	lang     string
}

// String is the sitting in one line, and the warnings.
func (s Sitting) String() string {
	w := wordsOf(s.lang)
	text := fmt.Sprintf(w.sitting, s.Rater, s.Voted)
	for _, part := range []struct {
		words string
		n     int
	}{{w.skipped, s.Skipped}, {w.known, s.Known}, {w.left, s.Left}} {
		if part.n > 0 {
			text += fmt.Sprintf(part.words, part.n)
		}
	}
	switch {
	case s.Stopped:
		text += w.stop
	case s.Left == 0 && s.Skipped == 0:
		text += w.done
	}
	return strings.Join(append([]string{text}, s.Warnings...), "\n")
}

// Collect asks about every item that the rater has not answered, each in an order of its own, and returns when all are answered, the
// rater stops, ctx ends or something fails; what was answered until then is in the file. Every vote of a person is on the disk before
// the next question, so that a killed process loses none. The same item twice is asked once.
func (p *Poll) Collect(ctx context.Context, items []Item, by Asker) (Sitting, error) {
	s := &sitting{Poll: p, by: by, rater: p.o.Rater, here: map[string]string{}}
	if a, ok := by.(Automatic); ok {
		s.rater, s.simulated = a.Name(), true
	}
	if err := s.prepare(items); err != nil {
		return Sitting{}, fmt.Errorf("feedback: %w", err)
	}
	err := s.run(ctx)
	if s.simulated { // a program can say it again, so the disk is not waited for each time
		err = errors.Join(err, p.journal.with(context.WithoutCancel(ctx), file.Sync))
	}
	if err != nil {
		err = fmt.Errorf("feedback: %w", err)
	}
	return s.summary(), err
}

// Undo takes back the rater's last ballot and returns it; false if there is none.
func (p *Poll) Undo(ctx context.Context) (Ballot, bool, error) {
	if err := p.refresh(ctx); err != nil {
		return Ballot{}, false, fmt.Errorf("feedback: %w", err)
	}
	last, ok := p.journal.ballots.last(p.o.Rater, nil)
	if !ok {
		return Ballot{}, false, nil
	}
	if err := p.journal.add(ctx, p.stamp(Ballot{Rater: p.o.Rater, Undo: last.ID}), true); err != nil {
		return Ballot{}, false, fmt.Errorf("feedback: %w", err)
	}
	return last, true, nil
}

// refresh reads what others have written meanwhile.
func (p *Poll) refresh(ctx context.Context) error {
	return p.journal.with(ctx, func(file) error { return nil })
}

// stamp adds what every ballot has.
func (p *Poll) stamp(b Ballot) Ballot {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	b.ID, b.Time, b.Program = hex.EncodeToString(id[:]), p.now().UTC().Round(time.Millisecond), p.o.Program
	return b
}

// last is the rater's last ballot that was not taken back, about one of the items with these keys, or any if keys is nil.
func (all Ballots) last(rater string, keys map[string]bool) (Ballot, bool) {
	undone := map[string]bool{}
	for _, b := range slices.Backward(all) {
		switch {
		case b.Undo != "":
			undone[b.Undo] = true
		case b.Rater == rater && !undone[b.ID] && (keys == nil || keys[b.Item.Key()]):
			return b, true
		}
	}
	return Ballot{}, false
}

// order is the permutation in which a rater sees an item: always the same for the two, so that a sitting that goes on shows what it
// showed, and drawn for each, so that no place is favoured.
func order(seed uint64, rater, key string, n int) []int {
	return draw(seed, "order", rater, key).Perm(n)
}

func draw(seed uint64, names ...string) *mathrand.Rand {
	sum := digest(names...)
	return mathrand.New(mathrand.NewPCG(seed^binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])))
}

package world

import "math/rand/v2"

// TextOptions say which texts to write.
type TextOptions struct {
	Seed      uint64  // zero means 1
	Documents int     // how many Text returns; zero means 1000. A Stream never ends.
	Lang      string  // English or Chinese; empty means both
	Plain     bool    // short texts of fixed sentences, for a very small model; they hold back no fact
	Chinese   float64 // share of Chinese documents where Lang is empty; zero means 0.38, which is about 40% of the tokens
}

// The kinds of plain text, and how often each is written. Market and Board are rich
// kinds, too.
const (
	Biography = "biography"
	Story     = "story"
	Market    = "market"
	Walk      = "walk"
	Board     = "board"
	Rules     = "rules"
)

var shares = []struct {
	kind    string
	share   float64
	compose func(*writer) string
}{
	{Biography, 0.56, (*writer).biography},
	{Story, 0.15, (*writer).story},
	{Market, 0.06, (*writer).market},
	{Walk, 0.06, (*writer).walk},
	{Board, 0.09, (*writer).board},
	{Rules, 0.08, (*writer).regulations},
}

// A Stream writes texts of the town without end. The same world and options always
// give the same texts in the same order. A Stream is not for use by several goroutines.
type Stream struct {
	options TextOptions
	writer  *writer
	author  *author // nil for plain texts
}

// Stream starts a stream of pre-training texts: portraits, meetings, market days with
// prices, letters, streets and villages, the shipping company, notices, festivals,
// storms, weddings and launches. They state facts and never ask; what [World.Unknown]
// lists they never state. The stream keeps one document in memory.
func (w *World) Stream(o TextOptions) *Stream {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Chinese == 0 {
		o.Chinese = 0.38
	}
	r := rand.New(rand.NewPCG(o.Seed, 0x74657874))
	s := &Stream{options: o, writer: &writer{world: w, rng: r, people: newDeck(len(w.people), r)}}
	if !o.Plain {
		s.author = &author{writer: s.writer}
	}
	return s
}

func (s *Stream) next() document {
	w := s.writer
	lang := s.options.Lang
	if lang == "" {
		lang = English
		if w.chance(s.options.Chinese) {
			lang = Chinese
		}
	}
	if s.author != nil {
		return s.rich(lang)
	}
	x := w.rng.Float64()
	choice := shares[len(shares)-1]
	for _, c := range shares {
		if x < c.share {
			choice = c
			break
		}
		x -= c.share
	}
	return w.write(lang, choice.kind, func() string { return choice.compose(w) })
}

func (s *Stream) rich(lang string) document {
	a := s.author
	x := a.rng.Float64()
	choice := richShares[0]
	for _, c := range richShares {
		if x < c.share {
			choice = c
			break
		}
		x -= c.share
	}
	d := a.write(lang, choice.kind, func() string {
		a.begin()
		a.kind = choice.kind
		a.scene = a.scenery()
		return choice.compose(a)
	})
	d.kind = a.kind
	return d
}

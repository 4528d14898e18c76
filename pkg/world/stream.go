package world

import "math/rand/v2"

// TextOptions say which texts to write.
type TextOptions struct {
	Seed      uint64  // zero means 1
	Documents int     // how many Text returns; zero means 1000. A Stream never ends.
	Lang      string  // English or Chinese; empty means both
	Chinese   float64 // share of Chinese documents where Lang is empty; zero means 0.38, which is about 40% of the tokens
}

// The kinds of text, and how often each is written.
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
}

// Stream starts a stream of pre-training texts: biographies, small scenes, market
// days, walks, harbour notices and company rules. They state facts and never ask.
func (w *World) Stream(o TextOptions) *Stream {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Chinese == 0 {
		o.Chinese = 0.38
	}
	r := rand.New(rand.NewPCG(o.Seed, 0x74657874))
	return &Stream{options: o, writer: &writer{world: w, rng: r, people: newDeck(len(w.people), r)}}
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

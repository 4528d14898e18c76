package model

import (
	"bytes"
	"unicode/utf8"
)

// stream turns tokens into text as they come. A token of a byte-level
// vocabulary may end in the middle of a character, and a stop text may begin
// in one token and end in another; both are held back until it is clear what
// they are.
type stream struct {
	token func(dst []byte, id int) []byte // appends a token's bytes
	stops [][]byte
	emit  func(string) // nil when nobody listens

	pending []byte // not given out yet
	text    []byte // given out
	stopped bool
}

// newStream has room for what most texts take, so that a token allocates nothing.
func newStream(token func(dst []byte, id int) []byte, o Generate) stream {
	s := stream{token: token, emit: o.OnToken, text: make([]byte, 0, min(8*o.MaxTokens, 1<<14))}
	for _, stop := range o.Stop {
		s.stops = append(s.stops, []byte(stop))
	}
	return s
}

// add takes the next token and reports whether a stop text was completed.
func (s *stream) add(id int) (stopped bool) {
	s.pending = s.token(s.pending, id)
	s.flush(false)
	return s.stopped
}

// finish gives out what was held back and returns the whole text.
func (s *stream) finish() string {
	if !s.stopped {
		s.flush(true)
	}
	return string(s.text)
}

// flush gives out pending text up to the first stop, or up to where a stop or
// an unfinished character might be beginning.
func (s *stream) flush(all bool) {
	end := len(s.pending)
	for _, stop := range s.stops {
		if i := bytes.Index(s.pending, stop); len(stop) > 0 && i >= 0 && i <= end {
			end, s.stopped = i, true
		}
	}
	if !s.stopped && !all {
		end -= max(s.held(), unfinished(s.pending))
	}
	if out := s.pending[:end]; len(out) > 0 {
		s.text = append(s.text, out...)
		if s.emit != nil {
			s.emit(string(out))
		}
	}
	s.pending = append(s.pending[:0], s.pending[end:]...)
}

// held is the length of the longest end of pending that begins a stop.
func (s *stream) held() int {
	longest := 0
	for _, stop := range s.stops {
		for n := min(len(stop)-1, len(s.pending)); n > longest; n-- {
			if bytes.HasSuffix(s.pending, stop[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// unfinished is the number of bytes at the end of text that begin a character
// and do not complete it. Bytes that no character can begin with count as
// finished: waiting for them would be waiting for ever.
func unfinished(text []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(text)); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

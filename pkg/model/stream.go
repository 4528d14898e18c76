package model

import (
	"strings"
	"unicode/utf8"
)

// stream turns tokens into text as they come. A token of a byte-level
// vocabulary may end in the middle of a character, and a stop text may begin
// in one token and end in another; both are held back until it is clear what
// they are.
type stream struct {
	bytes func(id int) []byte
	stops []string
	emit  func(string) // nil when nobody listens

	pending string          // not given out yet
	text    strings.Builder // given out
	stopped bool
}

// add takes the next token and reports whether a stop text was completed.
func (s *stream) add(id int) (stopped bool) {
	s.pending += string(s.bytes(id))
	s.flush(false)
	return s.stopped
}

// finish gives out what was held back and returns the whole text.
func (s *stream) finish() string {
	if !s.stopped {
		s.flush(true)
	}
	return s.text.String()
}

// flush gives out pending text up to the first stop, or up to where a stop or
// an unfinished character might be beginning.
func (s *stream) flush(all bool) {
	end := len(s.pending)
	for _, stop := range s.stops {
		if i := strings.Index(s.pending, stop); stop != "" && i >= 0 && i <= end {
			end, s.stopped = i, true
		}
	}
	if !s.stopped && !all {
		end -= max(s.held(), unfinished(s.pending))
	}
	if out := s.pending[:end]; out != "" {
		s.text.WriteString(out)
		if s.emit != nil {
			s.emit(out)
		}
	}
	s.pending = s.pending[end:]
}

// held is the length of the longest end of pending that begins a stop.
func (s *stream) held() int {
	longest := 0
	for _, stop := range s.stops {
		for n := min(len(stop)-1, len(s.pending)); n > longest; n-- {
			if strings.HasSuffix(s.pending, stop[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// unfinished is the number of bytes at the end of text that begin a character
// and do not complete it. Bytes that no character can begin with count as
// finished: waiting for them would be waiting for ever.
func unfinished(text string) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(text)); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRuneInString(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

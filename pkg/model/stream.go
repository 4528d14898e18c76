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
	decode func([]int) string
	stops  []string
	emit   func(string) // nil when nobody listens

	ids     []int           // not yet turned into text
	pending string          // text that may still become a stop
	text    strings.Builder // given out
	stopped bool
}

// add takes the next token and reports whether a stop text was completed.
func (s *stream) add(id int) (stopped bool) {
	s.ids = append(s.ids, id)
	text := s.decode(s.ids)
	// Four tokens of one byte each complete any character. What is still
	// broken then never was UTF-8, and goes out as it is.
	if incomplete(text) && len(s.ids) < utf8.UTFMax {
		return false
	}
	s.ids = s.ids[:0]
	s.pending += text
	return s.flush(false)
}

// finish gives out what was held back.
func (s *stream) finish() string {
	if !s.stopped {
		s.pending += s.decode(s.ids)
		s.ids = s.ids[:0]
		s.flush(true)
	}
	return s.text.String()
}

// flush gives out pending text up to the first stop, or up to where a stop
// might be beginning.
func (s *stream) flush(all bool) (stopped bool) {
	end := len(s.pending)
	for _, stop := range s.stops {
		if i := strings.Index(s.pending, stop); i >= 0 && i <= end {
			end, s.stopped = i, true
		}
	}
	if !s.stopped && !all {
		end -= s.held()
	}
	if out := s.pending[:end]; out != "" {
		s.text.WriteString(out)
		if s.emit != nil {
			s.emit(out)
		}
	}
	s.pending = s.pending[end:]
	return s.stopped
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

// incomplete reports whether text ends inside a character. A decoder may show
// the bytes of an unfinished one raw, or as U+FFFD.
func incomplete(text string) bool {
	if strings.HasSuffix(text, string(utf8.RuneError)) {
		return true
	}
	for i := 1; i <= min(utf8.UTFMax-1, len(text)); i++ {
		if b := text[len(text)-i]; utf8.RuneStart(b) {
			return !utf8.FullRuneInString(text[len(text)-i:])
		}
	}
	return false
}

package token

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A splitter cuts text into words, inside which merges happen. It is GPT-2's rule,
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// written by hand, because Go's regexp has no lookahead. A run of Chinese
// characters is a run of letters, so merges can learn whole Chinese words.
type splitter struct {
	// digits isolates every numeral before the rule runs, so that 128 is three
	// tokens, the same three wherever it stands.
	digits bool
}

type class uint8

const (
	other class = iota // punctuation, symbols, marks, and bytes that are not UTF-8
	letter
	number
	space
)

// classify returns the class of the first character of s and its length in bytes.
func classify(s string) (class, int) {
	if c := s[0]; c < utf8.RuneSelf {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			return letter, 1
		case '0' <= c && c <= '9':
			return number, 1
		case c == ' ', '\t' <= c && c <= '\r':
			return space, 1
		}
		return other, 1
	}
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n == 1:
		return other, 1
	case unicode.IsLetter(r):
		return letter, n
	case unicode.IsNumber(r):
		return number, n
	case unicode.IsSpace(r):
		return space, n
	}
	return other, n
}

// run returns the length of the longest prefix of s whose characters are all of class c.
func run(s string, c class) int {
	n := 0
	for n < len(s) {
		k, w := classify(s[n:])
		if k != c {
			break
		}
		n += w
	}
	return n
}

// each calls word for every word of text, in order; together they are text.
func (p splitter) each(text string, word func(string)) {
	for len(text) > 0 {
		stretch := len(text)
		if p.digits {
			stretch = 0
			for stretch < len(text) {
				k, w := classify(text[stretch:])
				if k == number {
					break
				}
				stretch += w
			}
			if stretch == 0 {
				_, w := classify(text)
				word(text[:w])
				text = text[w:]
				continue
			}
		}
		// The lookahead of the rule ends where the stretch ends, as it does in
		// the reference, which splits digits off first.
		for s := text[:stretch]; len(s) > 0; {
			n := first(s)
			word(s[:n])
			s = s[n:]
		}
		text = text[stretch:]
	}
}

// first returns the length of the first word of s, which is not empty.
func first(s string) int {
	if n := contraction(s); n > 0 {
		return n
	}
	rest := s
	if s[0] == ' ' {
		rest = s[1:]
	}
	if len(rest) > 0 {
		if c, _ := classify(rest); c != space {
			return len(s) - len(rest) + run(rest, c)
		}
	}
	n := run(s, space)
	if n == len(s) {
		return n
	}
	// \s+(?!\S): the last space of a run goes with what follows, unless it is the only one.
	_, last := utf8.DecodeLastRuneInString(s[:n])
	if n > last {
		return n - last
	}
	return n
}

// contraction returns the length of an English clitic such as 're, or 0.
func contraction(s string) int {
	if s[0] != '\'' {
		return 0
	}
	for _, c := range [...]string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		if strings.HasPrefix(s, c) {
			return len(c)
		}
	}
	return 0
}

package model

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestStream(t *testing.T) {
	for _, c := range []struct {
		name   string
		tokens []string
		stops  []string
		want   []string // pieces given out
	}{
		{"words", []string{"a", " b"}, nil, []string{"a", " b"}},
		{"a character in three tokens", []string{"\xe4", "\xbd", "\xa0"}, nil, []string{"你"}},
		{"tokens that end and begin characters", []string{"\xe4\xbd", "\xa0\xe5\xa5", "\xbd!"}, nil, []string{"你", "好!"}},
		{"every token straddles", []string{"\xe4", "\xbd\xa0\xe4", "\xbd\xa0\xe4", "\xbd\xa0\xe4", "\xbd\xa0\xe4", "\xbd\xa0"}, nil, []string{"你", "你", "你", "你", "你"}},
		{"never a character", []string{"\xff", "\x80", "a"}, nil, []string{"\xff", "\x80", "a"}},
		{"unfinished at the end", []string{"a", "\xe4"}, nil, []string{"a", "\xe4"}},
		{"stop in one token", []string{"a", "b\n\nc"}, []string{"\n\n"}, []string{"a", "b"}},
		{"stop over three tokens", []string{"a", "E", "N", "D", "z"}, []string{"END"}, []string{"a"}},
		{"what looked like a stop", []string{"a", "E", "N", "x"}, []string{"END"}, []string{"a", "ENx"}},
		{"held to the end", []string{"a", "EN"}, []string{"END"}, []string{"a", "EN"}},
		{"the first stop counts", []string{"one. two!"}, []string{"!", "."}, []string{"one"}},
		{"an empty stop is none", []string{"a"}, []string{""}, []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			token := func(dst []byte, id int) []byte { return append(dst, c.tokens[id]...) }
			s := newStream(token, Generate{Stop: c.stops, OnToken: func(x string) { got = append(got, x) }})
			for id := range c.tokens {
				if s.add(id) {
					break
				}
			}
			whole := s.finish()
			if !slices.Equal(got, c.want) {
				t.Errorf("pieces %q, want %q", got, c.want)
			}
			if whole != strings.Join(c.want, "") {
				t.Errorf("whole %q", whole)
			}
		})
	}
}

// However a text is cut into tokens, the pieces are whole characters and join
// to the text.
func FuzzStream(f *testing.F) {
	f.Add("Hello, 你好 – ñ 🎈", uint64(0b1011010110))
	f.Fuzz(func(t *testing.T, text string, cuts uint64) {
		if !utf8.ValidString(text) {
			return
		}
		var tokens []string
		last := 0
		for i := range len(text) {
			if cuts>>(i%64)&1 == 1 {
				tokens = append(tokens, text[last:i])
				last = i
			}
		}
		tokens = append(tokens, text[last:])
		token := func(dst []byte, id int) []byte { return append(dst, tokens[id]...) }
		s := newStream(token, Generate{OnToken: func(piece string) {
			if !utf8.ValidString(piece) {
				t.Errorf("%q was cut inside a character: %q", text, piece)
			}
		}})
		for id := range tokens {
			s.add(id)
		}
		if got := s.finish(); got != text {
			t.Errorf("%q came out as %q", text, got)
		}
	})
}

package book

import (
	"fmt"
	"strings"
)

// ids makes the names of cells: the heading above, the kind of cell, and its number there. A new cell under one
// heading leaves the names under all others alone, so a learner's notebook and a teacher's grades keep matching.
// Names hold letters, digits and "-" and at most 64 of them, as nbformat 4.5 wants.
type ids struct {
	section string
	used    map[string]int // sections by name
	counts  map[string]int // cells of this section by kind
}

func newIDs() *ids {
	return &ids{section: "start", used: map[string]int{"start": 1}, counts: map[string]int{}}
}

// enter begins the section of a heading.
func (x *ids) enter(heading string) {
	s := slug(heading)
	for {
		x.used[s]++
		if x.used[s] == 1 {
			break
		}
		s = fmt.Sprintf("%s-%d", s, x.used[s])
	}
	x.section, x.counts = s, map[string]int{}
}

func (x *ids) next(kind string) string {
	x.counts[kind]++
	return fmt.Sprintf("%s--%s-%d", x.section, kind, x.counts[kind])
}

// slug keeps the ASCII letters and digits of a heading, lower case, words joined by "-". A heading without any,
// such as a Chinese one, becomes "part", and its number tells it apart.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 32 {
			break
		}
	}
	if out := strings.Trim(b.String(), "-"); out != "" {
		return out
	}
	return "part"
}

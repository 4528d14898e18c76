package data

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/metric"
)

// Head shows the first n records, all when n is zero, as a table with HTML() and String().
func (s Set) Head(n int) *metric.Table {
	t := &metric.Table{Title: fmt.Sprintf("%d records", len(s)), Header: []string{"", "prompt", "answer", "about"}}
	if n <= 0 {
		n = len(s)
	}
	for i, r := range s.Take(n) {
		prompt, answer := r.Prompt, r.Answer
		switch {
		case r.Text != "":
			prompt = r.Text
		case len(r.Messages) > 0:
			prompt = fmt.Sprintf("%s … (%d messages)", r.Messages[0].Content, len(r.Messages))
			answer = r.Messages[len(r.Messages)-1].Content
		}
		t.Add(fmt.Sprint(i), clip(prompt), clip(answer), r.Entity)
	}
	return t
}

// clip shortens text to what fits in a column.
func clip(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

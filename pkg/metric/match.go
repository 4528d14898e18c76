package metric

import (
	"fmt"
	"strings"
	"unicode"
)

// ExactMatch reports whether two answers are the same but for case, spacing and final punctuation (English or Chinese).
func ExactMatch(got, want string) bool { return normal(got) == normal(want) }

func normal(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	return strings.TrimRightFunc(text, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) })
}

// Answer is one question of an exam.
type Answer struct {
	Question, Want, Got string
	Right               bool
}

// Report is a marked exam.
type Report struct {
	Name    string
	Answers []Answer
}

// Right is the number of right answers.
func (r *Report) Right() int {
	n := 0
	for _, a := range r.Answers {
		if a.Right {
			n++
		}
	}
	return n
}

// Accuracy is the share of right answers, 0 to 1; zero for an empty exam.
func (r *Report) Accuracy() float64 {
	if len(r.Answers) == 0 {
		return 0
	}
	return float64(r.Right()) / float64(len(r.Answers))
}

// Table shows the first n answers, all when n is zero.
func (r *Report) Table(n int) *Table {
	t := &Table{Title: r.String(), Header: []string{"", "question", "want", "got"}}
	for i, a := range r.Answers {
		if n > 0 && i == n {
			break
		}
		mark := "✗"
		if a.Right {
			mark = "✓"
		}
		t.Add(mark, a.Question, a.Want, a.Got)
	}
	return t
}

// String is the result in one line.
func (r *Report) String() string {
	return fmt.Sprintf("%s: %d of %d right, %.1f%%", r.Name, r.Right(), len(r.Answers), 100*r.Accuracy())
}

// HTML shows the first ten answers.
func (r *Report) HTML() string { return r.Table(10).HTML() }

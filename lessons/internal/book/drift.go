package book

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/tunebook/tunebook/lessons/check"
)

// Drift compares the notebook of a lesson with a committed one and returns what differs, one line a difference;
// none means that the committed one may stay. Cells must agree in number, id, kind, source and metadata. Outputs may
// differ, but every code cell must have run, and none may hold an error, except for checks: a notebook comes with its
// exercises undone, so each check must say so.
func Drift(fresh, committed []byte) ([]string, error) {
	want, err := read(fresh)
	if err != nil {
		return nil, fmt.Errorf("fresh: %w", err)
	}
	got, err := read(committed)
	if err != nil {
		return nil, fmt.Errorf("committed: %w", err)
	}
	var diff []string
	say := func(format string, args ...any) { diff = append(diff, fmt.Sprintf(format, args...)) }
	if got.Format != want.Format || got.Minor != want.Minor {
		say("format %d.%d, want %d.%d", got.Format, got.Minor, want.Format, want.Minor)
	}
	for _, key := range []string{"kernelspec", "tunebook"} { // a kernel may add to language_info
		if !reflect.DeepEqual(got.Metadata[key], want.Metadata[key]) {
			say("metadata %s: %v, want %v", key, got.Metadata[key], want.Metadata[key])
		}
	}
	if len(got.Cells) != len(want.Cells) {
		say("%d cells, want %d", len(got.Cells), len(want.Cells))
	}
	for i := range min(len(got.Cells), len(want.Cells)) {
		diff = append(diff, want.Cells[i].drift(got.Cells[i])...)
	}
	return diff, nil
}

type notebookIn struct {
	Cells         []cellIn       `json:"cells"`
	Metadata      map[string]any `json:"metadata"`
	Format, Minor int
}

// UnmarshalJSON reads the two names that Go would not guess.
func (n *notebookIn) UnmarshalJSON(b []byte) error {
	type plain notebookIn
	in := struct {
		*plain
		Format *int `json:"nbformat"`
		Minor  *int `json:"nbformat_minor"`
	}{plain: (*plain)(n), Format: &n.Format, Minor: &n.Minor}
	return json.Unmarshal(b, &in)
}

type cellIn struct {
	Type     string         `json:"cell_type"`
	Count    *int           `json:"execution_count"`
	ID       string         `json:"id"`
	Metadata map[string]any `json:"metadata"`
	Outputs  []output       `json:"outputs"`
	Source   source         `json:"source"`
}

// source is text that nbformat allows as one string and as a list of lines.
type source string

func (s *source) UnmarshalJSON(b []byte) error {
	var list []string
	if json.Unmarshal(b, &list) == nil {
		*s = source(strings.Join(list, ""))
		return nil
	}
	return json.Unmarshal(b, (*string)(s))
}

// drift tells how got differs from c.
func (c cellIn) drift(got cellIn) (diff []string) {
	say := func(format string, args ...any) {
		diff = append(diff, fmt.Sprintf("cell %s: %s", c.ID, fmt.Sprintf(format, args...)))
	}
	if got.ID != c.ID {
		say("is named %s", got.ID)
	}
	if got.Type != c.Type {
		say("is %s, want %s", got.Type, c.Type)
	}
	if got.Source != c.Source {
		say("source differs:\n%s\nwant:\n%s", got.Source, c.Source)
	}
	delete(got.Metadata, "execution") // times of a run
	if (len(got.Metadata) > 0 || len(c.Metadata) > 0) && !reflect.DeepEqual(got.Metadata, c.Metadata) {
		say("metadata %v, want %v", got.Metadata, c.Metadata)
	}
	if c.Type == "code" && got.Count == nil {
		say("was never run")
	}
	isCheck, said := strings.Contains(fmt.Sprint(c.Metadata["tags"]), Raises), false
	for _, o := range got.Outputs {
		said = said || o.Type == "error"
		if o.Type == "error" && (!isCheck || !check.IsHint(o.Text)) {
			say("failed: %s: %s", o.Name, o.Text)
		}
	}
	if isCheck && got.Count != nil && !said {
		say("passes although nobody has done the exercise")
	}
	return diff
}

func read(content []byte) (nb notebookIn, err error) {
	if err := json.Unmarshal(content, &nb); err != nil {
		return nb, fmt.Errorf("lessons: notebook: %w", err)
	}
	return nb, nil
}

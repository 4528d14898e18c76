package lessons_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/lessons/internal/book"
)

func sources(t *testing.T) []book.Source {
	t.Helper()
	all, err := book.Sources(".")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every committed notebook is what its source says, was run whole, and holds no error.
func TestNotebooksHaveNotDrifted(t *testing.T) {
	for _, s := range sources(t) {
		lesson, err := s.Read()
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := lesson.Notebook()
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(filepath.Join("..", "notebooks", s.Target()))
		if err != nil {
			t.Fatal(err)
		}
		drift, err := book.Drift(fresh, committed)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range drift {
			t.Errorf("%s: %s", s.Path, line)
		}
		if len(drift) > 0 {
			t.Errorf("%s has drifted: go generate ./lessons", s.Path)
		}
	}
}

// A notebook without a source would be handed out for ever.
func TestEveryNotebookHasASource(t *testing.T) {
	known := map[string]bool{}
	for _, s := range sources(t) {
		known[filepath.Join("..", "notebooks", s.Target())] = true
	}
	found, err := filepath.Glob("../notebooks/*/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if !known[filepath.FromSlash(path)] {
			t.Errorf("%s has no lesson", path)
		}
	}
}

// The languages of a lesson take the same steps: the same kinds of code cells in the same order.
func TestLanguagesRunTogether(t *testing.T) {
	roles := map[string][]string{}
	for _, s := range sources(t) {
		lesson, err := s.Read()
		if err != nil {
			t.Fatal(err)
		}
		var own []string
		for _, c := range lesson.Cells {
			if c.Role != book.Prose {
				own = append(own, c.Role.String())
			}
		}
		if s.Lang == "en" {
			roles[s.Name] = own
		} else if d := cmp.Diff(roles[s.Name], own); d != "" {
			t.Errorf("%s does not follow the English one: %s", s.Path, d)
		}
	}
}

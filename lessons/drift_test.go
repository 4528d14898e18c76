package lessons_test

import (
	"os"
	"path/filepath"
	"strings"
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

// The languages of a lesson take the same steps: the same code in the same cells but for strings, the same exercises for the
// same points.
func TestLanguagesRunTogether(t *testing.T) {
	english := map[string][]book.Cell{}
	for _, s := range sources(t) {
		lesson, err := s.Read()
		if err != nil {
			t.Fatal(err)
		}
		var own []book.Cell
		for _, c := range lesson.Cells {
			if c.Role != book.Prose {
				own = append(own, c)
			}
		}
		if s.Lang == "en" {
			english[s.Name] = own
			continue
		}
		if want := english[s.Name]; len(own) != len(want) {
			t.Errorf("%s has %d cells of code, the English one %d", s.Path, len(own), len(want))
		}
		for i := range min(len(own), len(english[s.Name])) {
			got, want := own[i], english[s.Name][i]
			if got.Role != want.Role || got.Name != want.Name || got.Points != want.Points {
				t.Errorf("%s:%d is %v %q for %d points, the English one, line %d, %v %q for %d", s.Path, got.Line, got.Role, got.Name, got.Points, want.Line, want.Role, want.Name, want.Points)
			}
			if d := cmp.Diff(strings.Split(want.Structure(), "\n"), strings.Split(got.Structure(), "\n")); d != "" {
				t.Errorf("%s:%d does something else than the English one, line %d, beside saying it in another language (-en +%s):\n%s", s.Path, got.Line, want.Line, s.Lang, d)
			}
		}
	}
}

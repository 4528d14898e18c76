package lessons_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tunebook/tunebook/lessons/internal/book"
	"github.com/tunebook/tunebook/lessons/internal/execute"
)

// Every lesson in every language, run as on two cores: each cell does what the lesson's notebook has, within the time that
// lessons promise, and every figure shows about what the committed one does. With -v, what each cell and each lesson took.
func TestLessons(t *testing.T) {
	var table execute.Lessons
	for _, s := range sources(t) {
		lesson, err := s.Read()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.ToSlash(s.Target()), func(t *testing.T) {
			if end, ok := t.Deadline(); ok && time.Until(end) < execute.LessonLimit {
				t.Fatalf("too little time is left for another lesson: go test -timeout 60m ./lessons")
			}
			fresh, err := lesson.Notebook()
			if err != nil {
				t.Fatal(err)
			}
			runner := execute.Runner{Env: []string{execute.TwoCores}}
			executed, ran, err := runner.Run(t.Context(), fresh)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("\n%s", execute.Cells(s.Target(), ran))
			table.Add(s.Target(), ran)
			for _, line := range execute.Over(ran) {
				t.Error(line)
			}
			drift, err := book.Drift(fresh, executed)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range drift {
				t.Error(line)
			}
			committed, err := os.ReadFile(filepath.Join("..", "notebooks", s.Target()))
			if err != nil {
				t.Fatal(err)
			}
			was, is := figures(t, committed), figures(t, executed)
			if len(was) != len(is) {
				t.Fatalf("%d figures, %d in the committed notebook", len(is), len(was))
			}
			for i := range is {
				if d := is[i].Near(was[i]); d != "" {
					t.Errorf("cell %s %s; if that is meant: go run ./internal/generate -force, in lessons", is[i].Cell, d)
				}
			}
		})
	}
	t.Logf("\n%s", &table.Table)
}

func figures(t *testing.T, notebook []byte) []book.Figure {
	t.Helper()
	all, err := book.Figures(notebook)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Figures of the committed notebooks show the same numbers in every language.
func TestLanguagesShowTheSameNumbers(t *testing.T) {
	english := map[string][]book.Figure{}
	for _, s := range sources(t) {
		committed, err := os.ReadFile(filepath.Join("..", "notebooks", s.Target()))
		if err != nil {
			t.Fatal(err)
		}
		own := figures(t, committed)
		if s.Lang == "en" {
			english[s.Name] = own
			continue
		}
		if len(own) != len(english[s.Name]) {
			t.Errorf("%s has %d figures, the English one %d", s.Target(), len(own), len(english[s.Name]))
			continue
		}
		for i := range own {
			if d := own[i].SameNumbers(english[s.Name][i]); d != "" {
				t.Errorf("%s: cell %s: %s", s.Target(), own[i].Cell, d)
			}
		}
	}
}

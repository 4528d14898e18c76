package lessons_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tunebook/tunebook/kernel/runner"
	"github.com/tunebook/tunebook/lessons/internal/book"
	"github.com/tunebook/tunebook/lessons/internal/execute"
)

// Every lesson in every language: each cell does what the lesson's notebook has, on one core within the time that lessons
// promise on two, and every figure shows about what the committed one does. What both languages train is trained in English.
// With -v, what each cell and each lesson took.
func TestLessons(t *testing.T) {
	var (
		mu    sync.Mutex
		table execute.Lessons
	)
	t.Cleanup(func() { t.Logf("\n%s", &table.Table) })
	languages := map[string][]book.Source{}
	for _, s := range sources(t) {
		languages[s.Name] = append(languages[s.Name], s)
	}
	for _, name := range slices.Sorted(maps.Keys(languages)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runs := t.TempDir()
			slices.SortStableFunc(languages[name], func(a, b book.Source) int { return strings.Compare(a.Lang, b.Lang) })
			for _, s := range languages[name] {
				t.Run(s.Lang, func(t *testing.T) {
					ran := perform(t, s, runs)
					mu.Lock()
					defer mu.Unlock()
					table.Add(s.Target(), ran)
				})
			}
		})
	}
}

// perform runs a lesson's notebook, with what it trains kept in a folder, and returns what each cell took.
func perform(t *testing.T, s book.Source, runs string) []runner.Ran {
	t.Helper()
	if end, ok := t.Deadline(); ok && time.Until(end) < execute.LessonLimit {
		t.Fatalf("too little time is left for another lesson: go test -timeout 60m ./lessons")
	}
	lesson, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := lesson.Notebook()
	if err != nil {
		t.Fatal(err)
	}
	r := execute.Runner{Env: []string{execute.OneCore, execute.Share(runs)}}
	executed, ran, err := r.Run(t.Context(), fresh)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", execute.Cells(s.Target(), ran))
	for _, line := range execute.Over(ran, execute.Slower) {
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
	return ran
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

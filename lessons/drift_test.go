package lessons_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tunebook/tunebook/lessons/internal/book"
)

// Every committed notebook is what its source says, was run whole, and holds no error.
func TestNotebooksHaveNotDrifted(t *testing.T) {
	sources, err := filepath.Glob("[0-9][0-9]-*/lesson.md")
	if err != nil || len(sources) == 0 {
		t.Fatalf("sources %v, %v", sources, err)
	}
	for _, source := range sources {
		name := filepath.Base(filepath.Dir(source))
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		lesson, err := book.Parse(source, name, "en", string(text))
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := lesson.Notebook()
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(filepath.Join("..", "notebooks", "en", name+".ipynb"))
		if err != nil {
			t.Fatal(err)
		}
		drift, err := book.Drift(fresh, committed)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range drift {
			t.Errorf("%s: %s", name, line)
		}
		if len(drift) > 0 {
			t.Errorf("%s has drifted: go generate ./lessons", name)
		}
	}
}

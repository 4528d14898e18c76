package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const front = "---\ntitle: T\nsummary: S\ntime: 1 s\n---\n"

// house is a folder of lessons and one of notebooks, and a fake run that marks cells as executed.
func house(t *testing.T, sources map[string]string) (writer, *[]string) {
	t.Helper()
	dir := t.TempDir()
	for path, text := range sources {
		path = filepath.Join(dir, "lessons", path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var ran []string
	w := writer{sources: filepath.Join(dir, "lessons"), target: filepath.Join(dir, "notebooks"), run: func(_ context.Context, nb []byte) ([]byte, error) {
		ran = append(ran, string(nb))
		return []byte(strings.ReplaceAll(string(nb), `"execution_count": null`, `"execution_count": 1`)), nil
	}}
	return w, &ran
}

// files lists what is in the notebooks' folder, hidden files too.
func files(t *testing.T, w writer) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(w.target, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i], _ = filepath.Rel(w.target, found[i])
	}
	return filepath.ToSlash(strings.Join(found, " "))
}

func TestWritesEveryLessonInEveryLanguage(t *testing.T) {
	w, ran := house(t, map[string]string{
		"00-a/lesson.md": front + "```go\nx := 1\n```\n", "00-a/lesson.zh.md": front + "```go\nx := 2\n```\n", "01-b/lesson.md": front + "```go\nx := 3\n```\n",
	})
	if err := w.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := files(t, w); got != "en/00-a.ipynb en/01-b.ipynb zh/00-a.ipynb" {
		t.Errorf("wrote %s", got)
	}
	// Nothing has drifted, so nothing runs; with force all run; a changed source runs alone.
	*ran = nil
	if err := w.write(t.Context()); err != nil || len(*ran) != 0 {
		t.Errorf("ran %d again, %v", len(*ran), err)
	}
	if err := os.WriteFile(filepath.Join(w.sources, "01-b/lesson.md"), []byte(front+"```go\nx := 4\n```\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.write(t.Context()); err != nil || len(*ran) != 1 || !strings.Contains((*ran)[0], "x := 4") {
		t.Errorf("ran %v, %v", *ran, err)
	}
	*ran, w.force = nil, true
	if err := w.write(t.Context()); err != nil || len(*ran) != 3 {
		t.Errorf("forced %d, %v", len(*ran), err)
	}
}

// A run that fails, and a notebook with a broken cell, leave the old notebook as it is and nothing beside it.
func TestAllOrNothing(t *testing.T) {
	w, _ := house(t, map[string]string{"00-a/lesson.md": front + "words\n```go\nx := 1\n```\n"})
	if err := w.write(t.Context()); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(w.target, "en", "00-a.ipynb")
	before, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	w.force = true
	good := w.run
	broken := func(ctx context.Context, nb []byte) ([]byte, error) {
		out, err := good(ctx, nb)
		return []byte(strings.Replace(string(out), `"outputs": []`, `"outputs": [{"output_type": "error", "ename": "Panic", "evalue": "no"}]`, 1)), err
	}
	for name, run := range map[string]func(context.Context, []byte) ([]byte, error){
		"a cell fails": broken,
		"a cell stops the run": func(ctx context.Context, nb []byte) ([]byte, error) {
			out, _ := broken(ctx, nb)
			return out, errors.New("exit status 1")
		},
		"nothing comes back":    func(context.Context, []byte) ([]byte, error) { return nil, errors.New("killed") },
		"half of it comes back": func(_ context.Context, nb []byte) ([]byte, error) { return nb[:len(nb)/2], nil },
		"nothing was run":       func(_ context.Context, nb []byte) ([]byte, error) { return nb, nil },
	} {
		w.run = run
		err := w.write(t.Context())
		if err == nil || !strings.Contains(err.Error(), filepath.Join("00-a", "lesson.md")) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.HasPrefix(name, "a cell") && !strings.Contains(err.Error(), "lesson.md:8: cell start--code-1: failed: Panic: no") {
			t.Errorf("%s: the line is missing: %v", name, err)
		}
		if after, _ := os.ReadFile(target); string(after) != string(before) || files(t, w) != "en/00-a.ipynb" {
			t.Errorf("%s: left %s behind", name, files(t, w))
		}
	}
}

// All mistakes in all sources are told before anything runs.
func TestMistakesComeFirst(t *testing.T) {
	w, ran := house(t, map[string]string{
		"00-a/lesson.md": front + "```go\nx := 1\n```\n", "01-b/lesson.md": front + "```go\nx := 1\n", "02-c/lesson.md": front + "```go {answer}\nx\n```\n",
	})
	err := w.write(t.Context())
	if err == nil || !strings.Contains(err.Error(), filepath.Join("01-b", "lesson.md")+":6: code fence is not closed") ||
		!strings.Contains(err.Error(), filepath.Join("02-c", "lesson.md")+":6: unknown attribute") {
		t.Errorf("got %v", err)
	}
	if len(*ran) > 0 {
		t.Error("ran before all sources were read")
	}
}

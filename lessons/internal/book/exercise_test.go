package book

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const assignment = `---
title: T
summary: S
time: 1 s
---
` + "```go\nimport \"fmt\"\n\nfunc twice(n int) int { return 2 * n }\n```\n" +
	"```go\nbase := 20\n```\n" +
	"```go {slow}\nmodel := train(func(twice int) {})\nfor start := range base {\n\tstart := 3\n}\n```\n" +
	"```go {hide}\nvar (\n\ta = 1\n\tstart = base\n)\n```\n" +
	"```go\nfmt.Println(start.answer)\n```\n" +
	"```go {exercise}\nanswer := 0\n```\n```go {check}\nyes(answer, start)\n```\n```go {solution}\nanswer := twice(start)\n```\n" +
	"```go {exercise}\nb := 0\n```\n```go {check}\nyes(b)\n```\n```go {solution}\nb := answer\n```\n"

func parsed(t *testing.T) *Lesson {
	t.Helper()
	l, err := Parse("l.md", "03-l", "en", assignment)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A trial holds what the exercise needs and nothing that only looks like it: not the names of a loop, of a function
// literal's arguments, of fields.
func TestTrial(t *testing.T) {
	l := parsed(t)
	for i, want := range [][]string{
		{"start--code-1", "start--code-2", "start--hide-1", "exercise-1", "check-1", "solution-1", "check-1-again"},
		{"start--code-1", "exercise-1", "exercise-2", "check-2", "solution-2", "check-2-again"},
	} {
		b, err := l.Trial(l.Assignments()[i])
		if err != nil {
			t.Fatal(err)
		}
		nb, err := read(b)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range nb.Cells[1:] { // after the title
			got = append(got, c.ID)
			if c.Type != "code" {
				t.Errorf("%s is %s: it would not run", c.ID, c.Type)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("assignment %d: %s", i, d)
		}
	}
}

func TestTried(t *testing.T) {
	l := parsed(t)
	a := l.Assignments()[0]
	fresh, err := l.Trial(a)
	if err != nil {
		t.Fatal(err)
	}
	// executed puts an error into a cell of the trial.
	executed := func(errors map[string]string) []byte {
		var nb map[string]any
		if err := json.Unmarshal(fresh, &nb); err != nil {
			t.Fatal(err)
		}
		for _, c := range nb["cells"].([]any) {
			c := c.(map[string]any)
			if message := errors[c["id"].(string)]; message != "" {
				c["outputs"] = []any{map[string]any{"output_type": "error", "ename": "Panic", "evalue": message}}
			}
		}
		b, err := json.Marshal(nb)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const first, second = "check-1", "check-1-again"
	for _, c := range []struct {
		name   string
		errors map[string]string
		want   string // empty when all is well
	}{
		{"as it should be", map[string]string{first: "not yet: do it"}, ""},
		{"passes undone", nil, "line 30: the check passes although nobody has done the exercise"},
		{"breaks", map[string]string{first: "undefined: check"}, "breaks instead of saying what to do: Panic: undefined: check"},
		{"solution fails", map[string]string{first: "not yet: do it", second: "not yet: 2"}, "fails with the solution of line 36: Panic: not yet: 2"},
	} {
		err := l.Tried(a, executed(c.errors))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// What nbgrader reads, schema 3: the answer is open and ungraded, the check is locked and gives points.
func TestGrading(t *testing.T) {
	b, err := parsed(t).Notebook()
	if err != nil {
		t.Fatal(err)
	}
	nb, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, c := range nb.Cells {
		if g := c.Metadata["nbgrader"]; g != nil {
			got[c.ID] = g
		}
		if strings.Contains(c.ID, "solution") && (c.Type != "markdown" || !strings.HasPrefix(string(c.Source), "<details>")) {
			t.Errorf("the learner sees the solution: %v", c)
		}
	}
	cell := func(id string, solution, grade, locked bool) map[string]any {
		m := map[string]any{"schema_version": 3., "grade_id": id, "solution": solution, "grade": grade, "locked": locked, "task": false}
		if grade {
			m["points"] = 1.
		}
		return m
	}
	want := map[string]any{
		"exercise-1": cell("exercise-1", true, false, false), "check-1": cell("check-1", false, true, true),
		"exercise-2": cell("exercise-2", true, false, false), "check-2": cell("check-2", false, true, true),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSources(t *testing.T) {
	dir := t.TempDir()
	put := func(path string) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Sources(dir); err == nil || !strings.Contains(err.Error(), "go generate ./lessons") {
		t.Errorf("no lessons: %v", err)
	}
	put("10-ten/lesson.md")
	put("02-two/lesson.md")
	put("02-two/lesson.zh.md")
	put("check/lesson.md") // no number, no lesson
	got, err := Sources(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"en/02-two.ipynb", "zh/02-two.ipynb", "en/10-ten.ipynb"}
	for i, s := range got {
		if i >= len(want) || filepath.ToSlash(s.Target()) != want[i] {
			t.Errorf("source %d goes to %s, want %v", i, s.Target(), want)
		}
	}
	put("11-eleven/lesson.zh.md")
	if _, err := Sources(dir); err == nil || !strings.Contains(err.Error(), filepath.Join("11-eleven", "lesson.md")) {
		t.Errorf("a lesson without English: %v", err)
	}
}

// Package notebook asserts what the lesson claims, in the session that a learner has.
package notebook

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/internal/book"
	"github.com/tunebook/tunebook/lessons/internal/execute"
)

// lessons are the two sources of the notebook.
var lessons = []book.Source{{Path: "lesson.md", Name: "00-notebook", Lang: "en"}, {Path: "lesson.zh.md", Name: "00-notebook", Lang: "zh"}}

// TestMain makes the test binary the worker of its own sessions.
func TestMain(m *testing.M) {
	execute.Serve()
	os.Exit(m.Run())
}

// run executes cells, each of which may fail, and returns what each said, errors with their places.
func run(t *testing.T, cells ...string) []string {
	t.Helper()
	type cell map[string]any
	var list []cell
	for i, code := range cells {
		list = append(list, cell{"id": fmt.Sprintf("c%d", i), "cell_type": "code", "metadata": cell{"tags": []string{book.Raises}}, "source": code, "outputs": []any{}, "execution_count": nil})
	}
	in, err := json.Marshal(cell{"cells": list, "metadata": cell{}, "nbformat": 4, "nbformat_minor": 5})
	if err != nil {
		t.Fatal(err)
	}
	executed, _, err := new(execute.Runner).Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Cells []struct {
			Outputs []struct {
				Text, Traceback any
				Value           string `json:"evalue"`
				Data            map[string]any
			}
		}
	}
	if err := json.Unmarshal(executed, &out); err != nil {
		t.Fatal(err)
	}
	said := make([]string, len(out.Cells))
	for i, c := range out.Cells {
		for _, o := range c.Outputs {
			said[i] += o.Value + "\n" + joined(o.Text) + joined(o.Traceback) + joined(o.Data["text/plain"])
		}
	}
	return said
}

// joined is a text that nbformat allows as one string and as a list of lines.
func joined(v any) string {
	switch v := v.(type) {
	case string:
		return v + "\n"
	case []any:
		s := ""
		for _, line := range v {
			s += strings.TrimSuffix(fmt.Sprint(line), "\n") + "\n"
		}
		return s
	}
	return ""
}

// Every error that the lesson quotes is what the kernel says to the cell before it, but for the cell's number. Nothing of
// a cell that cannot be compiled runs, and after the worst of them the next cell runs again.
func TestErrorsAreQuotedAsTheyAre(t *testing.T) {
	number := regexp.MustCompile(`cell \d+:`)
	fence := regexp.MustCompile("(?s)```text\n(.*?)\n```")
	for _, s := range lessons {
		text, err := os.ReadFile(s.Path)
		if err != nil {
			t.Fatal(err)
		}
		quoted := fence.FindAllStringSubmatch(string(text), -1)
		if len(quoted) != 6 {
			t.Fatalf("%s: %d quotes, want three cells with an answer each", s.Path, len(quoted))
		}
		said := run(t, `people := []string{"Vera", "Otto", "Ingrid", "Simon"}`, quoted[0][1], "number", quoted[2][1], "len(people)", quoted[4][1], "40 + 2")
		for cell, quote := range map[int]string{1: quoted[1][1], 3: quoted[3][1], 5: quoted[5][1]} {
			if got, want := number.ReplaceAllString(said[cell], "cell N:"), number.ReplaceAllString(quote, "cell N:"); !strings.Contains(got, want) {
				t.Errorf("%s: the kernel says\n%s\nthe lesson quotes\n%s", s.Path, got, want)
			}
		}
		for cell, want := range map[int]string{2: "undefined: number", 4: "4", 6: "42"} {
			if !strings.Contains(said[cell], want) {
				t.Errorf("%s: cell %d says %q, want %q", s.Path, cell, said[cell], want)
			}
		}
	}
}

// A loop in a cell is slower than the same one compiled by far more than a machine's moods, three times out of three, and
// both give the same number.
func TestCompiledIsFaster(t *testing.T) {
	lesson, err := lessons[0].Read()
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for _, c := range lesson.Cells {
		if strings.Contains(c.Text, "func inCell") || strings.Contains(c.Text, "square := func") {
			cells = append(cells, c.Text)
		}
	}
	if len(cells) != 2 {
		t.Fatalf("%d cells measure, want 2", len(cells))
	}
	said := run(t, append(cells, `math.Abs(inCell()-floats.Dot(left, right)) < 1e-9`, `fmt.Println(cell[0], gonum[0], engine[0], cell[1], gonum[1], engine[1], cell[2], gonum[2], engine[2])`)...)
	if !strings.Contains(said[2], "true") {
		t.Errorf("the cell and the compiled function give other numbers: %s", said[0])
	}
	var ns [9]float64
	if _, err := fmt.Sscan(said[3], &ns[0], &ns[1], &ns[2], &ns[3], &ns[4], &ns[5], &ns[6], &ns[7], &ns[8]); err != nil {
		t.Fatalf("%v: %s", err, said[3])
	}
	for i := 0; i < 9; i += 3 {
		t.Logf("a multiplication and an addition: %.1f ns in a cell, %.3f compiled, %.4f in the engine", ns[i], ns[i+1], ns[i+2])
		if ns[i] < 20*ns[i+1] || ns[i+1] < ns[i+2] || ns[i] > 1000 {
			t.Errorf("round %d: the lesson says far slower in a cell, fastest in the engine, and a tenth of a microsecond a turn", i/3+1)
		}
	}
}

// The variables of the two counting cells live on from one run to the next.
func TestCellsShareWhatRanBefore(t *testing.T) {
	said := run(t, "visits := 0", "visits++\nfmt.Println(\"visits:\", visits)", "visits++\nfmt.Println(\"visits:\", visits)")
	if !strings.Contains(said[1], "visits: 1") || !strings.Contains(said[2], "visits: 2") {
		t.Errorf("%q", said)
	}
}

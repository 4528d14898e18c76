package book

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/*.ipynb anew")

func sample(t testing.TB) *Lesson {
	t.Helper()
	path := filepath.Join("testdata", "sample.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Parse(path, "sample", "en", string(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestParse(t *testing.T) {
	want := &Lesson{
		Name: "sample", Lang: "en", Title: "A sample", Summary: "Every kind of cell, once.", Time: "a second", Needs: "00-notebook",
		Cells: []Cell{
			{ID: "start--text-1", Role: Prose, Text: "Words before the first heading.", Line: 7},
			{ID: "look-see--text-1", Role: Prose, Text: "## Look & see\n\nSome *prose*.\n\n```sh\n# not a heading, and not run\n```", Line: 9},
			{ID: "look-see--code-1", Role: Code, Text: "x := 1", Line: 18},
			{ID: "look-see--hide-1", Role: Hide, Text: "y := `a # b`", Line: 22},
			{ID: "look-see--text-2", Role: Prose, Text: "More prose.", Line: 24},
			{ID: "look-see-2--text-1", Role: Prose, Text: "## Look & see", Line: 26},
			{ID: "exercise-answer", Role: Exercise, Text: "answer := 0 // your number", Line: 29, Name: "answer", Points: 2, Title: "Look & see"},
			{ID: "check-answer", Role: Check, Text: "check.Answer(answer)", Line: 33, Name: "answer", Points: 2},
			{ID: "solution-answer", Role: Solution, Text: "check.Answer(42)", Line: 37, Name: "answer", Points: 2},
			{ID: "part--text-1", Role: Prose, Text: "## 中文", Line: 40},
			{ID: "part--slow-1", Role: Slow, Text: `fmt.Println("<&>")`, Line: 43},
		},
	}
	if d := cmp.Diff(want, sample(t)); d != "" {
		t.Error(d)
	}
}

func TestParseErrors(t *testing.T) {
	const front = "---\ntitle: T\nsummary: S\ntime: 1 s\n---\n"
	const task = "```go {exercise name=1}\nx\n```\n```go {check}\nx\n```\n```go {solution}\nx\n```\n"
	tests := []struct{ name, text, want string }{
		{"empty file", "", "l.md:1: no front matter"},
		{"open front matter", "---\ntitle: T", "l.md:2: front matter is not closed"},
		{"front matter without a colon", "---\ntitle\n---\n", `l.md:2: want key: value, found "title"`},
		{"unknown key", "---\ntitel: T\n---\n", `l.md:2: unknown key "titel"`},
		{"key twice", "---\ntitle: T\ntitle: U\n---\n", `l.md:3: second "title"`},
		{"no summary", "---\ntitle: T\ntime: 1 s\n---\n", `front matter lacks "summary"`},
		{"no body", front + "\n \n", "nothing after the front matter"},
		{"open fence", front + "words\n```go\nx := 1\n", "l.md:7: code fence is not closed"},
		{"fence in a fence", front + "```go\nx := 1\n```go\ny := 2\n```\n", "l.md:8: a fence opens inside of the fence of line 6"},
		{"empty fence", front + "```go\n\n```\n", "l.md:6: empty code fence"},
		{"no braces", front + "```go hide\nx\n```\n", `l.md:6: after go, want an attribute in braces such as {exercise}, found "hide"`},
		{"unknown attribute", front + "```go {hidden}\nx\n```\n", `l.md:6: unknown attribute "hidden"`},
		{"no space", front + "```go{hidden}\nx\n```\n", `l.md:6: unknown attribute "hidden"`},
		{"two attributes", front + "```go {hide slow}\nx\n```\n", "l.md:6: want one attribute"},
		{"a name for nothing", front + "```go {slow name=x}\nx\n```\n", `l.md:6: "name=x" in "{slow name=x}": only an {exercise}`},
		{"a name that is none", front + "```go {exercise name=Mask!}\nx\n```\n", `l.md:6: name "Mask!": want small letters`},
		{"no points", front + "```go {exercise points=0}\nx\n```\n", `l.md:6: points "0": want a number from 1 to 100`},
		{"unknown value", front + "```go {exercise title=x}\nx\n```\n", `l.md:6: "title=x" in "{exercise title=x}": want name=… or points=…`},
		{"a name twice", front + task + strings.Replace(task, " name=1", "", 1) + task, `l.md:24: a second exercise named "1"`},
		{"indented fence", front + "words\n  ```go\nx\n  ```\n", "l.md:7: an indented fence; begin it in the first column: this would be shown as text"},
		{"tildes", front + "~~~go\nx\n~~~\n", "l.md:6: a fence of tildes; write ```go"},
		{"another name for Go", front + "```golang\nx\n```\n", `l.md:6: a fence of "golang"; write go`},
		{"capital", front + "```Go {hide}\nx\n```\n", `l.md:6: a fence of "Go"; write go`},
		{"closed in its own line", front + "```go x := 1```\n", "l.md:6: a fence with backticks behind it"},
		{"exercise alone", front + "words\n```go {exercise}\nx\n```\n", "l.md:7: an exercise wants one fence {check} after it, found 0"},
		{"no solution", front + "```go {exercise}\nx\n```\n```go {check}\nx\n```\n", "l.md:6: an exercise wants one fence {solution} after it, found 0"},
		{"two checks", front + "```go {exercise}\nx\n```\n```go {check}\nx\n```\n```go {check}\nx\n```\n```go {solution}\nx\n```\n", "want"},
		{"the next one comes too early", front + "```go {exercise}\nx\n```\n```go {exercise}\nx\n```\n```go {check}\nx\n```\n```go {solution}\nx\n```\n", "l.md:6: an exercise wants one fence {check}"},
		{"check first", front + "```go {check}\nx\n```\n", "l.md:6: {check} without an {exercise} before it"},
		{"open prose fence", front + "```sh\nls\n", "l.md:6: fence is not closed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("l.md", "l", "en", test.text)
			if !errors.Is(err, ErrSyntax) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestNotebook(t *testing.T) {
	got, err := sample(t).Notebook()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "sample.ipynb")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("notebook differs from %s:\n%s", path, d)
	}
}

// undone is the output of a check in a notebook whose exercise nobody has done.
const undone = `{"output_type": "error", "ename": "Panic", "evalue": "not yet: do it"}`

// executed is a notebook as a run leaves it.
func executed(t testing.TB, fresh []byte) string {
	t.Helper()
	ran := strings.ReplaceAll(string(fresh), `"execution_count": null`, `"execution_count": 1`)
	head, rest, ok := strings.Cut(ran, `"locked": true`)
	if !ok {
		t.Fatal("no locked cell")
	}
	return head + `"locked": true` + strings.Replace(rest, `"outputs": []`, `"outputs": [`+undone+`]`, 1)
}

func TestDrift(t *testing.T) {
	fresh, err := sample(t).Notebook()
	if err != nil {
		t.Fatal(err)
	}
	ran := executed(t, fresh)
	tests := []struct{ name, committed, want string }{
		{"same", ran, ""},
		{"source as one string", strings.Replace(ran, `"source": [
    "x := 1"
   ]`, `"source": "x := 1"`, 1), ""},
		{"never run", string(fresh), "cell look-see--code-1: was never run"},
		{"source", strings.Replace(ran, "x := 1", "x := 2", 1), "cell look-see--code-1: source differs"},
		{"id", strings.Replace(ran, "look-see--code-1", "other", 1), "cell look-see--code-1: is named other"},
		{"metadata", strings.Replace(ran, `"source_hidden": true`, `"source_hidden": false`, 1), "cell look-see--hide-1: metadata"},
		{"kernel", strings.Replace(ran, "Go (Tunebook)", "Go", 1), "metadata kernelspec"},
		{"format", strings.Replace(ran, `"nbformat_minor": 5`, `"nbformat_minor": 4`, 1), "format 4.4, want 4.5"},
		{"a check that passes undone", strings.Replace(ran, undone, "", 1), "cell check-answer: passes although nobody has done the exercise"},
		{"a check that breaks", strings.Replace(ran, "not yet: do it", "undefined: check", 1), "cell check-answer: failed: Panic: undefined: check"},
		{"error", strings.Replace(ran, `"outputs": []`, `"outputs": [{"output_type": "error", "ename": "Panic", "evalue": "no"}]`, 1), "failed: Panic: no"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			diff, err := Drift(fresh, []byte(test.committed))
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(diff, "\n")
			if test.want == "" && all != "" || !strings.Contains(all, test.want) {
				t.Errorf("got %q, want %q", all, test.want)
			}
		})
	}
	if _, err := Drift(fresh, []byte("{")); err == nil {
		t.Error("broken JSON is no notebook")
	}
}

var validID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

func FuzzParse(f *testing.F) {
	const front = "---\ntitle: T\nsummary: S\ntime: 1 s\n---\n"
	for _, seed := range []string{"# a\n```go\nx\n```\n", "````go\n```\n````", "```go {hide}\n\n```", "#\n\xff\n", "## 中\n## 中\ntext\r\n",
		"```go {exercise}\nx := 1\n```\n```go {check}\ny(x)\n```\n```go {solution}\nx := 2\n```\n", "  ```go\n", "~~~ go",
		"```go {exercise name=a points=3}\nx := 1\n```\n```go {check}\ny(x)\n```\n```go {solution}\nx := 2\n```\n"} {
		f.Add(front + seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse("l.md", "l", "en", text)
		if err != nil {
			if !errors.Is(err, ErrSyntax) {
				t.Fatalf("error without ErrSyntax: %v", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, c := range l.Cells {
			if !validID.MatchString(c.ID) || seen[c.ID] {
				t.Fatalf("id %q is invalid or used twice", c.ID)
			}
			seen[c.ID] = true
			if strings.TrimSpace(c.Text) == "" {
				t.Fatalf("cell %s is empty", c.ID)
			}
		}
		b, err := l.Notebook()
		if err != nil || !json.Valid(b) {
			t.Fatalf("notebook: %v", err)
		}
		for _, a := range l.Assignments() {
			if b, err := l.Trial(a); err != nil || !json.Valid(b) {
				t.Fatalf("trial: %v", err)
			}
		}
	})
}

func Example() {
	l, err := Parse("lesson.md", "00-notebook", "en", "---\ntitle: Hello\nsummary: A first cell.\ntime: a second\n---\n```go {slow}\nanswer := 0\n```\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(l.Title, l.Cells[0].Role, l.Cells[0].ID)
	// Output: Hello slow start--slow-1
}

// Two languages of a cell have one structure; a cell that does something else has another.
func TestStructure(t *testing.T) {
	english := Cell{Text: "x := f(\"a \"+name+\".\", 1) // why\nfmt.Println(n, \"people\")"}
	for code, same := range map[string]bool{
		"x := f(\"甲\"+name, 1) // 为什么\nfmt.Println(\"有\", n, \"人\")": true,
		"x := f(name+`乙`, 1)\n\n// 为什么\nfmt.Println(n, \"个\"+\"人\")": true,
		"x := f(\"甲\"+name, 2)\nfmt.Println(\"有\", n, \"人\")":        false,
		"x := g(\"甲\"+name, 1)\nfmt.Println(\"有\", n, \"人\")":        false,
		"x := f(\"甲\"+name, 1)\nfmt.Println(\"有人\")":                 false,
		"x := f(\"甲\"+name, 1)":                                      false,
	} {
		if got := (Cell{Text: code}).Structure(); (got == english.Structure()) != same {
			t.Errorf("%q has the structure %q; the same as the English one: %v", code, got, !same)
		}
	}
}

// A line break inside of a Chinese paragraph would be shown as a space.
func TestChineseProseIsJoined(t *testing.T) {
	for in, want := range map[string]string{
		"十分\n之一，押\n了。": "十分之一，押了。",
		"很长，\n  “续行”。": "很长，“续行”。",
		"英文 Go\n之后":    "英文 Go\n之后",
		"之后\nGo 也是":    "之后\nGo 也是",
		"- 甲\n- 乙":     "- 甲\n- 乙",
		"# 标题\n正文":     "# 标题\n正文",
		"第一段\n\n第二段":   "第一段\n\n第二段",
		"$$x$$\n之后":    "$$x$$\n之后",
		"":             "",
	} {
		if got := joined(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestStructureLeavesOutWhatColoursATranslation(t *testing.T) {
	english, chinese := Cell{Text: `plot.Bar{Name: "memory", Group: g}`}, Cell{Text: `plot.Bar{Name: "内存", As: "memory", Group: g}`}
	if a, b := english.Structure(), chinese.Structure(); a != b {
		t.Errorf("%q and %q", a, b)
	}
	if other := (Cell{Text: `plot.Bar{Name: "内存", As: "memory", Values: g}`}); other.Structure() == english.Structure() {
		t.Error("another field is no difference")
	}
}

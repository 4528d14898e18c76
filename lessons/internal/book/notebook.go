package book

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Notebook is the lesson as a notebook of format 4.5 without outputs: the same bytes for the same lesson.
func (l *Lesson) Notebook() ([]byte, error) { return l.encode(l.Cells) }

func (l *Lesson) encode(cells []Cell) ([]byte, error) {
	nb := notebook{Format: 4, Minor: 5, Metadata: map[string]any{
		"kernelspec":    map[string]any{"name": "tunebook", "display_name": "Go (Tunebook)", "language": "go"},
		"language_info": map[string]any{"name": "go", "file_extension": ".go", "mimetype": "text/x-go"},
		"tunebook":      l.about(),
	}}
	nb.Cells = append(nb.Cells, cell{ID: "title", Type: "markdown", Metadata: map[string]any{}, Source: lines(l.head())})
	for _, c := range cells {
		nb.Cells = append(nb.Cells, l.cell(c))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ") // as Jupyter itself writes, so that saving a notebook there changes nothing
	if err := e.Encode(nb); err != nil {
		return nil, fmt.Errorf("lessons: %s: %w", l.Name, err)
	}
	return b.Bytes(), nil
}

// about is what programs want to know of a lesson: tunebook lessons reads it.
func (l *Lesson) about() map[string]any {
	exercises := []any{}
	for _, a := range l.Assignments() {
		exercises = append(exercises, map[string]any{"name": a.Exercise.Name, "title": a.Exercise.Title, "points": a.Exercise.Points})
	}
	return map[string]any{"lesson": l.Name, "lang": l.Lang, "title": l.Title, "summary": l.Summary, "time": l.Time, "needs": l.Needs, "exercises": exercises}
}

// head is the first cell: what the front matter says.
func (l *Lesson) head() string {
	line := l.word("*%s: %s.*", "*%s：%s。*")
	s := fmt.Sprintf("# %s\n\n%s\n\n"+line, l.Title, l.Summary, l.word("Runs in", "运行时间"), strings.TrimRight(l.Time, ".。"))
	if l.Needs != "" {
		s += fmt.Sprintf(" "+line, l.word("Before this", "预备知识"), strings.TrimRight(l.Needs, ".。"))
	}
	return s
}

// word chooses by the lesson's language.
func (l *Lesson) word(english, chinese string) string {
	if l.Lang == "zh" {
		return chinese
	}
	return english
}

// Raises is the tag of cells that may fail: Jupyter, nbclient and tunebook run go on after them.
const Raises = "raises-exception"

// The fields stand in the order in which nbformat sorts them.
type notebook struct {
	Cells    []cell         `json:"cells"`
	Metadata map[string]any `json:"metadata"`
	Format   int            `json:"nbformat"`
	Minor    int            `json:"nbformat_minor"`
}

type cell struct {
	Type     string         `json:"cell_type"`
	Count    *int           `json:"execution_count,omitempty"`
	ID       string         `json:"id"`
	Metadata map[string]any `json:"metadata"`
	Outputs  []output       `json:"outputs,omitempty"`
	Source   []string       `json:"source"`
}

// MarshalJSON gives a code cell the fields that nbformat demands even when they are empty, and keeps them from prose.
func (c cell) MarshalJSON() ([]byte, error) {
	type plain cell
	if c.Type != "code" {
		return marshal(plain(c))
	}
	outputs := c.Outputs
	if outputs == nil {
		outputs = []output{}
	}
	return marshal(struct {
		Type     string         `json:"cell_type"`
		Count    *int           `json:"execution_count"`
		ID       string         `json:"id"`
		Metadata map[string]any `json:"metadata"`
		Outputs  []output       `json:"outputs"`
		Source   []string       `json:"source"`
	}{c.Type, c.Count, c.ID, c.Metadata, outputs, c.Source})
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// output is what [Drift] needs to know of an output.
type output struct {
	Type string `json:"output_type"`
	Name string `json:"ename,omitempty"`
	Text string `json:"evalue,omitempty"`
}

func (l *Lesson) cell(c Cell) cell {
	out := cell{ID: c.ID, Type: "code", Metadata: map[string]any{}, Source: lines(c.Text)}
	folded := map[string]any{"source_hidden": true}
	switch c.Role {
	case Prose:
		out.Type = "markdown"
		if l.Lang == "zh" {
			out.Source = lines(joined(c.Text))
		}
	case Exercise:
		out.Metadata["nbgrader"] = grading(c.ID, true, 0)
	case Check:
		// The learner's language and journal: known here, so that no lesson has to say it.
		out.Source = lines(fmt.Sprintf("check.Begin(%q, %q, %q)\n%s", l.Name, c.Name, l.Lang, c.Text))
		out.Metadata["nbgrader"] = grading(c.ID, false, c.Points)
		out.Metadata["tags"] = []string{Raises} // run on, whatever the learner has left undone
	case Solution:
		// Text, not code: "run all cells" must not do the learner's work, and a code host folds no cells.
		out.Type = "markdown"
		out.Source = lines("<details><summary>" + l.word("A solution", "参考答案") + "</summary>\n\n```go\n" + c.Text + "\n```\n\n</details>")
		out.Metadata["tags"] = []string{"solution"}
	case Hide:
		out.Metadata["jupyter"] = folded
		out.Metadata["tags"] = []string{"hide-input"} // the tag that Jupyter Book knows, too
	case Slow:
		out.Metadata["tags"] = []string{"slow"}
	}
	return out
}

// grading is nbgrader's cell metadata, schema 3: an answer is open and ungraded, a check is locked and gives points.
func grading(id string, answer bool, points int) map[string]any {
	m := map[string]any{"schema_version": 3, "grade_id": id, "solution": answer, "grade": !answer, "locked": !answer, "task": false}
	if points > 0 {
		m["points"] = points
	}
	return m
}

// lines splits as nbformat does: every line but the last keeps its newline.
// joined is Chinese prose without the line breaks inside of paragraphs: Markdown makes a space of each, and Chinese has none.
func joined(text string) string {
	rows := strings.Split(text, "\n")
	out := rows[:1]
	for _, row := range rows[1:] {
		last := out[len(out)-1]
		before, _ := utf8.DecodeLastRuneInString(last)
		after, _ := utf8.DecodeRuneInString(strings.TrimLeft(row, " "))
		if !chinese(before) || !chinese(after) || strings.HasPrefix(last, "#") {
			out = append(out, row)
			continue
		}
		out[len(out)-1] = last + strings.TrimLeft(row, " ")
	}
	return strings.Join(out, "\n")
}

// chinese says whether a character stands without spaces around it.
func chinese(r rune) bool {
	return unicode.Is(unicode.Han, r) || strings.ContainsRune("，。；：、！？“”‘’（）《》…—", r)
}

func lines(s string) []string { return strings.SplitAfter(s, "\n") }

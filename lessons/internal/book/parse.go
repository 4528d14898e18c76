package book

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ErrSyntax is wrapped by every error of [Parse].
var ErrSyntax = errors.New("broken lesson")

// Parse reads a lesson. path is used in errors, name and lang become the lesson's.
func Parse(path, name, lang, text string) (*Lesson, error) {
	p := &parser{path: path, lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), ids: newIDs()}
	p.lesson = &Lesson{Name: name, Lang: lang}
	if err := p.front(); err != nil {
		return nil, err
	}
	if err := p.body(); err != nil {
		return nil, err
	}
	if err := p.exercises(); err != nil {
		return nil, err
	}
	return p.lesson, nil
}

type parser struct {
	path   string
	lines  []string
	at     int // index of the next line
	lesson *Lesson
	ids    *ids

	heading string // above the next line

	prose []string // of the cell being read
	first int      // its first line, from 1
}

// wrong is an error at line n, counted from 1.
func (p *parser) wrong(n int, format string, args ...any) error {
	return fmt.Errorf("lessons: %s:%d: %s: %w", p.path, n, fmt.Sprintf(format, args...), ErrSyntax)
}

// front reads the lines between the first two "---".
func (p *parser) front() error {
	if p.lines[0] != "---" {
		return p.wrong(1, "no front matter: the first line must be ---")
	}
	fields := map[string]*string{"title": &p.lesson.Title, "summary": &p.lesson.Summary, "time": &p.lesson.Time, "needs": &p.lesson.Needs}
	seen := map[string]bool{}
	for p.at = 1; p.at < len(p.lines); p.at++ {
		line := p.lines[p.at]
		if line == "---" {
			p.at++
			for _, key := range []string{"title", "summary", "time"} {
				if *fields[key] == "" {
					return p.wrong(p.at, "front matter lacks %q", key)
				}
			}
			return nil
		}
		key, value, ok := strings.Cut(line, ":")
		field := fields[strings.TrimSpace(key)]
		switch {
		case !ok:
			return p.wrong(p.at+1, "want key: value, found %q", line)
		case field == nil:
			return p.wrong(p.at+1, "unknown key %q, want title, summary, time or needs", key)
		case seen[key]:
			return p.wrong(p.at+1, "second %q", key)
		}
		seen[key] = true
		*field = strings.TrimSpace(value)
	}
	return p.wrong(len(p.lines), "front matter is not closed: --- is missing")
}

// body reads prose and fences until the end.
func (p *parser) body() error {
	for p.at < len(p.lines) {
		line := p.lines[p.at]
		fence, info := opening(line)
		if why := nearFence(line); why != "" {
			return p.wrong(p.at+1, "%s: this would be shown as text and never run", why)
		}
		switch {
		case fence == "" && heading(line) != "":
			p.flush()
			p.heading = heading(line)
			p.ids.enter(p.heading)
			p.say(line)
		case fence == "":
			p.say(line)
		case language(info) == "go":
			p.flush()
			if err := p.code(fence, info); err != nil {
				return err
			}
			continue
		default: // some other fence is part of the prose, whatever stands in it
			if err := p.quote(fence); err != nil {
				return err
			}
			continue
		}
		p.at++
	}
	p.flush()
	if len(p.lesson.Cells) == 0 {
		return p.wrong(len(p.lines), "nothing after the front matter")
	}
	return nil
}

func (p *parser) say(line string) {
	if len(p.prose) == 0 {
		if strings.TrimSpace(line) == "" {
			return
		}
		p.first = p.at + 1
	}
	p.prose = append(p.prose, line)
}

// flush ends the cell of prose, if there is one.
func (p *parser) flush() {
	text := strings.TrimRight(strings.Join(p.prose, "\n"), " \t\n")
	p.prose = nil
	if text != "" {
		p.lesson.Cells = append(p.lesson.Cells, Cell{ID: p.ids.next("text"), Role: Prose, Text: text, Line: p.first})
	}
}

// code reads a Go fence, whose opening line is the next one.
func (p *parser) code(fence, info string) error {
	start := p.at + 1
	cell, err := p.attributes(start, info)
	if err != nil {
		return err
	}
	var code []string
	for p.at++; p.at < len(p.lines); p.at++ {
		line := p.lines[p.at]
		if closes(line, fence) {
			p.at++
			text := strings.Trim(strings.Join(code, "\n"), "\n")
			if strings.TrimSpace(text) == "" {
				return p.wrong(start, "empty code fence")
			}
			cell.ID, cell.Text, cell.Line = p.ids.next(cell.Role.String()), text, start+1
			p.lesson.Cells = append(p.lesson.Cells, cell)
			return nil
		}
		if f, info := opening(line); f != "" && info != "" {
			return p.wrong(p.at+1, "a fence opens inside of the fence of line %d: is its end missing?", start)
		}
		code = append(code, line)
	}
	return p.wrong(start, "code fence is not closed")
}

// validName is what an exercise can be called: it becomes part of ids.
var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// attributes reads "go", "go {hide}", "go {exercise name=mask points=2}".
func (p *parser) attributes(line int, info string) (c Cell, err error) {
	rest := strings.TrimSpace(strings.TrimPrefix(info, "go"))
	if rest == "" {
		c.Role = Code
		return c, nil
	}
	inner, ok := strings.CutPrefix(rest, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !ok || !closed {
		return c, p.wrong(line, "after go, want an attribute in braces such as {exercise}, found %q", rest)
	}
	words := strings.Fields(inner)
	if len(words) == 0 || len(words) > 1 && !strings.Contains(words[1], "=") {
		return c, p.wrong(line, "want one attribute in %q: exercise, solution, check, hide or slow", rest)
	}
	var known bool
	if c.Role, known = roles[words[0]]; !known {
		return c, p.wrong(line, "unknown attribute %q, want exercise, solution, check, hide or slow", words[0])
	}
	if c.Role == Exercise {
		c.Points, c.Title = 1, p.heading
	}
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case c.Role != Exercise:
			return c, p.wrong(line, "%q in %q: only an {exercise} has a name and points", word, rest)
		case key == "name" && !validName.MatchString(value):
			return c, p.wrong(line, "name %q: want small letters, digits and -, at most 32", value)
		case key == "name":
			c.Name = value
		case key == "points":
			if c.Points, err = strconv.Atoi(value); err != nil || c.Points < 1 || c.Points > 100 {
				return c, p.wrong(line, "points %q: want a number from 1 to 100", value)
			}
		default:
			return c, p.wrong(line, "%q in %q: want name=… or points=…", word, rest)
		}
	}
	return c, nil
}

// quote keeps a fence of another language as prose.
func (p *parser) quote(fence string) error {
	start := p.at + 1
	p.say(p.lines[p.at])
	for p.at++; p.at < len(p.lines); p.at++ {
		p.say(p.lines[p.at])
		if closes(p.lines[p.at], fence) {
			p.at++
			return nil
		}
	}
	return p.wrong(start, "fence is not closed")
}

// nearFence says what keeps a line from opening a fence of Go although it was meant to.
func nearFence(line string) string {
	marks := strings.TrimLeft(line, " \t")
	tildes := strings.TrimLeft(marks, "~")
	switch {
	case len(marks)-len(tildes) >= 3 && isGo(language(strings.TrimSpace(tildes))):
		return "a fence of tildes; write ```go"
	case !strings.HasPrefix(marks, "```") || !isGo(language(strings.TrimSpace(strings.TrimLeft(marks, "`")))):
		return ""
	case marks != line:
		return "an indented fence; begin it in the first column"
	}
	if fence, info := opening(line); fence == "" {
		return "a fence with backticks behind it"
	} else if name := language(info); name != "go" {
		return fmt.Sprintf("a fence of %q; write go", name)
	}
	return ""
}

func isGo(name string) bool {
	return strings.EqualFold(name, "go") || strings.EqualFold(name, "golang")
}

// opening returns the backticks and the info string of a line that opens a fence.
func opening(line string) (fence, info string) {
	info = strings.TrimLeft(line, "`")
	fence = line[:len(line)-len(info)]
	if len(fence) < 3 || strings.Contains(info, "`") {
		return "", ""
	}
	return fence, strings.TrimSpace(info)
}

func closes(line, fence string) bool {
	line = strings.TrimRight(line, " \t")
	return len(line) >= len(fence) && strings.Trim(line, "`") == ""
}

// language is the first word of an info string; "go{x}" counts as go, so that the missing space is no silent prose.
func language(info string) string {
	if i := strings.IndexAny(info, " \t{"); i >= 0 {
		return info[:i]
	}
	return info
}

// heading is the text of a heading of level 1 to 3, "" for any other line.
func heading(line string) string {
	text := strings.TrimLeft(line, "#")
	level := len(line) - len(text)
	if level < 1 || level > 3 || !strings.HasPrefix(text, " ") {
		return ""
	}
	return strings.TrimSpace(text)
}

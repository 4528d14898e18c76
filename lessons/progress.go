package lessons

import (
	"fmt"
	"html"
	"os"
	"strings"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/lessons/internal/progress"
	"github.com/tunebook/tunebook/pkg/metric"
)

// A Page shows which lessons there are and how far the learner has come: HTML in a notebook, String in a terminal.
type Page struct {
	Lang    string // "en" or "zh"
	Lessons []Lesson
	Journal string // the file that it was read from
}

// Progress reads the learner's journal. The page is in the language given, otherwise in that of the notebook, otherwise in
// that of the environment. What was done in one language is done in all.
func Progress(lang ...string) (*Page, error) {
	p := &Page{Lang: language(append(lang, check.Lang()), os.Getenv)}
	var err error
	if p.Lessons, err = All(p.Lang); err != nil {
		return nil, err
	}
	journal, err := progress.Open()
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	tries, err := journal.Tries()
	if err != nil {
		return nil, fmt.Errorf("lessons: %w", err)
	}
	p.Journal = journal.Path()
	p.count(tries)
	return p, nil
}

// Reset forgets what was done. The old journal stays beside the new one until the next reset; its path is returned,
// empty if there was none.
func Reset() (kept string, err error) {
	journal, err := progress.Open()
	if err != nil {
		return "", fmt.Errorf("lessons: %w", err)
	}
	if kept, err = journal.Reset(); err != nil {
		return "", fmt.Errorf("lessons: %w", err)
	}
	return kept, nil
}

// language is the first of those given that is not empty, otherwise what the environment says of messages.
func language(given []string, env func(string) string) string {
	for _, lang := range given {
		if lang != "" {
			return lang
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} { // in the order of POSIX; the first that is set counts
		if locale := env(name); locale != "" {
			if strings.HasPrefix(locale, "zh") {
				return "zh"
			}
			break
		}
	}
	return "en"
}

// count puts tries into the lessons. Those of lessons and exercises that are gone are left out.
func (p *Page) count(tries []progress.Try) {
	exercises := map[[2]string]*Exercise{}
	for i, l := range p.Lessons {
		for k, e := range l.Exercises {
			exercises[[2]string{l.Name, e.Name}] = &p.Lessons[i].Exercises[k]
		}
	}
	for _, t := range tries {
		e := exercises[[2]string{t.Lesson, t.Exercise}]
		if e == nil || !e.Done.IsZero() {
			continue
		}
		e.Tries++
		if t.Done {
			e.Done = t.Time
		}
	}
}

// Next is the first exercise that is not done, and its lesson. ok is false when all are.
func (p *Page) Next() (l Lesson, e Exercise, ok bool) {
	for _, l := range p.Lessons {
		for _, e := range l.Exercises {
			if e.Done.IsZero() {
				return l, e, true
			}
		}
	}
	return Lesson{}, Exercise{}, false
}

// word chooses by the page's language.
func (p *Page) word(english, chinese string) string {
	if p.Lang == "zh" {
		return chinese
	}
	return english
}

// row is a lesson in words.
func (p *Page) row(l Lesson) []string {
	exercises := p.word("none", "没有")
	if n := len(l.Exercises); n > 0 {
		var dots strings.Builder
		for _, e := range l.Exercises {
			if e.Done.IsZero() {
				dots.WriteString("○")
			} else {
				dots.WriteString("●")
			}
		}
		exercises = fmt.Sprintf(p.word("%s %d of %d", "%s %d / %d"), &dots, l.Done(), n)
	}
	return []string{l.Name, l.Title, strings.TrimRight(l.Time, ".。"), exercises, fmt.Sprint(l.Tries())}
}

func (p *Page) header() []string {
	return []string{p.word("lesson", "课"), p.word("title", "标题"), p.word("runs in", "运行时间"), p.word("exercises", "练习"), p.word("tries", "次数")}
}

// next is the sentence on what to do, with the notebook named by name.
func (p *Page) next(name func(Lesson) string) string {
	l, e, ok := p.Next()
	if !ok {
		return p.word("Every exercise is done.", "练习全都做完了。")
	}
	return fmt.Sprintf(p.word("Next: “%s” in %s", "接下来：%[2]s 里的“%[1]s”"), e.Title, name(l))
}

func (p *Page) kept() string {
	return fmt.Sprintf(p.word("Noted on this machine only, in %s", "只记在这台机器上：%s"), p.Journal)
}

// String is the page for a terminal.
func (p *Page) String() string {
	t := &metric.Table{Header: p.header()}
	for _, l := range p.Lessons {
		t.Add(p.row(l)...)
	}
	return t.String() + "\n" + p.next(func(l Lesson) string { return "tunebook lab " + l.Notebook() }) + "\n" + p.kept() + "\n"
}

// HTML is the page for a notebook. Lessons are links to their notebooks, seen from a notebook beside them.
func (p *Page) HTML() string {
	link := func(l Lesson) string {
		return `<a href="../` + html.EscapeString(l.Notebook()) + `">` + html.EscapeString(l.Name) + "</a>"
	}
	var b strings.Builder
	b.WriteString("<table><thead><tr>")
	for _, h := range p.header() {
		b.WriteString(`<th style="text-align:left">` + html.EscapeString(h) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, l := range p.Lessons {
		b.WriteString("<tr>")
		for i, text := range p.row(l) {
			cell := html.EscapeString(text)
			switch i {
			case 0:
				cell = link(l)
			case 1:
				cell = `<span title="` + html.EscapeString(l.Summary) + `">` + cell + "</span>"
			case 3:
				var titles []string
				for _, e := range l.Exercises {
					titles = append(titles, e.Title)
				}
				cell = `<span title="` + html.EscapeString(strings.Join(titles, "; ")) + `">` + cell + "</span>"
			}
			b.WriteString(`<td style="text-align:left">` + cell + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table><p>")
	const here = "\x00" // escaping leaves it alone
	b.WriteString(strings.Replace(html.EscapeString(p.next(func(Lesson) string { return here })), here, p.nextLink(link), 1))
	b.WriteString(`<br><small>` + html.EscapeString(p.kept()) + "</small></p>")
	return b.String()
}

func (p *Page) nextLink(link func(Lesson) string) string {
	if l, _, ok := p.Next(); ok {
		return link(l)
	}
	return ""
}

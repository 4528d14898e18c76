package feedback

import (
	"fmt"
	"html"
	"strconv"
	"strings"
)

// Colours are those of the page, or greys with transparency, so that the view is at home on light and dark.
const (
	frame = "border:1px solid rgba(128,128,128,.45);border-radius:6px"
	badge = "display:inline-block;min-width:1.5em;padding:0 .3em;border-radius:4px;background:rgba(128,128,128,.22);text-align:center;font-weight:600"
	small = "opacity:.7;font-size:90%"
	text  = "white-space:pre-wrap;overflow-wrap:anywhere"
)

// HTML shows the candidates side by side, below each other where there is no room.
func (q Question) HTML() string {
	w := wordsOf(q.Lang)
	var b strings.Builder
	b.WriteString(`<div style="max-width:72em">`)
	if q.Note != "" {
		fmt.Fprintf(&b, `<div style="margin-bottom:.4em">%s</div>`, html.EscapeString(q.Note))
	}
	fmt.Fprintf(&b, `<div style="%s">%s</div>`, small, html.EscapeString(fmt.Sprintf(w.number, q.Number, q.Total)))
	fmt.Fprintf(&b, `<div style="margin:.3em 0 .6em;font-weight:600;%s">%s</div>`, text, html.EscapeString(q.Prompt))
	b.WriteString(`<div style="display:flex;flex-wrap:wrap;gap:.6em">`)
	for i, c := range q.Candidates {
		fmt.Fprintf(&b, `<div style="flex:1 1 14em;padding:.5em .7em;%s"><div style="margin-bottom:.35em"><span style="%s">%s</span> <span style="%s">%s</span></div><div style="%s">%s</div></div>`,
			frame, badge, strconv.Itoa(i+1), small, html.EscapeString(letter(i)), text, html.EscapeString(c.Text))
	}
	b.WriteString(`</div></div>`)
	return b.String()
}

// String is the same for a terminal.
func (q Question) String() string {
	w := wordsOf(q.Lang)
	var b strings.Builder
	if q.Note != "" {
		b.WriteString(q.Note + "\n")
	}
	fmt.Fprintf(&b, w.number+"\n%s\n", q.Number, q.Total, q.Prompt)
	for i, c := range q.Candidates {
		fmt.Fprintf(&b, "  %d (%s)  %s\n", i+1, letter(i), strings.ReplaceAll(c.Text, "\n", "\n         "))
	}
	return strings.TrimRight(b.String(), "\n")
}

func letter(i int) string { return string(rune('a' + i)) }

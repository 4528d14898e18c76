package runner

import (
	"html"
	"regexp"
	"strings"
)

var escape = regexp.MustCompile("\x1b\\[([0-9;]*)([A-Za-z])")

// terminal is terminal output as HTML: colours become spans, a carriage return starts its line again, and other control
// sequences are left out.
func terminal(text string) string {
	rows := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, row := range rows {
		row = strings.TrimRight(row, "\r")
		rows[i] = row[strings.LastIndexByte(row, '\r')+1:]
	}
	text = strings.Join(rows, "\n")
	var out strings.Builder
	open, at := false, 0
	for _, m := range escape.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(html.EscapeString(text[at:m[0]]))
		at = m[1]
		if text[m[4]:m[5]] != "m" {
			continue
		}
		if open {
			out.WriteString("</span>")
			open = false
		}
		if class := colour(text[m[2]:m[3]]); class != "" {
			out.WriteString(`<span class="` + class + `">`)
			open = true
		}
	}
	out.WriteString(html.EscapeString(text[at:]))
	if open {
		out.WriteString("</span>")
	}
	return out.String()
}

// colour is the class for the parameters of a colour sequence, empty for a reset.
func colour(parameters string) string {
	var classes []string
	for _, p := range strings.Split(parameters, ";") {
		switch {
		case p == "1" || p == "01":
			classes = append(classes, "bold")
		case len(p) == 2 && (p[0] == '3' || p[0] == '9') && p[1] >= '0' && p[1] <= '7':
			classes = append(classes, "ansi"+p[1:])
		}
	}
	return strings.Join(classes, " ")
}

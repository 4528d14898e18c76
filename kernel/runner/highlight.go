package runner

import (
	"go/scanner"
	"go/token"
	"html"
	"strings"
)

// highlight is Go source as HTML, with classes for what a reader looks for. Source that is not Go comes out unchanged.
func highlight(source string) string {
	source = strings.TrimRight(source, "\n")
	var s scanner.Scanner
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(source))
	s.Init(file, []byte(source), func(token.Position, string) {}, scanner.ScanComments)
	var out strings.Builder
	out.WriteString(`<pre class="code"><code>`)
	at := 0
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			break
		}
		class := classOf(tok)
		if class == "" || literal == "" && !tok.IsKeyword() {
			continue
		}
		from := file.Offset(pos)
		to := from + len(literal)
		if tok.IsKeyword() {
			to = from + len(tok.String())
		}
		if from < at || to > len(source) {
			continue // carriage returns shorten literals: better no colour than lost text
		}
		out.WriteString(html.EscapeString(source[at:from]))
		out.WriteString(`<span class="` + class + `">` + html.EscapeString(source[from:to]) + `</span>`)
		at = to
	}
	out.WriteString(html.EscapeString(source[at:]))
	out.WriteString("</code></pre>\n")
	return out.String()
}

func classOf(tok token.Token) string {
	switch {
	case tok.IsKeyword():
		return "k"
	case tok == token.COMMENT:
		return "c"
	case tok == token.STRING, tok == token.CHAR:
		return "s"
	case tok == token.INT, tok == token.FLOAT, tok == token.IMAG:
		return "n"
	}
	return ""
}

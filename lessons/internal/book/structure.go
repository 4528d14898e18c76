package book

import (
	"go/scanner"
	"go/token"
	"strings"
)

// Structure is the code of a cell without what is for its reader: no comments, no strings, no layout. Strings are put
// together in another order in every language, so the "+" and "," between them do not count either, nor does the name under
// which a figure knows something that is called otherwise (As in package plot).
func (c Cell) Structure() string {
	var s scanner.Scanner
	text := []byte(c.Text)
	s.Init(token.NewFileSet().AddFile("", -1, len(text)), text, nil, 0)
	var parts []string
	for {
		switch _, tok, lit := s.Scan(); tok {
		case token.EOF:
			return strings.Join(parts, " ")
		case token.STRING, token.CHAR, token.ADD, token.COMMA:
		case token.SEMICOLON:
			parts = append(parts, "\n")
		case token.COLON:
			if n := len(parts); n > 0 && parts[n-1] == "As" {
				parts = parts[:n-1]
				continue
			}
			parts = append(parts, tok.String())
		default:
			if lit == "" {
				lit = tok.String()
			}
			parts = append(parts, lit)
		}
	}
}

package book

import (
	"go/scanner"
	"go/token"
	"strings"
)

// Structure is the code of a cell without what is for its reader: no comments, no strings, no layout. Strings are put
// together in another order in every language, so the "+" and "," between them do not count either.
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
		default:
			if lit == "" {
				lit = tok.String()
			}
			parts = append(parts, lit)
		}
	}
}

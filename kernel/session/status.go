package session

import (
	"errors"
	"go/scanner"
	"go/token"
	"strings"
)

// IsComplete says whether code can run as it is: "complete", "incomplete" with the indent of the next line, or "invalid".
func (s *Session) IsComplete(code string) (status, indent string) {
	if strings.TrimSpace(code) == "" {
		return "complete", ""
	}
	depth, open := openBrackets(code)
	if depth > 0 || open {
		return "incomplete", strings.Repeat("\t", max(depth, 0))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	items := joined(split(code))
	declared, _ := declaredNames(code, items)
	_, err := s.assemble("input", code, items, nil, declared)
	if err == nil {
		return "complete", ""
	}
	var list scanner.ErrorList
	if errors.As(err, &list) && depth == 0 {
		last, _ := position(code, len(code))
		if list[0].Pos.Line >= last && endsOpen(code) {
			return "incomplete", "\t"
		}
	}
	return "invalid", ""
}

// openBrackets counts what is not closed; open is a string or comment without its end.
func openBrackets(code string) (depth int, open bool) {
	set := token.NewFileSet()
	var s scanner.Scanner
	s.Init(set.AddFile("", -1, len(code)), []byte(code), func(_ token.Position, message string) {
		open = open || message == "raw string literal not terminated" || message == "comment not terminated"
	}, 0)
	for {
		switch _, t, _ := s.Scan(); t {
		case token.EOF:
			return depth, open
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		}
	}
}

// endsOpen says whether the last token asks for more: an operator, a comma, or "else".
func endsOpen(code string) bool {
	set := token.NewFileSet()
	var s scanner.Scanner
	s.Init(set.AddFile("", -1, len(code)), []byte(code), func(token.Position, string) {}, 0)
	last := token.ILLEGAL
	for {
		_, t, text := s.Scan()
		switch {
		case t == token.EOF:
			return last.IsOperator() && last != token.INC && last != token.DEC && last != token.RPAREN && last != token.RBRACE && last != token.RBRACK ||
				last == token.ELSE || last == token.FUNC || last == token.VAR || last == token.TYPE || last == token.IMPORT
		case t == token.SEMICOLON && text == "\n":
		default:
			last = t
		}
	}
}

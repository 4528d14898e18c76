package session

import (
	"go/scanner"
	"go/token"
)

// item is one declaration of a cell, or some of its statements.
type item struct {
	kind       token.Token // IMPORT, TYPE, CONST, FUNC for what is hoisted to package level; ILLEGAL for a statement
	start, end int         // offsets into the code; end is after the last token
}

// split cuts code at the semicolons, written or implied, that stand outside all brackets. It never fails: what does not
// parse is found by the parser, with the words of the compiler.
func split(code string) []item {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(code))
	var s scanner.Scanner
	s.Init(file, []byte(code), func(token.Position, string) {}, 0)
	var items []item
	var tokens []token.Token // of the current item
	depth := 0
	start, end := 0, 0
	finish := func() {
		if len(tokens) > 0 {
			items = append(items, item{kindOf(tokens), start, end})
		}
		tokens = nil
	}
	for {
		pos, t, text := s.Scan()
		offset := file.Offset(pos)
		switch t {
		case token.EOF:
			finish()
			return items
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		case token.SEMICOLON:
			if depth <= 0 {
				depth = 0
				finish()
				continue
			}
		}
		if len(tokens) == 0 {
			start = offset
		}
		tokens = append(tokens, t)
		switch {
		case t == token.SEMICOLON && text == "\n":
		case text != "":
			end = offset + len(text)
		default:
			end = offset + len(t.String())
		}
		end = min(end, len(code))
	}
}

// joined puts statements that follow each other into one item. The header of a for or if has semicolons, too, so what
// split takes for a statement may be a part of one.
func joined(items []item) []item {
	var list []item
	for _, i := range items {
		if n := len(list); n > 0 && i.kind == token.ILLEGAL && list[n-1].kind == token.ILLEGAL {
			list[n-1].end = i.end
			continue
		}
		list = append(list, i)
	}
	return list
}

// kindOf tells declarations from statements. A method begins like a function literal: "func (", then what is in the
// brackets; only a method goes on with a name and another bracket.
func kindOf(tokens []token.Token) token.Token {
	switch tokens[0] {
	case token.IMPORT, token.TYPE, token.CONST:
		return tokens[0]
	case token.FUNC:
	default:
		return token.ILLEGAL
	}
	at := func(i int) token.Token {
		if i < len(tokens) {
			return tokens[i]
		}
		return token.EOF
	}
	if at(1) == token.IDENT {
		return token.FUNC
	}
	depth := 0
	for i := 1; i < len(tokens); i++ {
		switch tokens[i] {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			if depth--; depth == 0 {
				if at(i+1) == token.IDENT && at(i+2) == token.LPAREN {
					return token.FUNC
				}
				return token.ILLEGAL
			}
		}
	}
	return token.ILLEGAL
}

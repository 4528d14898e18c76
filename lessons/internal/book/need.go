package book

import (
	"go/scanner"
	"go/token"
	"slices"
)

// needed are the cells before an assignment that it cannot do without, in order: those that import something, and those
// that define a name that it, or a needed cell after them, uses. A name counts wherever it stands, so there may be too
// many of them, never too few. So trying out an exercise does not run the training that it does not use.
func (l *Lesson) needed(a Assignment) []Cell {
	wanted := map[string]bool{}
	want := func(c Cell) {
		_, uses := names(c.Text)
		for name := range uses {
			wanted[name] = true
		}
	}
	for _, c := range []Cell{a.Exercise, a.Check, a.Solution} {
		want(c)
	}
	end := slices.IndexFunc(l.Cells, func(c Cell) bool { return c.ID == a.Exercise.ID })
	var out []Cell
	for _, c := range slices.Backward(l.Cells[:end]) {
		if c.Role == Prose || c.Role == Check || c.Role == Solution {
			continue
		}
		defines, _ := names(c.Text)
		use := defines["import"]
		for name := range defines {
			use = use || wanted[name]
		}
		if use {
			want(c)
			out = append(out, c)
		}
	}
	slices.Reverse(out)
	return out
}

// names lists what a cell defines or changes outside of any braces, and all names that stand in it. A cell that imports defines
// "import", which is no name in Go.
func names(code string) (defines, uses map[string]bool) {
	defines, uses = map[string]bool{}, map[string]bool{}
	var s scanner.Scanner
	text := []byte(code)
	s.Init(token.NewFileSet().AddFile("", -1, len(text)), text, nil, 0)
	var statement []string // its names so far
	braces, parens, declares := 0, 0, false
	header := false // of a loop or a condition, whose names end with it
	define := func(names ...string) {
		for _, name := range names {
			if braces == 0 && !header {
				defines[name] = true
			}
		}
	}
	for was := token.SEMICOLON; ; {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return defines, uses
		case token.LBRACE:
			braces++
			declares, header = false, false
		case token.RBRACE:
			braces--
		case token.LPAREN:
			parens++
		case token.RPAREN:
			parens--
		case token.IMPORT:
			defines["import"] = true
		case token.FOR, token.IF, token.SWITCH, token.SELECT:
			header = true
		case token.VAR, token.CONST, token.TYPE, token.FUNC:
			declares = was == token.SEMICOLON // not the func of an expression
		case token.DEFINE, token.ASSIGN, token.INC, token.DEC:
			define(statement...)
		case token.SEMICOLON:
			statement, declares = nil, declares && parens > 0
		case token.IDENT:
			if was == token.PERIOD {
				break
			}
			uses[lit] = true
			statement = append(statement, lit)
			if declares {
				define(lit)
			}
		}
		was = tok
	}
}

package session

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/kernel/display"
)

// RunProgram runs a whole program, one file of package main, in s; a fresh session is what a program expects. name stands
// in errors. Functions called init are not run yet, and a program that has one is refused.
func (s *Session) RunProgram(ctx context.Context, code, name string, sink Sink) *Error {
	s.running.Lock()
	defer s.running.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	c, items, err := s.program(code, name)
	if err != nil {
		return finished(err)
	}
	p, err := s.prepareItems(c, items)
	if err != nil {
		return finished(err)
	}
	value, _, err := s.run(ctx, c, p, sink)
	if err == nil && !value.Empty() {
		_ = sink.Emit(display.Event{Kind: display.KindShow, Data: value})
	}
	return err
}

// program turns a file into a cell: variables in the order in which Go initializes them, then a call of main.
func (s *Session) program(code, name string) (Cell, []item, *Error) {
	c := Cell{Name: name, Number: 1}
	file, err := parser.ParseFile(s.set, name, code, parser.SkipObjectResolution)
	if err != nil {
		return c, nil, syntaxError(err, name)
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			at := s.set.Position(f.Pos())
			return c, nil, &Error{Name: Unsupported, Message: "functions called init are not run yet; call the code from main", Cell: name, Line: at.Line, Column: at.Column}
		}
	}
	info := newInfo()
	var failed []types.Error
	conf := types.Config{Importer: s.imports, Sizes: types.SizesFor("gc", runtime.GOARCH), Error: func(err error) {
		if e, ok := err.(types.Error); ok { //nolint:errorlint // go/types hands over this very type
			failed = append(failed, e)
		}
	}}
	if p, _ := conf.Check("main", s.set, []*ast.File{file}, info); len(failed) > 0 || p.Scope().Lookup("main") == nil {
		if len(failed) > 0 {
			return c, nil, compileError(s.set, failed)
		}
		return c, nil, &Error{Name: CompileError, Message: "function main is undeclared in the main package", Cell: name}
	}
	// The package clause becomes blanks, so that every place in the code stays where it is.
	clause := s.set.Position(file.Name.End()).Offset
	blank := strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, code[:clause])
	c.Code = blank + code[clause:] + "\nmain()\n"
	items := split(c.Code)
	rank := func(i item) int {
		if i.kind != token.ILLEGAL {
			return -1 // declarations first
		}
		for n, in := range info.InitOrder {
			for _, v := range in.Lhs {
				if at := s.set.Position(v.Pos()).Offset; at >= i.start && at < i.end {
					return n
				}
			}
		}
		if i.start >= len(code) { // the call of main
			return len(info.InitOrder) + 1
		}
		return 0
	}
	slices.SortStableFunc(items, func(a, b item) int { return rank(a) - rank(b) })
	return c, items, nil
}

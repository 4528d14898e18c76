package session

import (
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/kernel/session/lower"
)

// checked is a cell that the compiler would take, with the relaxations of a notebook.
type checked struct {
	src       *source
	info      *types.Info
	heads     *types.Scope // types, constants and signatures, and the statements
	bodies    *types.Scope // the code of functions, which sees the variables of the statements
	functions []*lower.Function
	variables []lower.Variable
	last      ast.Expr
	errors    []types.Error
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, Instances: map[*ast.Ident]types.Instance{},
	}
}

// check type-checks in two steps. In the first, functions have no code: it finds the types of variables, statement by
// statement, as in a function. In the second those variables stand at package level, and the code of functions is
// checked. Errors are in c.errors.
func (s *Session) check(src *source) *checked {
	c := &checked{src: src, info: newInfo()}
	if list := src.body.Body.List; len(list) > 0 {
		if x, ok := list[len(list)-1].(*ast.ExprStmt); ok {
			c.last = x.X
		}
	}
	statements := identsOf(variablesOf(src.body.Body.List))
	s.emptyMain()
	top := topLevel(src.file)
	for name, o := range s.scope.objects {
		if !top[name] {
			s.main.Scope().Insert(o)
		}
	}
	c.run(s, headsOf(src.file, top))
	c.heads = s.emptyMain()
	for _, id := range variablesOf(src.body.Body.List) {
		if local, ok := c.info.Defs[id].(*types.Var); ok {
			c.promote(s, local)
		}
	}
	for _, name := range c.heads.Names() {
		if name != bodyName && !statements[name] {
			s.main.Scope().Insert(c.heads.Lookup(name))
		}
	}
	c.run(s, c.bodiesOf(src.file))
	c.bodies = s.emptyMain()
	for _, f := range c.functions {
		f.Body.Object, _ = c.info.Defs[f.Body.Decl.Name].(*types.Func)
		f.Body.Source = c.source(s)
	}
	return c
}

// emptyMain empties the scope of the package of all cells and returns what was in it. Package and scope stay the same
// ones: to the type checker an unexported field belongs to the package that declared it, so with a package for each cell a
// later one could not write pair{1, 2}, and it takes a type whose parent is another scope for one declared in a function.
func (s *Session) emptyMain() *types.Scope {
	before := *s.main.Scope()
	*s.main.Scope() = *types.NewScope(types.Universe, token.NoPos, token.NoPos, "cells")
	return &before
}

func (c *checked) source(s *Session) *lower.Source {
	return &lower.Source{Package: s.main, Info: c.info, Set: s.set}
}

func identsOf(ids []*ast.Ident) map[string]bool {
	names := map[string]bool{}
	for _, id := range ids {
		names[id.Name] = true
	}
	return names
}

func (c *checked) run(s *Session, file *ast.File) {
	conf := types.Config{
		Importer: s.imports, Sizes: types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) && !c.relaxed(e) && !c.known(e) {
				c.errors = append(c.errors, e)
			}
		},
	}
	defer func() { // a fault of the type checker must cost a cell, not the kernel with everything in it
		if fault := recover(); fault != nil {
			c.errors = append(c.errors, types.Error{Fset: s.set, Pos: c.src.body.Body.Rbrace, Msg: fmt.Sprintf("the type checker fails on this cell: %v", fault)})
		}
	}()
	_ = types.NewChecker(&conf, s.set, s.main, c.info).Files([]*ast.File{file}) // errors go to conf.Error
}

// relaxed says which errors of the compiler a notebook does without: variables and imports may be unused, since a later
// cell can use them, and the last expression is shown.
func (c *checked) relaxed(e types.Error) bool {
	switch {
	case strings.HasPrefix(e.Msg, "declared and not used"), strings.HasSuffix(e.Msg, "imported and not used"),
		strings.Contains(e.Msg, " imported as ") && strings.HasSuffix(e.Msg, "and not used"):
		return true
	case strings.HasSuffix(e.Msg, "is not used"):
		return c.last != nil && e.Pos >= c.last.Pos() && e.Pos < c.last.End()
	}
	return false
}

// known drops what the second step finds again.
func (c *checked) known(e types.Error) bool {
	for _, k := range c.errors {
		if k.Pos == e.Pos && k.Msg == e.Msg || strings.HasPrefix(e.Msg, "\t") {
			return true
		}
	}
	return false
}

// promote gives a variable of the statements its place at package level. One that an earlier cell declared with the same
// type is the same variable: functions of that cell see the new value.
func (c *checked) promote(s *Session, local *types.Var) {
	if basic, ok := local.Type().(*types.Basic); ok && basic.Kind() == types.Invalid {
		return
	}
	global := types.NewVar(local.Pos(), s.main, local.Name(), local.Type())
	if s.main.Scope().Insert(global) != nil {
		return // the checker has reported it
	}
	v := lower.Variable{Objects: []types.Object{local, global}}
	if old, ok := s.scope.objects[local.Name()].(*types.Var); ok && types.Identical(old.Type(), local.Type()) {
		v.Name = s.lowerer.Variable(old)
	}
	c.variables = append(c.variables, v)
}

// headsOf is the file with functions that have no code of their own.
func headsOf(file *ast.File, top map[string]bool) *ast.File {
	heads := *file
	heads.Decls = make([]ast.Decl, len(file.Decls))
	for i, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			d = bracketed(g, top)
		}
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name != bodyName && f.Body != nil {
			head := *f
			// A loop without end needs no return and mentions no name.
			head.Body = &ast.BlockStmt{Lbrace: f.Body.Lbrace, List: []ast.Stmt{&ast.ForStmt{For: f.Body.Lbrace, Body: &ast.BlockStmt{}}}, Rbrace: f.Body.Rbrace}
			d = &head
		}
		heads.Decls[i] = d
	}
	return &heads
}

// bracketed writes type B A as type B (A) where an earlier cell declared A. In its search for cycles the type checker
// follows plain names to their declarations and fails on one that no file has.
func bracketed(g *ast.GenDecl, top map[string]bool) *ast.GenDecl {
	copied := *g
	copied.Specs = make([]ast.Spec, len(g.Specs))
	for i, spec := range g.Specs {
		t := *spec.(*ast.TypeSpec)
		if id, ok := t.Type.(*ast.Ident); ok && !top[id.Name] {
			t.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
		}
		copied.Specs[i] = &t
	}
	return &copied
}

// bodiesOf is a file with the code of all functions. Their names are new, for the functions themselves are known from the
// first step; a method becomes a function of its receiver.
func (c *checked) bodiesOf(file *ast.File) *ast.File {
	bodies := *file
	bodies.Decls = nil
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				bodies.Decls = append(bodies.Decls, d)
			}
		case *ast.FuncDecl:
			if d.Name.Name == bodyName || d.Body == nil {
				continue
			}
			b := &lower.Body{Decl: bodyOf(file, d), Method: d.Recv != nil}
			bodies.Decls = append(bodies.Decls, b.Decl)
			if o, ok := c.info.Defs[d.Name].(*types.Func); ok {
				c.functions = append(c.functions, &lower.Function{Object: o, Body: b})
			}
		}
	}
	return &bodies
}

func bodyOf(file *ast.File, d *ast.FuncDecl) *ast.FuncDecl {
	t := *d.Type
	name := "tb_body_" + d.Name.Name
	if d.Recv != nil && len(d.Recv.List) > 0 {
		receiver := d.Recv.List[0]
		name += "_" + receiverName(receiver.Type)
		t.Params = &ast.FieldList{Opening: t.Params.Opening, List: withReceiver(receiver, t.Params.List), Closing: t.Params.Closing}
		t.TypeParams = receiverParameters(file, receiver.Type)
	} else if d.Name.Name == "init" || d.Name.Name == "_" {
		name = "_"
	}
	return &ast.FuncDecl{Name: &ast.Ident{NamePos: d.Name.NamePos, Name: name}, Type: &t, Body: d.Body}
}

// withReceiver puts the receiver before the parameters. One list cannot have names for some and none for others, which a
// receiver and its parameters may: those without are called _.
func withReceiver(receiver *ast.Field, params []*ast.Field) []*ast.Field {
	fields := append([]*ast.Field{receiver}, params...)
	if !slices.ContainsFunc(fields, func(f *ast.Field) bool { return len(f.Names) > 0 }) {
		return fields
	}
	for i, f := range fields {
		if len(f.Names) == 0 {
			named := *f
			named.Names = []*ast.Ident{{NamePos: f.Type.Pos(), Name: "_"}}
			fields[i] = &named
		}
	}
	return fields
}

// receiverParameters declares the type parameters of a generic receiver, with the constraints of its type.
func receiverParameters(file *ast.File, receiver ast.Expr) *ast.FieldList {
	var names []ast.Expr
	x := receiver
	for names == nil {
		switch t := x.(type) {
		case *ast.StarExpr:
			x = t.X
		case *ast.ParenExpr:
			x = t.X
		case *ast.IndexExpr:
			names = []ast.Expr{t.Index}
		case *ast.IndexListExpr:
			names = t.Indices
		default:
			return nil
		}
	}
	constraints := constraintsOf(file, receiverName(receiver))
	fields := &ast.FieldList{}
	for i, n := range names {
		id, ok := n.(*ast.Ident)
		if !ok || i >= len(constraints) {
			return nil // the checker reports it
		}
		fields.List = append(fields.List, &ast.Field{Names: []*ast.Ident{{NamePos: id.NamePos, Name: id.Name}}, Type: constraints[i]})
	}
	return fields
}

func constraintsOf(file *ast.File, name string) []ast.Expr {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			t := spec.(*ast.TypeSpec)
			if t.Name.Name != name || t.TypeParams == nil {
				continue
			}
			var constraints []ast.Expr
			for _, f := range t.TypeParams.List {
				for range f.Names {
					constraints = append(constraints, f.Type)
				}
			}
			return constraints
		}
	}
	return nil
}

// topLevel are the names that a file declares.
func topLevel(file *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						names[id.Name] = true
					}
				}
			}
		}
	}
	return names
}

// compileError is the first error, as the compiler words it; the others follow in the traceback.
func compileError(set *token.FileSet, list []types.Error) *Error {
	first := set.Position(list[0].Pos)
	e := &Error{Name: CompileError, Message: list[0].Msg, Cell: first.Filename, Line: first.Line, Column: first.Column}
	for _, k := range list {
		e.Traceback = append(e.Traceback, set.Position(k.Pos).String()+": "+k.Msg)
	}
	return e
}

// syntaxError is what the parser says.
func syntaxError(err error, name string) *Error {
	e := &Error{Name: CompileError, Message: err.Error(), Cell: name}
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		e.Message, e.Cell, e.Line, e.Column = list[0].Msg, list[0].Pos.Filename, list[0].Pos.Line, list[0].Pos.Column
		for _, k := range list {
			e.Traceback = append(e.Traceback, k.Pos.String()+": "+k.Msg)
		}
	}
	return e
}

package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
)

// bodyName is the function that holds the statements of a cell while it is checked.
const bodyName = "tb_cell"

// source is a cell as a Go file, with what earlier cells contribute.
type source struct {
	name  string
	code  string
	items []item
	file  *ast.File
	body  *ast.FuncDecl
	again []*piece // from earlier cells, read again
}

// assemble writes a cell as one file. Comments of the form //line keep every position that of the cell.
func (s *Session) assemble(name, code string, items []item, again []*piece, declared map[string]bool) (*source, error) {
	var b strings.Builder
	b.WriteString("package main\n")
	src := &source{name: name, code: code, items: items, again: again}
	write := func(i item) {
		line, column := position(code, i.start)
		fmt.Fprintf(&b, "//line %s:%d:%d\n%s\n", name, line, column, code[i.start:i.end])
	}
	own := importNames(code, items)
	for _, n := range slices.Sorted(maps.Keys(s.scope.imports)) {
		if !own[n] && !declared[n] {
			fmt.Fprintf(&b, "import %s %q\n", n, s.scope.imports[n])
		}
	}
	for _, i := range items {
		if i.kind == token.IMPORT {
			write(i)
		}
	}
	for _, p := range again {
		for _, part := range append([]*piece{p}, p.methods...) {
			if part == p && part.text == "" {
				continue
			}
			fmt.Fprintf(&b, "//line %s:%d:%d\n%s\n", part.at.cell, part.at.line, part.at.column, part.text)
		}
	}
	for _, i := range items {
		if i.kind != token.IMPORT && i.kind != token.ILLEGAL {
			write(i)
		}
	}
	fmt.Fprintf(&b, "func %s() {\n", bodyName)
	for _, i := range items {
		if i.kind == token.ILLEGAL {
			write(i)
		}
	}
	line, column := position(code, len(code))
	fmt.Fprintf(&b, "//line %s:%d:%d\n}\n", name, line, column)
	file, err := parser.ParseFile(s.set, "", b.String(), parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	src.file = file
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == bodyName && f.Recv == nil {
			src.body = f
		}
	}
	return src, nil
}

// position counts lines and bytes from one, as the compiler does.
func position(code string, offset int) (line, column int) {
	before := code[:offset]
	return strings.Count(before, "\n") + 1, offset - strings.LastIndexByte(before, '\n')
}

// importNames are the names that the cell itself imports, as far as they can be told without reading packages.
func importNames(code string, items []item) map[string]bool {
	names := map[string]bool{}
	for _, i := range items {
		if i.kind != token.IMPORT {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code[i.start:i.end], parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, spec := range f.Imports {
			if spec.Name != nil {
				names[spec.Name.Name] = true
			} else {
				names[packageName(strings.Trim(spec.Path.Value, "\"`"))] = true
			}
		}
	}
	return names
}

// packageName guesses the name of a package from its path: the last element, or the one before a version.
func packageName(p string) string {
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(p))
	}
	return base
}

// declaredNames are the package-level names that the items of a cell declare, without those of statements.
func declaredNames(code string, items []item) (names map[string]bool, receivers map[string]bool) {
	names, receivers = map[string]bool{}, map[string]bool{}
	for _, i := range items {
		if i.kind == token.IMPORT || i.kind == token.ILLEGAL {
			for _, id := range defined(code[i.start:i.end]) {
				names[id] = true
			}
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code[i.start:i.end], parser.SkipObjectResolution)
		if f == nil || err != nil {
			continue
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				} else if len(d.Recv.List) > 0 {
					receivers[receiverName(d.Recv.List[0].Type)] = true
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
	}
	delete(names, "_")
	return names, receivers
}

// defined are the variables that a statement declares.
func defined(text string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+text+"\n}", parser.SkipObjectResolution)
	if err != nil || len(f.Decls) == 0 {
		return nil
	}
	body, ok := f.Decls[0].(*ast.FuncDecl)
	if !ok || body.Body == nil {
		return nil
	}
	var names []string
	for _, id := range variablesOf(body.Body.List) {
		names = append(names, id.Name)
	}
	return names
}

// variablesOf are the identifiers that statements may define at their own level.
func variablesOf(list []ast.Stmt) []*ast.Ident {
	var ids []*ast.Ident
	for _, s := range list {
		for {
			l, ok := s.(*ast.LabeledStmt)
			if !ok {
				break
			}
			s = l.Stmt
		}
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				continue
			}
			for _, x := range s.Lhs {
				if id, ok := x.(*ast.Ident); ok {
					ids = append(ids, id)
				}
			}
		case *ast.DeclStmt:
			d := s.Decl.(*ast.GenDecl)
			if d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				ids = append(ids, spec.(*ast.ValueSpec).Names...)
			}
		}
	}
	return slices.DeleteFunc(ids, func(id *ast.Ident) bool { return id.Name == "_" })
}

func receiverName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiverName(x.X)
	case *ast.ParenExpr:
		return receiverName(x.X)
	case *ast.IndexExpr:
		return receiverName(x.X)
	case *ast.IndexListExpr:
		return receiverName(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// record makes what a cell declares part of the scope.
func (s *Session) record(next *scope, src *source, c *checked) {
	names := topLevel(src.file)
	for name := range names {
		if name == bodyName || name == "_" || name == "init" {
			continue
		}
		if o := c.heads.Lookup(name); o != nil {
			next.objects[name] = o
			delete(next.gone, name)
		}
	}
	for _, v := range c.variables {
		name := v.Objects[1].Name()
		next.objects[name] = v.Objects[1]
		delete(next.pieces, name)
		delete(next.gone, name)
	}
	if o, ok := next.objects["ctx"].(*types.Var); ok && types.TypeString(o.Type(), nil) == "context.Context" {
		delete(next.objects, "ctx") // each cell has its own
	}
	for _, spec := range src.file.Imports {
		path := strings.Trim(spec.Path.Value, "\"`")
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		} else if p := s.imports.known[path]; p != nil {
			name = p.Name()
		}
		if name != "" && name != "_" && name != "." {
			next.imports[name] = path
		}
	}
	for name := range names {
		delete(next.imports, name)
	}
	for _, v := range c.variables {
		delete(next.imports, v.Objects[0].Name())
	}
	renewed := map[string]*piece{}
	for _, p := range src.again {
		copied := *p
		renewed[p.name] = &copied
	}
	maps.Copy(renewed, piecesOf(src, renewed, next))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		delete(next.pieces, name)
	}
	maps.Copy(next.pieces, renewed)
}

// piecesOf reads the declarations of the cell itself; methods for a type in renewed go there.
func piecesOf(src *source, renewed map[string]*piece, known *scope) map[string]*piece {
	pieces := map[string]*piece{}
	var methods []*ast.FuncDecl
	texts := map[*ast.FuncDecl]*piece{}
	for _, i := range src.items {
		if i.kind != token.TYPE && i.kind != token.FUNC {
			continue
		}
		set := token.NewFileSet()
		const header = "package p\n"
		file, err := parser.ParseFile(set, "", header+src.code[i.start:i.end], 0) // with the old resolution of names
		if err != nil {
			continue
		}
		cut := func(n ast.Node, prefix string) (string, place) {
			start, end := set.Position(n.Pos()).Offset-len(header)+i.start, set.Position(n.End()).Offset-len(header)+i.start
			line, column := position(src.code, start)
			return prefix + src.code[start:end], place{src.name, line, max(column-len(prefix), 1)}
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					t := spec.(*ast.TypeSpec)
					p := &piece{name: t.Name.Name, head: identifiers(file, t.Type)}
					if t.TypeParams != nil {
						maps.Copy(p.head, identifiers(file, t.TypeParams))
					}
					delete(p.head, p.name)
					p.text, p.at = cut(t, "type ")
					pieces[p.name] = p
				}
			case *ast.FuncDecl:
				p := &piece{name: d.Name.Name, function: true, signature: signatureText(d), head: identifiers(file, d.Type)}
				if d.Body != nil {
					p.body = identifiers(file, d.Body)
				}
				p.text, p.at = cut(d, "")
				if d.Recv != nil {
					methods, texts[d] = append(methods, d), p
				} else if p.name != "init" && p.name != "_" {
					delete(p.body, p.name)
					pieces[p.name] = p
				}
			}
		}
	}
	for _, d := range methods {
		if len(d.Recv.List) == 0 {
			continue
		}
		owner := receiverName(d.Recv.List[0].Type)
		if pieces[owner] == nil && renewed[owner] == nil {
			owner = known.owner(owner)
		}
		t := pieces[owner]
		if t == nil {
			t = renewed[owner]
		}
		if t != nil {
			t.methods = append(slices.Clip(t.methods), texts[d])
		}
	}
	return pieces
}

// outdated warns of variables whose type was declared again: they keep the old one.
func (s *Session) outdated(before, next *scope, c *checked) []string {
	renewed := map[*types.TypeName]bool{}
	for name := range topLevel(c.src.file) {
		if o, ok := before.objects[name].(*types.TypeName); ok && next.objects[name] != o {
			renewed[o] = true
		}
	}
	if len(renewed) == 0 {
		return nil
	}
	var notes []string
	for _, name := range slices.Sorted(maps.Keys(next.objects)) {
		v, ok := next.objects[name].(*types.Var)
		if !ok || before.objects[name] != v {
			continue
		}
		for o := range renewed {
			if mentions(v.Type(), o, map[types.Type]bool{}) {
				notes = append(notes, fmt.Sprintf("note: %s still has the %s of an earlier cell; run the cell that made it again", name, o.Name()))
				break
			}
		}
	}
	return notes
}

// mentions says whether t is built with o.
func mentions(t types.Type, o *types.TypeName, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return false
	}
	seen[t] = true
	again := func(t types.Type) bool { return mentions(t, o, seen) }
	switch t := t.(type) {
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			if again(a) {
				return true
			}
		}
		return t.Obj() == o || t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == "main" && again(t.Underlying())
	case *types.Pointer:
		return again(t.Elem())
	case *types.Slice:
		return again(t.Elem())
	case *types.Array:
		return again(t.Elem())
	case *types.Chan:
		return again(t.Elem())
	case *types.Map:
		return again(t.Key()) || again(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if again(f.Type()) {
				return true
			}
		}
	case *types.Signature:
		for v := range t.Params().Variables() {
			if again(v.Type()) {
				return true
			}
		}
		for v := range t.Results().Variables() {
			if again(v.Type()) {
				return true
			}
		}
	}
	return false
}

// names are those that cells declared, sorted.
func (s *Session) names() []string {
	var names []string
	for name, o := range s.scope.objects {
		if name != "ctx" && s.lowerer.Variable(o) != predeclaredDisplay {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

package session

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/kernel/session/lower"
)

// prepared is a cell that can run.
type prepared struct {
	text   lower.Text
	notes  []string
	commit func() // makes what it declares known to later cells
}

// prepare checks and lowers a cell. It returns nil for a cell with nothing in it.
func (s *Session) prepare(c Cell) (*prepared, *Error) {
	items := joined(split(c.Code))
	if len(items) == 0 {
		return nil, nil
	}
	return s.prepareItems(c, items)
}

func (s *Session) prepareItems(c Cell, items []item) (*prepared, *Error) {
	p := &prepared{}
	next := s.scope.clone()
	declared, receivers := declaredNames(c.Code, items)
	p.notes = s.addImports(c.Code, declared, next)
	before := s.scope
	s.scope = next // what assemble and check read
	defer func() { s.scope = before }()
	again := s.again(next, c, items, declared, receivers)
	var src *source
	var result *checked
	for {
		var err error
		if src, err = s.assemble(c.name(), c.Code, items, again, declared); err != nil {
			return nil, syntaxError(err, c.name())
		}
		result = s.check(src)
		if len(result.errors) == 0 {
			break
		}
		broken := brokenPiece(s.set, result.errors, c.name(), again)
		if broken == nil {
			return nil, s.explain(compileError(s.set, result.errors), next)
		}
		again = slices.DeleteFunc(again, func(p *piece) bool { return p == broken })
		why := result.errors[0].Msg
		p.notes = append(p.notes, fmt.Sprintf("note: %s (%s) does not fit what this cell declares and is gone: %s", broken.name, broken.at.cell, why))
		delete(next.objects, broken.name)
		delete(next.pieces, broken.name)
		next.gone[broken.name] = why
	}
	if c.Silent && len(items) > 0 {
		p.notes = nil
	}
	cell := lower.Cell{
		Source: result.source(s), Number: c.Number, Functions: result.functions, Variables: result.variables,
		Types: typesOf(result), Body: src.body.Body, Last: result.last,
	}
	if result.last != nil {
		body := *src.body.Body
		body.List = body.List[:len(body.List)-1]
		cell.Body = &body
	}
	s.keepIdentity(before, result)
	text, err := s.lowerer.Lower(cell)
	if err != nil {
		s.lowerer.Rollback()
		return nil, &Error{Name: Unsupported, Message: err.Error(), Cell: c.name()}
	}
	p.text = text
	s.record(next, src, result)
	p.notes = append(p.notes, s.outdated(before, next, result)...)
	p.commit = func() { s.scope = next }
	return p, nil
}

// again are the pieces of earlier cells that this cell makes the checker read again.
func (s *Session) again(next *scope, c Cell, items []item, declared, receivers map[string]bool) []*piece {
	changed := maps.Clone(declared)
	for name := range declared { // a function with the signature it had is the same function to its callers
		if p := next.pieces[name]; p != nil && p.function && !p.headRefers(declared) && p.signature == signatureIn(c.Code, items, name) {
			delete(changed, name)
		}
	}
	var list []*piece
	for receiver := range receivers { // new methods for a type of an earlier cell
		name := next.owner(receiver)
		p := next.pieces[name]
		if p == nil || declared[name] {
			continue
		}
		renewed := *p
		replaced := methodNames(c.Code, items, receiver)
		renewed.methods = slices.DeleteFunc(slices.Clone(p.methods), func(m *piece) bool { return replaced[m.name] })
		list = append(list, &renewed)
		changed[name] = true
	}
	have := identsOfPieces(list)
	for _, p := range next.affected(changed) {
		if !have[p.name] && !declared[p.name] {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *piece) int { return strings.Compare(a.name, b.name) })
	return list
}

func identsOfPieces(list []*piece) map[string]bool {
	names := map[string]bool{}
	for _, p := range list {
		names[p.name] = true
	}
	return names
}

// functionsIn are the functions and methods that items declare.
func functionsIn(code string, items []item) []*ast.FuncDecl {
	var list []*ast.FuncDecl
	for _, i := range items {
		if i.kind != token.FUNC {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code[i.start:i.end], parser.SkipObjectResolution)
		if err != nil || len(f.Decls) == 0 {
			continue
		}
		if d, ok := f.Decls[0].(*ast.FuncDecl); ok {
			list = append(list, d)
		}
	}
	return list
}

func signatureIn(code string, items []item, name string) string {
	for _, d := range functionsIn(code, items) {
		if d.Recv == nil && d.Name.Name == name {
			return signatureText(d)
		}
	}
	return ""
}

func methodNames(code string, items []item, receiver string) map[string]bool {
	names := map[string]bool{}
	for _, d := range functionsIn(code, items) {
		if d.Recv != nil && len(d.Recv.List) > 0 && receiverName(d.Recv.List[0].Type) == receiver {
			names[d.Name.Name] = true
		}
	}
	return names
}

func signatureText(d *ast.FuncDecl) string {
	var b bytes.Buffer
	_ = format.Node(&b, token.NewFileSet(), d.Type) // a parsed type always prints
	return b.String()
}

// brokenPiece is the piece of an earlier cell that the first error is in, nil if it is in the cell itself.
func brokenPiece(set *token.FileSet, list []types.Error, name string, again []*piece) *piece {
	for _, e := range list {
		at := set.Position(e.Pos)
		if at.Filename == name {
			return nil
		}
		for _, p := range again {
			for _, part := range append([]*piece{p}, p.methods...) {
				last := part.at.line + strings.Count(part.text, "\n")
				if part.at.cell == at.Filename && at.Line >= part.at.line && at.Line <= last {
					return p
				}
			}
		}
	}
	return nil
}

// explain adds why a name is unknown, where a later cell took it away.
func (s *Session) explain(e *Error, next *scope) *Error {
	if name, ok := strings.CutPrefix(e.Message, "undefined: "); ok {
		if why := next.gone[name]; why != "" {
			e.Message += " (a later cell broke it: " + why + ")"
		}
	}
	return e
}

// keepIdentity lets functions that are declared again with the same type keep the variable that their callers know.
func (s *Session) keepIdentity(before *scope, c *checked) {
	for _, f := range c.functions {
		if f.Body.Method {
			continue
		}
		old, ok := before.objects[f.Object.Name()].(*types.Func)
		if ok && sameSignature(old.Signature(), f.Object.Signature()) {
			f.Name = s.lowerer.Variable(old)
		}
	}
	for i, v := range c.variables {
		if strings.Contains(v.Name, "(") { // ctx
			c.variables[i].Name = ""
		}
	}
}

func sameSignature(a, b *types.Signature) bool {
	if n := a.TypeParams().Len(); n != b.TypeParams().Len() {
		return false
	} else if n > 0 {
		return types.TypeString(a, nil) == types.TypeString(b, nil)
	}
	return types.Identical(a, b)
}

// typesOf are the types declared by a cell, in the order of their names. Generic ones come when they are instantiated.
func typesOf(c *checked) []*types.Named {
	var list []*types.Named
	names := topLevel(c.src.file)
	for _, name := range c.heads.Names() {
		o, ok := c.heads.Lookup(name).(*types.TypeName)
		if !ok || o.IsAlias() || !names[name] {
			continue
		}
		if t, ok := o.Type().(*types.Named); ok && t.TypeParams().Len() == 0 {
			if i, ok := t.Underlying().(*types.Interface); ok && !i.IsMethodSet() {
				continue // a constraint
			}
			list = append(list, t)
		}
	}
	return list
}

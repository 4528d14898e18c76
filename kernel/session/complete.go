package session

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Completion is one way to go on.
type Completion struct {
	Text string
	Type string // "function", "type", "variable", "constant", "field", "method", "module", "keyword"
}

// Completions replace the bytes of the code from Start to End.
type Completions struct {
	Matches    []Completion
	Start, End int
}

// Complete lists what can stand at byte pos of code, by type.
func (s *Session) Complete(code string, pos int) Completions {
	s.mu.Lock()
	defer s.mu.Unlock()
	pos = max(0, min(pos, len(code)))
	start, base, selected := before(code, pos)
	found := Completions{Start: start, End: pos}
	prefix := code[start:pos]
	p := s.knowledge(code, start)
	add := func(text, kind string) {
		if strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix)) && text != "_" {
			found.Matches = append(found.Matches, Completion{text, kind})
		}
	}
	if selected {
		s.members(p, base, add)
	} else {
		for _, scope := range []*types.Scope{p.Scope(), types.Universe} {
			for _, name := range scope.Names() {
				add(name, kindOfObject(scope.Lookup(name)))
			}
		}
		for t := token.BREAK; t <= token.VAR; t++ {
			add(t.String(), "keyword")
		}
	}
	exact := func(c Completion) int {
		if strings.HasPrefix(c.Text, prefix) {
			return 0
		}
		return 1
	}
	slices.SortFunc(found.Matches, func(a, b Completion) int {
		if d := exact(a) - exact(b); d != 0 {
			return d
		}
		return strings.Compare(a.Text, b.Text)
	})
	found.Matches = slices.Compact(found.Matches)
	return found
}

// members are the names that can be selected from base.
func (s *Session) members(p *types.Package, base string, add func(text, kind string)) {
	value, o, ok := s.valueOf(p, base)
	if !ok {
		return
	}
	if name, ok := o.(*types.PkgName); ok {
		scope := name.Imported().Scope()
		for _, n := range scope.Names() {
			if token.IsExported(n) {
				add(n, kindOfObject(scope.Lookup(n)))
			}
		}
		return
	}
	if value.Type == nil {
		return
	}
	visible := func(o types.Object) bool {
		return o.Exported() || o.Pkg() != nil && o.Pkg().Path() == "main"
	}
	t := value.Type
	if _, pointer := t.Underlying().(*types.Pointer); !pointer && !types.IsInterface(t) {
		t = types.NewPointer(t) // a variable has the methods of its address, too
	}
	set := types.NewMethodSet(t)
	for m := range set.Methods() {
		if visible(m.Obj()) {
			add(m.Obj().Name(), "method")
		}
	}
	fields(value.Type, func(f *types.Var) {
		if visible(f) {
			add(f.Name(), "field")
		}
	}, map[types.Type]bool{})
}

// fields visits the fields of a struct and those of its embedded structs.
func fields(t types.Type, visit func(*types.Var), seen map[types.Type]bool) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || seen[t] {
		return
	}
	seen[t] = true
	for f := range s.Fields() {
		visit(f)
		if f.Embedded() {
			fields(f.Type(), visit, seen)
		}
	}
}

func kindOfObject(o types.Object) string {
	switch o.(type) {
	case *types.PkgName:
		return "module"
	case *types.TypeName:
		return "type"
	case *types.Func, *types.Builtin:
		return "function"
	case *types.Const, *types.Nil:
		return "constant"
	}
	return "variable"
}

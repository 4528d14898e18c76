package session

import (
	"go/ast"
	"go/types"
	"maps"
)

// place is where a piece of code stands.
type place struct {
	cell         string
	line, column int
}

// piece is a declared type, with its methods, or a function, as later cells may have to read it again: when something it
// refers to is declared anew.
type piece struct {
	name      string
	text      string
	at        place
	function  bool
	signature string          // of a function, as text
	head      map[string]bool // names that the type or the signature refers to
	body      map[string]bool // names that the code refers to
	methods   []*piece        // of a type
}

// refers says whether p refers to one of names.
func (p *piece) refers(names map[string]bool) bool {
	for name := range names {
		if p.head[name] || p.body[name] {
			return true
		}
	}
	for _, m := range p.methods {
		if m.refers(names) {
			return true
		}
	}
	return false
}

// headRefers says whether what other code sees of p refers to one of names.
func (p *piece) headRefers(names map[string]bool) bool {
	for name := range names {
		if p.head[name] {
			return true
		}
	}
	return false
}

// scope is what earlier cells left behind. It is replaced as a whole, so that a failed cell changes nothing.
type scope struct {
	objects map[string]types.Object
	imports map[string]string // name → path
	pieces  map[string]*piece
	gone    map[string]string // declarations that a later one broke, and why
}

func newScope() *scope {
	return &scope{
		objects: map[string]types.Object{}, imports: map[string]string{}, pieces: map[string]*piece{}, gone: map[string]string{},
	}
}

func (s *scope) clone() *scope {
	return &scope{
		objects: maps.Clone(s.objects), imports: maps.Clone(s.imports), pieces: maps.Clone(s.pieces), gone: maps.Clone(s.gone),
	}
}

// owner is the name of the type that a method with receiver name belongs to: an alias of an earlier cell has none itself.
func (s *scope) owner(name string) string {
	if o, ok := s.objects[name].(*types.TypeName); ok && o.IsAlias() {
		if t, ok := types.Unalias(o.Type()).(*types.Named); ok && s.objects[t.Obj().Name()] == t.Obj() {
			return t.Obj().Name()
		}
	}
	return name
}

// affected are the pieces that must be read again when names are declared anew, in no order. A function whose signature
// stays keeps its identity, so its callers are not affected.
func (s *scope) affected(names map[string]bool) []*piece {
	changed := maps.Clone(names)
	taken := map[string]bool{}
	var found []*piece
	for again := true; again; {
		again = false
		for name, p := range s.pieces {
			if taken[name] || names[name] || !p.refers(changed) {
				continue
			}
			taken[name], again = true, true
			found = append(found, p)
			if !p.function || p.headRefers(changed) {
				changed[name] = true
			}
		}
	}
	return found
}

// identifiers collects the names in n that may be declared elsewhere: not those that are selected from something, nor the
// parameters and variables of file's own functions. Names must have been resolved when file was parsed.
func identifiers(file *ast.File, n ast.Node) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			maps.Copy(names, identifiers(file, n.X))
			return false
		case *ast.Ident:
			if n.Obj == nil || file.Scope.Objects[n.Name] == n.Obj {
				names[n.Name] = true
			}
		}
		return true
	})
	return names
}

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

// addImports imports the packages that a cell uses without having imported them, where the name leaves no doubt.
func (s *Session) addImports(code string, declared map[string]bool, next *scope) (notes []string) {
	if s.options.Packages == nil {
		return nil
	}
	wanted := map[string]bool{}
	own := importNames(code, split(code))
	for name := range selectedFrom(code) {
		if !declared[name] && !own[name] && next.objects[name] == nil && next.imports[name] == "" && types.Universe.Lookup(name) == nil {
			wanted[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if path := s.packageNamed(name); path != "" {
			next.imports[name] = path
			if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") { // of the standard library nobody needs to be told
				notes = append(notes, fmt.Sprintf("note: imported %q", path))
			}
		}
	}
	return notes
}

// packageNamed is the package that a name most likely means: one of the standard library before others, a short path
// before a long one; nothing where two are equally likely.
func (s *Session) packageNamed(name string) string {
	best, doubt := "", false
	rank := func(path string) int {
		n := strings.Count(path, "/")
		if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
			n += 100
		}
		return n
	}
	for _, path := range s.options.Packages() {
		if packageName(path) != name {
			continue
		}
		switch {
		case best == "" || rank(path) < rank(best):
			best, doubt = path, false
		case rank(path) == rank(best):
			doubt = true
		}
	}
	if doubt {
		return map[string]string{"rand": "math/rand/v2", "template": "text/template"}[name]
	}
	return best
}

// selectedFrom are the names that something is selected from and that no statement around declares.
func selectedFrom(code string) map[string]bool {
	names := map[string]bool{}
	for _, i := range joined(split(code)) {
		text := code[i.start:i.end]
		if i.kind == token.ILLEGAL {
			text = "func _() {\n" + text + "\n}"
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, 0) // with the old resolution of names
		if err != nil {
			continue
		}
		unresolved := map[*ast.Ident]bool{}
		for _, id := range f.Unresolved {
			unresolved[id] = true
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := x.X.(*ast.Ident); ok && unresolved[id] {
					names[id.Name] = true
				}
			}
			return true
		})
	}
	return names
}

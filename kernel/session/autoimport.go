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

// addImports imports the packages that a cell uses without having imported them. It says so only where the name could have
// meant another package, too: a line under every first use of strings or os is noise that a beginner takes for a warning.
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
		path, doubt := s.packageNamed(name)
		if path != "" {
			next.imports[name] = path
		}
		if path != "" && doubt {
			notes = append(notes, fmt.Sprintf("note: %s is %q here; import another %s to use that", name, path, name))
		}
	}
	return notes
}

// packageNamed is the package that a name most likely means: one of the standard library before others, a short path
// before a long one. With doubt two are equally likely, and the path is empty where neither is the usual choice.
func (s *Session) packageNamed(name string) (best string, doubt bool) {
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
		best = map[string]string{"rand": "math/rand/v2", "template": "text/template"}[name]
	}
	return best, doubt
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

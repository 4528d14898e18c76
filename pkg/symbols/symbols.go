package symbols

import "reflect"

// Package is what the interpreter links against. It is an alias of a plain struct, so that the kernel can name the same
// type without importing this package.
type Package = struct {
	Name    string                   // the identifier that an import without a name binds
	Symbols map[string]reflect.Value // functions, variables, constants and types; "_Name" wraps the interface Name
	Needs   []string                 // paths of the packages whose types appear in its API
}

// entry makes the symbols of one package on demand: building all of them at start would cost every kernel its first
// second.
type entry struct {
	name    string
	symbols func() map[string]reflect.Value
	needs   []string
}

// Load returns the symbols of the package at path.
func Load(path string) (Package, bool) {
	e, ok := entries(path)
	if !ok {
		return Package{}, false
	}
	return Package{Name: e.name, Symbols: e.symbols(), Needs: e.needs}, true
}

package lower

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// Source is checked syntax.
type Source struct {
	Package *types.Package
	Info    *types.Info
	Set     *token.FileSet
}

// Body is the code of a declared function or method.
type Body struct {
	Source *Source
	Decl   *ast.FuncDecl // its type and body; the receiver of a method is the first parameter
	Object *types.Func   // that Decl was checked as
	Method bool
}

// Lowerer keeps what the interpreter was told in earlier cells. The zero value does not work; see [New].
type Lowerer struct {
	library func(path string) (*Library, error)

	context   *types.Context
	ids       map[types.Object]int
	names     map[types.Object]string  // package-level variables and functions
	bodies    map[*types.Func]*Body    // all functions declared from source
	typeNames map[string]string        // by key
	instances map[string]*instance     // functions, by key
	declared  []declaredType           // concrete types, for assertions
	asserters map[string]*asserter     // by the interface, as lowered
	libraries map[string]*Library      // generic packages, by path
	clones    map[*types.TypeName]bool // local types of generic functions, one for each instance
	used      map[string]bool          // every package-level name that was ever given
	imports   map[string]string        // path → the name of the package in all text
	undo      []func()

	unit *unit // the cell that is being lowered
}

// Library is a compiled package whose generic functions are instantiated from source.
type Library struct {
	Source *Source
	Bodies map[*types.Func]*Body
}

type declaredType struct {
	t    *types.Named
	name string
}

// instance is a function as the interpreter knows it.
type instance struct {
	name string // the variable that holds it, or the function itself when it can never change
	body *Body
	args []types.Type
}

// ErrUnsupported says that valid Go cannot be lowered.
var ErrUnsupported = errors.New("the interpreter cannot run this")

// New returns an empty lowerer. library gives the source of compiled packages with generic functions.
func New(library func(path string) (*Library, error)) *Lowerer {
	l := &Lowerer{
		library: library, context: types.NewContext(),
		ids: map[types.Object]int{}, names: map[types.Object]string{}, bodies: map[*types.Func]*Body{},
		typeNames: map[string]string{}, instances: map[string]*instance{}, asserters: map[string]*asserter{},
		libraries: map[string]*Library{}, clones: map[*types.TypeName]bool{}, used: map[string]bool{}, imports: map[string]string{},
	}
	for _, name := range types.Universe.Names() {
		l.used[name] = true
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		l.used[t.String()] = true
	}
	for _, name := range []string{"main", "init", runtimeName, "unsafe", "_"} {
		l.used[name] = true
	}
	return l
}

// Rollback forgets what the last cell added.
func (l *Lowerer) Rollback() {
	for i := len(l.undo) - 1; i >= 0; i-- {
		l.undo[i]()
	}
	l.undo = nil
}

// put sets a map entry in a way that Rollback undoes.
func put[K comparable, V any](l *Lowerer, m map[K]V, key K, value V) {
	old, had := m[key]
	m[key] = value
	l.undo = append(l.undo, func() {
		if had {
			m[key] = old
		} else {
			delete(m, key)
		}
	})
}

// Variable is the name that the interpreter knows a package-level variable by.
func (l *Lowerer) Variable(o types.Object) string { return l.names[o] }

// Share makes o another name of the variable that the interpreter knows as name.
func (l *Lowerer) Share(o types.Object, name string) { put(l, l.names, o, name) }

// New takes a package-level name near base that was never given before: names of failed cells are not given again either,
// since the interpreter may have kept a part of them.
func (l *Lowerer) global(base string) string {
	name := base
	for i := 1; l.used[name]; i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	l.used[name] = true
	return name
}

func (l *Lowerer) id(o types.Object) int {
	n, ok := l.ids[o]
	if !ok {
		n = len(l.ids) + 1
		l.ids[o] = n
	}
	return n
}

// unit is the text of one cell.
type unit struct {
	imports   map[string]string // those that the text uses
	types     []string
	variables []string
	functions []string
	bindings  []string // assignments of functions to the variables through which they are called
	queue     []func()
	instances int
}

// fail stops the lowering; Cell turns it into an error.
func fail(format string, arguments ...any) {
	panic(fmt.Errorf("%w: "+format, append([]any{ErrUnsupported}, arguments...)...))
}

// runtimeName is what the support package of the worker is called in the text.
const runtimeName = "tb"

// imported names a compiled package in the text. A package has the same name in all cells, since the interpreter takes
// them for one file.
func (l *Lowerer) imported(path string) string {
	name, ok := l.imports[path]
	if !ok {
		base := strings.NewReplacer("-", "_", ".", "_").Replace(path[strings.LastIndexByte(path, '/')+1:])
		name = l.global("pkg_" + base)
		if path == "unsafe" {
			name = path
		}
		l.imports[path] = name
	}
	l.unit.imports[path] = name
	return name
}

// fromSource says whether objects of p are declared by text of ours and not by a compiled package.
func (l *Lowerer) fromSource(p *types.Package) bool {
	if p == nil {
		return false
	}
	lib := l.libraries[p.Path()] // the same package read from export data is compiled
	return p.Path() == "main" || lib != nil && lib.Source.Package == p
}

func (l *Lowerer) libraryOf(path string) *Library {
	if lib, ok := l.libraries[path]; ok {
		return lib
	}
	lib, err := l.library(path)
	if err != nil {
		fail("%v", err)
	}
	if lib == nil {
		return nil
	}
	l.libraries[path] = lib
	for f, b := range lib.Bodies {
		l.bodies[f] = b
	}
	return lib
}

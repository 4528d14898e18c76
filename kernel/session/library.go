package session

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/types"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/kernel/session/lower"
)

// atomicSource stands for the generic type of sync/atomic, whose own source needs the compiler's help.
const atomicSource = `package atomic

import "sync"

type Pointer[T any] struct {
	mu sync.Mutex
	p  *T
}

func (x *Pointer[T]) Load() *T { x.mu.Lock(); p := x.p; x.mu.Unlock(); return p }
func (x *Pointer[T]) Store(v *T) { x.mu.Lock(); x.p = v; x.mu.Unlock() }
func (x *Pointer[T]) Swap(v *T) *T { x.mu.Lock(); p := x.p; x.p = v; x.mu.Unlock(); return p }
func (x *Pointer[T]) CompareAndSwap(old, new *T) bool {
	x.mu.Lock()
	same := x.p == old
	if same { x.p = new }
	x.mu.Unlock()
	return same
}
`

// librarySource checks the source of a package whose generic functions a cell calls. It returns nil for a package that
// can only be used compiled.
func (s *Session) librarySource(path string) (*lower.Library, error) {
	files := map[string][]byte{}
	switch path {
	case "sync/atomic":
		files["pointer.go"] = []byte(atomicSource)
	case "slices", "maps", "cmp":
		if s.options.Source == nil {
			return nil, nil
		}
		var err error
		if files, err = s.options.Source(path); err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(s.set, path+"/"+name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	if len(parsed) == 0 {
		return nil, nil
	}
	info := newInfo()
	var failed []error
	conf := types.Config{Importer: s.imports, Sizes: types.SizesFor("gc", runtime.GOARCH), Error: func(err error) {
		if !strings.Contains(err.Error(), "missing function body") && !strings.Contains(err.Error(), "go:linkname") {
			failed = append(failed, err)
		}
	}}
	p, _ := conf.Check(path, s.set, parsed, info)
	if len(failed) > 0 {
		return nil, errors.Join(failed...)
	}
	return libraryOf(s, p, info, parsed), nil
}

func libraryOf(s *Session, p *types.Package, info *types.Info, files []*ast.File) *lower.Library {
	lib := &lower.Library{Source: &lower.Source{Package: p, Info: info, Set: s.set}, Bodies: map[*types.Func]*lower.Body{}}
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			o, ok := info.Defs[f.Name].(*types.Func)
			if !ok {
				continue
			}
			body := &lower.Body{Source: lib.Source, Decl: f, Object: o, Method: f.Recv != nil}
			if body.Method { // the lowerer wants the receiver as first parameter
				t := *f.Type
				t.Params = &ast.FieldList{List: withReceiver(f.Recv.List[0], f.Type.Params.List)}
				body.Decl = &ast.FuncDecl{Name: f.Name, Type: &t, Body: f.Body}
				body.Object = asFunction(o)
			}
			lib.Bodies[o] = body
		}
	}
	return lib
}

// asFunction is a method seen as a function of its receiver.
func asFunction(m *types.Func) *types.Func {
	s := m.Signature()
	parameters := []*types.Var{s.Recv()}
	for v := range s.Params().Variables() {
		parameters = append(parameters, v)
	}
	// Type parameters belong to one signature, so those of the receiver get twins; the lowerer matches them by position.
	var twins []*types.TypeParam
	for p := range s.RecvTypeParams().TypeParams() {
		twins = append(twins, types.NewTypeParam(types.NewTypeName(p.Obj().Pos(), p.Obj().Pkg(), p.Obj().Name(), nil), p.Constraint()))
	}
	f := types.NewSignatureType(nil, nil, twins, types.NewTuple(parameters...), s.Results(), s.Variadic())
	return types.NewFunc(m.Pos(), m.Pkg(), m.Name(), f)
}

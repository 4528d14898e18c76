package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// substitutes are functions of the standard library that an interrupt must reach; their stand-ins return when the cell is
// interrupted.
var substitutes = map[string]string{
	"time.Sleep": "Sleep",
	"fmt.Scan":   "Scan", "fmt.Scanln": "Scanln", "fmt.Scanf": "Scanf",
}

// blocking are methods with the same need. Their stand-ins take the receiver's address.
var blocking = map[string]string{
	"(*sync.WaitGroup).Wait": "Wait",
	"(*sync.Mutex).Lock":     "Lock",
	"(*sync.RWMutex).Lock":   "Lock",
	"(*sync.RWMutex).RLock":  "ReadLock",
}

func (e *emitter) call(x *ast.CallExpr) string {
	fun := ast.Unparen(x.Fun)
	if e.src.Info.Types[x.Fun].IsType() {
		return e.conversion(e.typeOf(x.Fun), x.Args[0])
	}
	if b := e.builtinOf(fun); b != nil {
		if b.Pkg() != nil { // package unsafe
			return e.unsafeCall(b.Name(), x)
		}
		return e.builtin(b.Name(), x)
	}
	if text := e.templateCall(x); text != "" {
		return text
	}
	if text := e.errorCall(x); text != "" && e.prepared == nil {
		return text
	}
	prepared := e.prepared
	e.prepared = nil
	signature := e.under(x.Fun).(*types.Signature)
	name, first := e.calledFunction(x.Fun, fun)
	if prepared != nil {
		return name + "(" + strings.Join(prepared, ", ") + ")"
	}
	return name + "(" + first + e.arguments(signature, x) + ")"
}

// calledFunction writes what stands before the arguments, and a first argument where a method became a function.
func (e *emitter) calledFunction(written, fun ast.Expr) (name, first string) {
	if s, ok := fun.(*ast.SelectorExpr); ok {
		if selection := e.src.Info.Selections[s]; selection != nil && selection.Kind() == types.MethodVal {
			m, _ := selection.Obj().(*types.Func)
			if stand := blocking[m.FullName()]; stand != "" {
				return runtimeName + "." + stand, e.receiverAddress(s)
			}
			return e.selected(e.expression(s.X), s), ""
		}
	}
	before := e.callee
	e.callee = calledName(fun)
	if literal, ok := fun.(*ast.FuncLit); ok {
		e.calledLiteral = literal
	}
	name = e.expression(written)
	e.callee = before
	if _, literal := fun.(*ast.FuncLit); !literal && strings.HasPrefix(name, "func") {
		name = "(" + name + ")"
	}
	return name, ""
}

// receiverAddress writes the address of the value whose method s selects.
func (e *emitter) receiverAddress(s *ast.SelectorExpr) string {
	t := e.typeOf(s.X)
	_, path, _ := types.LookupFieldOrMethod(t, true, e.src.Package, s.Sel.Name)
	text, rt := e.along(e.grouped(e.expression(s.X)), t, path[:len(path)-1])
	if _, ok := rt.Underlying().(*types.Pointer); ok {
		return text
	}
	return "&" + text
}

func calledName(x ast.Expr) *ast.Ident {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return x
	case *ast.IndexExpr:
		return calledName(x.X)
	case *ast.IndexListExpr:
		return calledName(x.X)
	}
	return nil
}

func (e *emitter) builtinOf(fun ast.Expr) *types.Builtin {
	var id *ast.Ident
	switch f := fun.(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	b, _ := e.src.Info.Uses[id].(*types.Builtin)
	return b
}

// parameter is the type of argument i.
func parameter(s *types.Signature, i int, spread bool) types.Type {
	last := s.Params().Len() - 1
	if !s.Variadic() || i < last {
		return s.Params().At(i).Type()
	}
	t := s.Params().At(last).Type()
	if slice, ok := t.Underlying().(*types.Slice); ok && !spread {
		return slice.Elem()
	}
	return t
}

func (e *emitter) arguments(s *types.Signature, x *ast.CallExpr) string {
	if len(x.Args) == 1 {
		if t, ok := e.typeOf(x.Args[0]).(*types.Tuple); ok && t.Len() > 1 {
			return e.expression(x.Args[0])
		}
	}
	box := e.boxer(x)
	parts := make([]string, len(x.Args))
	for i, a := range x.Args {
		t := parameter(s, i, x.Ellipsis.IsValid())
		parts[i] = box(t, a, e.convert(t, a))
	}
	text := strings.Join(parts, ", ")
	if x.Ellipsis.IsValid() {
		text += "..."
	}
	return text
}

func (e *emitter) conversion(t types.Type, x ast.Expr) string {
	text := e.l.typeText(t)
	if strings.ContainsAny(text, " *<(") {
		text = "(" + text + ")"
	}
	if isNil(e.typeOf(x)) {
		return text + "(nil)"
	}
	return text + "(" + e.convert(e.typeOf(x), x) + ")"
}

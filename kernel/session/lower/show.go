package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// shapes are the methods by which a value shows itself, with their only result; see package display.
var shapes = []struct{ name, result string }{
	{"String", "string"}, {"Error", "string"}, {"HTML", "string"}, {"SVG", "string"}, {"Markdown", "string"},
	{"Latex", "string"}, {"JavaScript", "string"}, {"PNG", "[]byte"}, {"JPEG", "[]byte"}, {"PDF", "[]byte"},
	{"JSON", "map[string]any"},
}

// show writes the last expression of a cell as its result.
func (e *emitter) show(x ast.Expr) {
	e.at(x.Pos())
	e.note(x.Pos())
	t := e.typeOf(x)
	if call, ok := ast.Unparen(x).(*ast.CallExpr); ok && (t == nil || voidCall(t) || e.prints(call)) {
		e.expressionStatement(&ast.ExprStmt{X: call})
		return
	}
	tuple, ok := t.(*types.Tuple)
	if !ok {
		if isNil(t) {
			e.line("%s.Show(nil)", runtimeName)
			return
		}
		t = types.Default(t)
		e.line("%s.Show(%s)", runtimeName, e.shown(e.temporary(t, e.convert(t, x)), t))
		return
	}
	names := make([]string, tuple.Len())
	for i := range names {
		names[i] = e.fresh("t")
	}
	e.line("%s := %s", strings.Join(names, ", "), e.tuple(x))
	for i, name := range names {
		names[i] = e.shown(e.temporary(tuple.At(i).Type(), name), tuple.At(i).Type())
	}
	e.line("%s.Show(%s)", runtimeName, strings.Join(names, ", "))
}

// prints says whether a call is one of the printing functions of fmt, whose results nobody wants to see.
func (e *emitter) prints(x *ast.CallExpr) bool {
	s, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := e.src.Info.Uses[s.Sel].(*types.Func)
	return ok && (strings.HasPrefix(f.FullName(), "fmt.Print") || strings.HasPrefix(f.FullName(), "fmt.Fprint"))
}

func voidCall(t types.Type) bool {
	tuple, ok := t.(*types.Tuple)
	return ok && tuple.Len() == 0
}

// shown writes a value for display. Compiled code does not see the methods of an interpreted type, so they go along.
func (e *emitter) shown(name string, t types.Type) string {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return fmt.Sprintf("%s.Outcome(%s)", runtimeName, name)
	}
	if !e.interpreted(t) {
		return name
	}
	var methods []string
	for _, shape := range shapes {
		if hasShape(t, e.src.Package, shape.name, shape.result) {
			methods = append(methods, fmt.Sprintf("%s: func() %s { return %s.%s() }", shape.name, shape.result, name, shape.name))
		}
	}
	if len(methods) == 0 {
		return name
	}
	return fmt.Sprintf("%s.Methods{Value: %s, %s}", runtimeName, name, strings.Join(methods, ", "))
}

// interpreted says whether t, or what it points to, is declared in a cell.
func (e *emitter) interpreted(t types.Type) bool {
	n, ok := types.Unalias(pointee(t)).(*types.Named)
	return ok && e.l.fromSource(n.Obj().Pkg())
}

func hasShape(t types.Type, in *types.Package, name, result string) bool {
	o, _, indirect := types.LookupFieldOrMethod(t, true, in, name)
	m, ok := o.(*types.Func)
	if !ok || indirect {
		return false
	}
	s := m.Signature()
	return s.Params().Len() == 0 && s.Results().Len() == 1 && types.TypeString(s.Results().At(0).Type().Underlying(), nil) == result
}

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
	last := len(names) - 1
	if tuple.At(last).Type() != types.Universe.Lookup("error").Type() {
		e.line("%s.Show(%s)", runtimeName, strings.Join(names, ", "))
		return
	}
	values := names[:last]
	if e.scans(x) {
		values = nil
	}
	e.line("%s.ShowResults(%s)", runtimeName, strings.Join(append([]string{names[last]}, values...), ", "))
}

// prints says whether a call is one of the printing functions of fmt, whose results nobody wants to see.
func (e *emitter) prints(x *ast.CallExpr) bool {
	name := e.fmtFunction(x)
	return strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Fprint")
}

// scans says whether x calls one of the reading functions of fmt, whose count nobody wants to see.
func (e *emitter) scans(x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	return ok && strings.Contains(strings.ToLower(e.fmtFunction(call)), "scan")
}

// fmtFunction is the name of the function of package fmt that x calls, if it calls one.
func (e *emitter) fmtFunction(x *ast.CallExpr) string {
	var id *ast.Ident
	switch f := ast.Unparen(x.Fun).(type) {
	case *ast.SelectorExpr:
		id = f.Sel
	case *ast.Ident: // fmt is imported with a dot
		id = f
	default:
		return ""
	}
	f, ok := e.src.Info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != "fmt" || f.Signature().Recv() != nil {
		return ""
	}
	return f.Name()
}

func voidCall(t types.Type) bool {
	tuple, ok := t.(*types.Tuple)
	return ok && tuple.Len() == 0
}

// shown writes a value for display. Compiled code does not see the methods of an interpreted type, so they go along.
func (e *emitter) shown(name string, t types.Type) string {
	if !e.interpreted(t) {
		return name
	}
	var methods []string
	for _, shape := range shapes {
		if hasShape(t, e.src.Package, shape.name, shape.result) {
			methods = append(methods, fmt.Sprintf("%s: func() %s { return %s.%s() }", shape.name, shape.result, name, shape.name))
		}
	}
	value := name
	if len(methods) > 0 {
		value = fmt.Sprintf("%s.Methods{Value: %s, %s}", runtimeName, name, strings.Join(methods, ", "))
	}
	if !types.IsInterface(t) {
		return value
	}
	inside := e.fresh("t") // compiled code takes a nil interface of a cell for a value
	e.line("var %s any", inside)
	e.line("if %s != nil {", name)
	e.line("\t%s = %s", inside, value)
	e.line("}")
	return inside
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

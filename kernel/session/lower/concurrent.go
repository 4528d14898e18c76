package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// prepare evaluates the arguments of a call into temporaries, since go and defer of the interpreter would evaluate them
// when the function runs. ok is false where the call must be written as it is.
func (e *emitter) prepare(x *ast.CallExpr) (names []string, ok bool) {
	s := e.under(x.Fun).(*types.Signature)
	names = make([]string, 0, len(x.Args)+1)
	for i, a := range x.Args {
		if _, tuple := e.typeOf(a).(*types.Tuple); tuple {
			return nil, false
		}
		t := parameter(s, i, x.Ellipsis.IsValid())
		names = append(names, e.temporary(t, e.boxer(x)(t, a, e.convert(t, a))))
	}
	if x.Ellipsis.IsValid() {
		names[len(names)-1] += "..."
	}
	return names, true
}

// function evaluates what x calls now, and returns how to call it later.
func (e *emitter) prepareFunction(x *ast.CallExpr, arguments []string) string {
	fun := ast.Unparen(x.Fun)
	if s, ok := fun.(*ast.SelectorExpr); ok {
		if selection := e.src.Info.Selections[s]; selection != nil && selection.Kind() == types.MethodVal {
			m, _ := selection.Obj().(*types.Func)
			if stand := blocking[m.FullName()]; stand != "" {
				receiver := e.fresh("receiver")
				e.line("%s := %s", receiver, e.receiverAddress(s))
				return runtimeName + "." + stand + "(" + receiver + ")"
			}
		}
	}
	if _, ok := fun.(*ast.FuncLit); ok || e.declaredFunction(fun) {
		e.prepared = arguments
		text := e.call(x)
		e.prepared = nil
		return text
	}
	s := e.under(x.Fun).(*types.Signature)
	f := e.fresh("f")
	e.line("var %s %s", f, e.l.typeText(types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())))
	e.line("%s = %s", f, e.expression(fun))
	return f + "(" + strings.Join(arguments, ", ") + ")"
}

// declaredFunction says whether x names a function that never changes.
func (e *emitter) declaredFunction(x ast.Expr) bool {
	s, ok := x.(*ast.SelectorExpr)
	if !ok || e.src.Info.Selections[s] != nil {
		return false
	}
	_, ok = e.src.Info.Uses[s.Sel].(*types.Func)
	return ok
}

// start writes a go statement. Its panics are reported and end only the goroutine.
func (e *emitter) start(x *ast.CallExpr) {
	call := ""
	if e.builtinOf(ast.Unparen(x.Fun)) != nil {
		call = e.preparedBuiltin(x)
	} else if arguments, ok := e.prepare(x); ok {
		call = e.prepareFunction(x, arguments)
	} else {
		call = e.expression(x)
	}
	// In a loop the literal is made by a function of its own; see literal.
	started := ""
	if e.repeats() {
		started = e.fresh("f")
		e.line("%s := func() func() { return func() {", started)
	} else {
		e.line("go func() {")
	}
	e.line("\tdefer func() {")
	e.line("\t\tif r := recover(); r != nil {")
	e.line("\t\t\t%s.GoroutinePanic(r)", runtimeName)
	e.line("\t\t}")
	e.line("\t}()")
	if strings.HasPrefix(call, "func") {
		call = runtimeNop + call
	}
	e.line("\t%s", call)
	if started == "" {
		e.line("}()")
		return
	}
	e.line("} }()")
	e.line("go %s()", started)
}

func (e *emitter) postpone(x *ast.CallExpr) {
	if e.yield != nil { // it would run when the iteration ends, and not when the function does
		fail("defer in the body of a range over a function; put the loop's body, or the defer, into a function of its own")
	}
	fun := ast.Unparen(x.Fun)
	if b := e.builtinOf(fun); b != nil {
		if b.Name() == "recover" { // deferred directly it recovers nothing that anybody sees
			e.line("defer func() { recover() }()")
			return
		}
		e.line("defer func() { %s }()", e.preparedBuiltin(x))
		return
	}
	if len(x.Args) == 0 {
		e.line("defer %s", e.expression(x))
		return
	}
	arguments, ok := e.prepare(x)
	if !ok {
		e.line("defer %s", e.expression(x))
		return
	}
	e.line("defer %s", e.prepareFunction(x, arguments))
}

// preparedBuiltin evaluates the arguments of a builtin now and returns the call.
func (e *emitter) preparedBuiltin(x *ast.CallExpr) string {
	name := e.builtinOf(ast.Unparen(x.Fun)).Name()
	parts := make([]string, len(x.Args))
	for i, a := range x.Args {
		t := types.Default(e.typeOf(a))
		if isNil(t) {
			t = types.NewInterfaceType(nil, nil)
		}
		parts[i] = e.temporary(t, e.convert(t, a))
	}
	switch name {
	case "print", "println":
		name = runtimeName + ".P" + name[1:]
	case "clear":
		name = runtimeName + ".Clear"
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

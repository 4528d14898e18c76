package lower

import (
	"fmt"
	"go/ast"
	"go/types"
)

// boxer returns what dresses the arguments of x. A value of an interpreted type has no methods that compiled code sees;
// where it goes to a compiled function as any, its own error or Stringer goes instead.
func (e *emitter) boxer(x *ast.CallExpr) func(t types.Type, a ast.Expr, text string) string {
	plain := func(_ types.Type, _ ast.Expr, text string) string { return text }
	f := e.calledCompiled(x)
	if f == nil {
		return plain
	}
	if n, ok := encoders[f.FullName()]; ok {
		return func(_ types.Type, a ast.Expr, text string) string {
			if a != x.Args[n] || isNil(e.typeOf(a)) {
				return text
			}
			return e.encoded(types.Default(e.typeOf(a)), text)
		}
	}
	if path := f.Pkg().Path(); path != "fmt" && path != "log" {
		return plain
	}
	return func(t types.Type, a ast.Expr, text string) string {
		if i, ok := t.Underlying().(*types.Interface); !ok || i.NumMethods() > 0 {
			return text
		}
		return e.dressed(a, text, f.Name() == "Errorf")
	}
}

// dressed writes a value of an interpreted type with its method Error or String, if it has one. As an error that is to be
// wrapped it stays itself.
func (e *emitter) dressed(a ast.Expr, text string, wrapped bool) string {
	t := e.typeOf(a)
	if !e.interpreted(t) {
		return text
	}
	nothing := ""
	if types.IsInterface(t) {
		nothing = "if v == nil { return nil }; "
	}
	for _, method := range []string{"Error", "String"} {
		if !implements(t, e.src.Package, method) {
			continue
		}
		if method == "Error" && wrapped {
			return "func(v error) error { return v }(" + text + ")"
		}
		return "func(v " + e.l.typeText(t) + ") any { " + nothing + "return " + runtimeName + "." + method + "(v, func() string { return v." + method + "() }) }(" + text + ")"
	}
	return text
}

// thrown writes the argument of panic. What the learner reads when nobody recovers needs the name and the methods of an
// interpreted type, which the value that arrives does not have.
func (e *emitter) thrown(x ast.Expr) string {
	t := e.typeOf(x)
	if !e.interpreted(t) || types.IsInterface(t) {
		return e.convert(types.NewInterfaceType(nil, nil), x)
	}
	text := "nil"
	for _, method := range []string{"String", "Error"} {
		if implements(t, e.src.Package, method) {
			text = "func() string { return v." + method + "() }"
		}
	}
	return fmt.Sprintf("func(v %s) any { %s.Throw(v, %q, %s); return v }(%s)", e.l.typeText(t), runtimeName, goName(t), text, e.convert(t, x))
}

// implements says whether the method set of t itself has a method name() string.
func implements(t types.Type, in *types.Package, name string) bool {
	o := types.NewMethodSet(t).Lookup(in, name)
	if o == nil {
		return false
	}
	s, ok := o.Type().(*types.Signature)
	return ok && s.Params().Len() == 0 && s.Results().Len() == 1 && types.Identical(s.Results().At(0).Type(), types.Typ[types.String])
}

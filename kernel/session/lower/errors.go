package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// errorCall writes errors.Is, errors.As and errors.Unwrap over errors of cells: compiled code sees neither their type nor their method
// Unwrap. It returns "" for other calls.
func (e *emitter) errorCall(x *ast.CallExpr) string {
	f := e.calledCompiled(x)
	if f == nil || f.Pkg().Path() != "errors" || len(x.Args) == 0 || x.Ellipsis.IsValid() {
		return ""
	}
	failure := types.Universe.Lookup("error").Type()
	if _, tuple := e.typeOf(x.Args[0]).(*types.Tuple); tuple {
		return ""
	}
	switch f.Name() {
	case "Unwrap":
		return fmt.Sprintf("%s.ErrorUnwrap(%s, %s)", runtimeName, e.convert(failure, x.Args[0]), e.unwrapper())
	case "Is":
		return fmt.Sprintf("%s.ErrorIs(%s, %s, %s)", runtimeName, e.convert(failure, x.Args[0]), e.convert(failure, x.Args[1]), e.unwrapper())
	case "As":
		p, ok := types.Unalias(e.typeOf(x.Args[1])).(*types.Pointer)
		if !ok || !e.interpreted(p.Elem()) || types.IsInterface(p.Elem()) {
			return ""
		}
		t := e.l.typeText(p.Elem())
		return fmt.Sprintf("func(err error, target *%s) bool { for _, v := range %s.ErrorChain(err, %s) { if x, ok := v.(%s); ok { *target = x; return true } }; return false }(%s, %s)",
			t, runtimeName, e.unwrapper(), t, e.convert(failure, x.Args[0]), e.expression(x.Args[1]))
	}
	return ""
}

// unwrapper writes a function that unwraps an error whose type has Unwrap in a cell.
func (e *emitter) unwrapper() string {
	failure := types.Universe.Lookup("error").Type()
	result := types.NewTuple(types.NewParam(token.NoPos, nil, "", failure))
	unwrap := types.NewFunc(token.NoPos, nil, "Unwrap", types.NewSignatureType(nil, nil, nil, nil, result, false))
	a := e.l.asserter(types.NewInterfaceType([]*types.Func{unwrap}, nil).Complete())
	return "func(v any) error { if u, ok := " + a.try + "(v); ok { return u.Unwrap() }; return nil }"
}

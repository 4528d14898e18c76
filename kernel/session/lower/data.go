package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// encoders are the compiled functions that look for the method MarshalJSON in their argument of this number.
var encoders = map[string]int{
	"encoding/json.Marshal": 0, "encoding/json.MarshalIndent": 0, "(*encoding/json.Encoder).Encode": 0,
}

// templates are the compiled methods that look for all methods of their last argument.
var templates = map[string]string{
	"(*text/template.Template).Execute": "Execute", "(*text/template.Template).ExecuteTemplate": "ExecuteTemplate",
	"(*html/template.Template).Execute": "Execute", "(*html/template.Template).ExecuteTemplate": "ExecuteTemplate",
}

// calledCompiled is the function or method of a compiled package that x calls, nil for others.
func (e *emitter) calledCompiled(x *ast.CallExpr) *types.Func {
	s, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	f, ok := e.src.Info.Uses[s.Sel].(*types.Func)
	if !ok || f.Pkg() == nil || e.l.fromSource(f.Pkg()) {
		return nil
	}
	return f
}

// encoded writes a value for JSON: what has a method MarshalJSON in the cell is replaced by something compiled that calls
// it. Where that cannot be done, the cell is refused: the encoder would silently leave the method out.
func (e *emitter) encoded(t types.Type, text string) string {
	if !e.marshals(t, map[types.Type]bool{}) {
		return text
	}
	in := e.l.typeText(t)
	if e.interpreted(t) && hasMarshal(t, e.src.Package) {
		return fmt.Sprintf("func(v %s) any { return %s.Marshal(func() ([]byte, error) { return v.MarshalJSON() }) }(%s)", in, runtimeName, text)
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return fmt.Sprintf("func(v %s) any { if v == nil { return nil }; r := make([]any, len(v)); for i, x := range v { y := x; r[i] = %s }; return r }(%s)", in, e.encoded(u.Elem(), "y"), text)
	case *types.Array:
		return fmt.Sprintf("func(v %s) any { r := make([]any, len(v)); for i, x := range v { y := x; r[i] = %s }; return r }(%s)", in, e.encoded(u.Elem(), "y"), text)
	case *types.Map:
		return fmt.Sprintf("func(v %s) any { if v == nil { return nil }; r := map[%s]any{}; for k, x := range v { y := x; r[k] = %s }; return r }(%s)", in, e.l.typeText(u.Key()), e.encoded(u.Elem(), "y"), text)
	case *types.Pointer:
		return fmt.Sprintf("func(v %s) any { if v == nil { return nil }; x := *v; return %s }(%s)", in, e.encoded(u.Elem(), "x"), text)
	}
	fail("a value of type %s for JSON, since it holds a type with a MarshalJSON method of its own inside a struct; encode the parts, or give %[1]s a MarshalJSON method", t)
	return ""
}

func hasMarshal(t types.Type, in *types.Package) bool {
	o := types.NewMethodSet(t).Lookup(in, "MarshalJSON")
	if o == nil {
		return false
	}
	s := o.Type().(*types.Signature)
	return s.Params().Len() == 0 && s.Results().Len() == 2
}

// marshals says whether a type with its own MarshalJSON is anywhere in t.
func (e *emitter) marshals(t types.Type, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return false
	}
	seen[t] = true
	if e.interpreted(t) && hasMarshal(t, e.src.Package) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return e.marshals(u.Elem(), seen)
	case *types.Array:
		return e.marshals(u.Elem(), seen)
	case *types.Map:
		return e.marshals(u.Elem(), seen)
	case *types.Pointer:
		return e.marshals(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if (f.Exported() || f.Embedded()) && e.marshals(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// templateCall writes the execution of a template on a value whose methods compiled code does not see. The worker gets
// fields and methods by name. The result is empty where the plain call is right.
func (e *emitter) templateCall(x *ast.CallExpr) string {
	f := e.calledCompiled(x)
	if f == nil || templates[f.FullName()] == "" || len(x.Args) == 0 {
		return ""
	}
	data := x.Args[len(x.Args)-1]
	t := e.typeOf(data)
	if !e.interpreted(t) || types.IsInterface(t) {
		return ""
	}
	var methods []string
	for m := range types.NewMethodSet(t).Methods() {
		s := m.Type().(*types.Signature)
		if !m.Obj().Exported() {
			continue
		}
		if s.Params().Len() > 0 {
			fail("a template on %s, whose method %s takes arguments; pass a map of values instead", t, m.Obj().Name())
		}
		call := "v." + m.Obj().Name() + "()"
		switch s.Results().Len() {
		case 1:
			methods = append(methods, fmt.Sprintf("%q: func() (any, error) { return %s, nil }", m.Obj().Name(), call))
		case 2:
			methods = append(methods, fmt.Sprintf("%q: func() (any, error) { r, err := %s; return r, err }", m.Obj().Name(), call))
		}
	}
	if methods == nil {
		return ""
	}
	s := ast.Unparen(x.Fun).(*ast.SelectorExpr)
	name := `""`
	if len(x.Args) == 3 {
		name = e.convert(types.Typ[types.String], x.Args[1])
	}
	return fmt.Sprintf("func(v %s) error { return %s.Execute(%s, %s, %s, v, map[string]func() (any, error){%s}) }(%s)",
		e.l.typeText(t), runtimeName, e.receiverAddress(s), e.expression(x.Args[0]), name, strings.Join(methods, ", "), e.expression(data))
}

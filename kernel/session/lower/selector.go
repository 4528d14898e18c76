package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

func (e *emitter) selector(x *ast.SelectorExpr) string {
	selection := e.src.Info.Selections[x]
	if selection == nil {
		return e.qualified(x)
	}
	switch selection.Kind() {
	case types.FieldVal:
		return e.selected(e.expression(x.X), x)
	case types.MethodVal:
		return e.methodValue(x)
	}
	return e.methodExpression(x)
}

// qualified writes package.Name.
func (e *emitter) qualified(x *ast.SelectorExpr) string {
	o := e.src.Info.Uses[x.Sel]
	f, ok := o.(*types.Func)
	if !ok {
		return e.l.imported(o.Pkg().Path()) + "." + o.Name()
	}
	if stand, ok := substitutes[f.FullName()]; ok {
		return runtimeName + "." + stand
	}
	if f.Signature().TypeParams().Len() == 0 {
		return e.l.imported(f.Pkg().Path()) + "." + f.Name()
	}
	lib := e.l.libraryOf(f.Pkg().Path())
	if lib == nil {
		fail("the generic function %s, whose package is there only in compiled form", f.FullName())
	}
	return e.l.function(lib.named(f), e.typeArguments(x.Sel))
}

// selected writes the field or method that x selects from the value text, with the way through embedded fields spelled
// out: the interpreter finds promoted ones not always, and not always the right ones.
func (e *emitter) selected(text string, x *ast.SelectorExpr) string {
	t := e.typeOf(x.X)
	o, path, _ := types.LookupFieldOrMethod(t, true, e.src.Package, x.Sel.Name)
	if o == nil {
		fail("no field or method %s in %s", x.Sel.Name, t)
	}
	text = e.grouped(text)
	if _, ok := o.(*types.Func); ok {
		text, _ = e.along(text, t, path[:len(path)-1])
		return text + "." + x.Sel.Name
	}
	text, _ = e.along(text, t, path)
	return text
}

func (e *emitter) along(text string, t types.Type, path []int) (string, types.Type) {
	for _, i := range path {
		s := pointee(t.Underlying()).Underlying().(*types.Struct)
		text += "." + e.l.fieldName(s, i)
		t = s.Field(i).Type()
	}
	return text, t
}

// methodValue writes x.Method as a function whose receiver is evaluated now.
func (e *emitter) methodValue(x *ast.SelectorExpr) string {
	t := e.typeOf(x.X)
	o, path, _ := types.LookupFieldOrMethod(t, true, e.src.Package, x.Sel.Name)
	m, ok := o.(*types.Func)
	if !ok {
		fail("no method %s in %s", x.Sel.Name, t)
	}
	receiver, rt := e.along(e.grouped(e.expression(x.X)), t, path[:len(path)-1])
	_, wants := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer)
	p, has := rt.Underlying().(*types.Pointer)
	switch {
	case wants && !has:
		receiver, rt = "&"+receiver, types.NewPointer(rt)
	case !wants && has:
		receiver, rt = "*"+receiver, p.Elem()
	}
	signature := e.typeOf(x).(*types.Signature)
	names, arguments := placeholders(signature)
	check := ""
	if types.IsInterface(rt) {
		check = "if receiver == nil { panic(" + runtimeName + ".NilPointer()) }; "
	}
	return fmt.Sprintf("func(receiver %s) func%s { %sreturn func%s { %sreceiver.%s(%s) } }(%s)",
		e.l.typeText(rt), e.l.signatureText(signature, nil), check, e.l.signatureText(signature, names), returning(signature), x.Sel.Name, arguments, receiver)
}

// methodExpression writes T.Method as a function of the receiver.
func (e *emitter) methodExpression(x *ast.SelectorExpr) string {
	t := e.typeOf(x.X)
	_, path, _ := types.LookupFieldOrMethod(t, true, e.src.Package, x.Sel.Name)
	signature := e.typeOf(x).(*types.Signature)
	names, _ := placeholders(signature)
	receiver, _ := e.along(names[0], t, path[:len(path)-1])
	arguments := strings.Join(names[1:], ", ")
	if signature.Variadic() {
		arguments += "..."
	}
	return fmt.Sprintf("func%s { %s%s.%s(%s) }", e.l.signatureText(signature, names), returning(signature), receiver, x.Sel.Name, arguments)
}

func returning(s *types.Signature) string {
	if s.Results().Len() > 0 {
		return "return "
	}
	return ""
}

// placeholders are parameter names for a function that only passes on, and how it passes them.
func placeholders(s *types.Signature) (names []string, arguments string) {
	names = make([]string, s.Params().Len())
	for i := range names {
		names[i] = fmt.Sprintf("arg%d", i)
	}
	arguments = strings.Join(names, ", ")
	if s.Variadic() {
		arguments += "..."
	}
	return names, arguments
}

package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// expression writes x. Constants become typed literals, whatever x is.
func (e *emitter) expression(x ast.Expr) string {
	tv := e.src.Info.Types[x]
	if tv.Value != nil {
		return e.l.literal(tv.Value, e.l.substitute(e.env, tv.Type))
	}
	if tv.IsType() {
		return e.l.typeText(e.typeOf(x))
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return "(" + e.expression(x.X) + ")"
	case *ast.Ident:
		return e.identifier(x)
	case *ast.FuncLit:
		return e.literal(x)
	case *ast.CompositeLit:
		return e.composite(x, e.typeOf(x))
	case *ast.SelectorExpr:
		return e.selector(x)
	case *ast.IndexExpr:
		return e.index(x)
	case *ast.IndexListExpr:
		return e.expression(x.X)
	case *ast.SliceExpr:
		return e.slice(x)
	case *ast.TypeAssertExpr:
		return e.assertion(e.expression(x.X), e.typeOf(x.X), e.typeOf(x.Type), false)
	case *ast.CallExpr:
		return e.call(x)
	case *ast.StarExpr:
		return "*" + e.grouped(e.expression(x.X))
	case *ast.UnaryExpr:
		return e.unary(x)
	case *ast.BinaryExpr:
		return e.binary(x)
	}
	fail("expression %T", x)
	return ""
}

// grouped puts parentheses around text that is more than a name or a call.
func (e *emitter) grouped(text string) string {
	if !strings.ContainsAny(text, " \n*<&-+!^") {
		return text
	}
	return "(" + text + ")"
}

func (e *emitter) identifier(x *ast.Ident) string {
	o := e.src.Info.Uses[x]
	if o == nil {
		o = e.src.Info.Defs[x]
	}
	switch o := o.(type) {
	case *types.Nil:
		return "nil"
	case *types.Var:
		if o.Pkg() != nil && o.Parent() == o.Pkg().Scope() && !e.l.fromSource(o.Pkg()) { // imported with a dot
			return e.l.imported(o.Pkg().Path()) + "." + o.Name()
		}
		return e.local(o)
	case *types.Func:
		return e.functionName(x, o)
	}
	return x.Name
}

// functionName writes a function that x names, called or used as a value.
func (e *emitter) functionName(x *ast.Ident, f *types.Func) string {
	arguments := e.typeArguments(x)
	if !e.l.fromSource(f.Pkg()) {
		if len(arguments) == 0 {
			return e.l.imported(f.Pkg().Path()) + "." + f.Name()
		}
		if e.l.libraryOf(f.Pkg().Path()) == nil {
			fail("the generic function %s of a compiled package", f.FullName())
		}
	}
	if _, ok := e.l.bodies[f.Origin()]; !ok && len(arguments) > 0 {
		f = e.l.libraries[f.Pkg().Path()].named(f)
	}
	name := e.l.function(f, arguments)
	if name == e.self && e.callee == x {
		return e.selfCode
	}
	return name
}

// named is the function of the library's source that stands for a function of its export data.
func (lib *Library) named(f *types.Func) *types.Func {
	if own, ok := lib.Source.Package.Scope().Lookup(f.Name()).(*types.Func); ok {
		return own
	}
	return f
}

// typeArguments are those that the function x is instantiated with.
func (e *emitter) typeArguments(x *ast.Ident) []types.Type {
	instance, ok := e.src.Info.Instances[x]
	if !ok {
		return nil
	}
	arguments := make([]types.Type, instance.TypeArgs.Len())
	for i := range arguments {
		arguments[i] = e.l.substitute(e.env, instance.TypeArgs.At(i))
	}
	return arguments
}

func (e *emitter) index(x *ast.IndexExpr) string {
	switch t := e.under(x.X).(type) {
	case *types.Signature:
		return e.expression(x.X) // an instance
	case *types.Map:
		return e.grouped(e.expression(x.X)) + "[" + e.convert(t.Key(), x.Index) + "]"
	case *types.Pointer:
		return "(*" + e.expression(x.X) + ")[" + e.expression(x.Index) + "]"
	}
	return e.grouped(e.expression(x.X)) + "[" + e.expression(x.Index) + "]"
}

func (e *emitter) slice(x *ast.SliceExpr) string {
	text := e.grouped(e.expression(x.X))
	if _, ok := e.under(x.X).(*types.Pointer); ok {
		text = "(*" + text + ")"
	}
	bound := func(b ast.Expr) string {
		if b == nil {
			return ""
		}
		return e.expression(b)
	}
	text += "[" + bound(x.Low) + ":" + bound(x.High)
	if x.Slice3 {
		text += ":" + bound(x.Max)
	}
	return text + "]"
}

func (e *emitter) unary(x *ast.UnaryExpr) string {
	operand := ast.Unparen(x.X)
	switch x.Op {
	case token.AND:
		c, ok := operand.(*ast.CompositeLit)
		if !ok {
			return "&" + e.grouped(e.expression(operand))
		}
		t := e.typeOf(c)
		if _, ok := t.Underlying().(*types.Struct); ok {
			return "&" + e.composite(c, t)
		}
		return e.pointerTo(t, e.composite(c, t))
	case token.ARROW:
		if e.alone == x {
			e.alone = nil
			return "<-" + e.grouped(e.expression(operand))
		}
		element := e.under(operand).(*types.Chan).Elem()
		return fmt.Sprintf("func(c %s) %s { t := <-c; return t }(%s)", e.l.typeText(e.typeOf(operand)), e.l.typeText(element), e.expression(operand))
	}
	return x.Op.String() + e.grouped(e.operand(operand, e.typeOf(x), ""))
}

func (e *emitter) pointerTo(t types.Type, value string) string {
	text := e.l.typeText(t)
	return fmt.Sprintf("func() *%s { var v %s = %s; return &v }()", text, text, value)
}

func (e *emitter) composite(x *ast.CompositeLit, t types.Type) string {
	address := ""
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t, address = p.Elem(), "&"
	}
	var parts []string
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, element := range x.Elts {
			if kv, ok := element.(*ast.KeyValueExpr); ok {
				i = fieldIndex(u, kv.Key.(*ast.Ident).Name)
				element = kv.Value
			}
			parts = append(parts, e.l.fieldName(u, i)+": "+e.element(element, u.Field(i).Type()))
		}
	case *types.Map:
		for _, element := range x.Elts {
			kv := element.(*ast.KeyValueExpr)
			parts = append(parts, e.element(kv.Key, u.Key())+": "+e.element(kv.Value, u.Elem()))
		}
	case *types.Slice:
		parts = e.elements(x.Elts, u.Elem())
	case *types.Array:
		parts = e.elements(x.Elts, u.Elem())
	default:
		fail("composite literal of %s", t)
	}
	return address + e.l.typeText(t) + "{" + strings.Join(parts, ", ") + "}"
}

func (e *emitter) elements(list []ast.Expr, t types.Type) []string {
	parts := make([]string, len(list))
	for i, element := range list {
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			parts[i] = e.src.Info.Types[kv.Key].Value.ExactString() + ": " + e.element(kv.Value, t)
		} else {
			parts[i] = e.element(element, t)
		}
	}
	return parts
}

func fieldIndex(t *types.Struct, name string) int {
	for i := range t.NumFields() {
		if t.Field(i).Name() == name {
			return i
		}
	}
	fail("no field %s", name)
	return 0
}

// fieldOfElement says whether x is a field of an indexed value, a[i].F or a[i].F.G. Inside of a composite literal the
// interpreter looks for the type of such an expression before it knows that of a, and finds none where a's type is compiled;
// behind a conversion it does not look.
func fieldOfElement(x ast.Expr) bool {
	s, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	_, indexed := ast.Unparen(s.X).(*ast.IndexExpr)
	return indexed || fieldOfElement(s.X)
}

// element writes an element of a composite literal, whose own type may be left out.
func (e *emitter) element(x ast.Expr, t types.Type) string {
	c, ok := x.(*ast.CompositeLit)
	if !ok || c.Type != nil {
		text := e.convert(t, x)
		if fieldOfElement(x) {
			text = "(" + e.l.typeText(t) + ")(" + text + ")"
		}
		return text
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		if _, ok := p.Elem().Underlying().(*types.Struct); !ok {
			return e.pointerTo(p.Elem(), e.composite(c, p.Elem()))
		}
	}
	return e.composite(c, t)
}

// tuple writes an expression with several values, or the two-valued form of one.
func (e *emitter) tuple(x ast.Expr) string {
	x = ast.Unparen(x)
	switch x := x.(type) {
	case *ast.TypeAssertExpr:
		return e.assertion(e.expression(x.X), e.typeOf(x.X), e.typeOf(x.Type), true)
	case *ast.UnaryExpr:
		e.alone = x
	}
	return e.expression(x)
}

// convert writes x as a value of type t.
func (e *emitter) convert(t types.Type, x ast.Expr) string {
	t = e.l.substitute(e.env, t)
	if tv := e.src.Info.Types[x]; tv.Value != nil {
		if types.IsInterface(t) {
			t = e.typeOf(x)
		}
		return e.l.literal(tv.Value, t)
	}
	if types.IsInterface(t) && e.standardInput(x) {
		return runtimeName + ".Stdin"
	}
	if from := e.typeOf(x); types.Identical(t, types.Universe.Lookup("error").Type()) && e.interpreted(from) && !types.IsInterface(from) {
		// The interpreter's own dress of a struct loses all but its last field.
		return fmt.Sprintf("func(v %s) error { return %s.Failure(v, func() string { return v.Error() }) }(%s)", e.l.typeText(from), runtimeName, e.expression(x))
	}
	return e.expression(x)
}

// standardInput says whether x is os.Stdin. Where it goes as a reader, reading asks the learner.
func (e *emitter) standardInput(x ast.Expr) bool {
	s, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	o, ok := e.src.Info.Uses[s.Sel].(*types.Var)
	return ok && o.Pkg() != nil && o.Pkg().Path() == "os" && o.Name() == "Stdin"
}

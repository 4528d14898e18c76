package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

func (e *emitter) binary(x *ast.BinaryExpr) string {
	t := e.typeOf(x)
	operator := x.Op.String()
	switch x.Op {
	case token.SHL, token.SHR:
		return e.operand(x.X, t, "") + " " + operator + " " + e.operand(x.Y, t, "<<")
	case token.LAND, token.LOR:
		return e.grouped(e.expression(x.X)) + " " + operator + " " + e.grouped(e.expression(x.Y))
	case token.EQL, token.NEQ:
		xt, yt := e.typeOf(x.X), e.typeOf(x.Y)
		return e.equal(operator, e.operand(x.X, concrete(xt, yt), ""), xt, e.operand(x.Y, concrete(yt, xt), ""), yt)
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		t = e.typeOf(x.X)
		if untyped(t) || e.src.Info.Types[x.X].Value != nil {
			t = e.typeOf(x.Y)
		}
	}
	return e.operand(x.X, t, "") + " " + operator + " " + e.operand(x.Y, t, "")
}

// concrete is the type that an operand of type t has beside one of type other.
func concrete(t, other types.Type) types.Type {
	if untyped(t) && !untyped(other) && !types.IsInterface(other) {
		return other
	}
	return t
}

// operand writes x for an operator whose operands have type t.
func (e *emitter) operand(x ast.Expr, t types.Type, operator string) string {
	value := e.src.Info.Types[x].Value
	if operator == "<<" || operator == ">>" { // a shift count has a type of its own
		if value != nil {
			return e.l.literal(value, types.Typ[types.Uint])
		}
		switch b, _ := e.under(x).(*types.Basic); {
		case b != nil && b.Info()&types.IsUnsigned == 0:
			return runtimeName + ".Shift(int64(" + e.expression(x) + "))"
		case b != nil && b.Kind() != types.Uint:
			return "uint(" + e.expression(x) + ")"
		}
		return e.grouped(e.expression(x))
	}
	if _, ok := t.Underlying().(*types.Basic); ok && value != nil && !untyped(t) {
		return e.l.literal(value, t)
	}
	return e.grouped(e.expression(x))
}

// equal writes x == y or x != y.
func (e *emitter) equal(operator, x string, xt types.Type, y string, yt types.Type) string {
	plain := x + " " + operator + " " + y
	if isNil(xt) || isNil(yt) {
		return plain
	}
	not := ""
	if operator == "!=" {
		not = "!"
	}
	xi, yi := types.IsInterface(xt), types.IsInterface(yt)
	switch {
	case xi && !yi: // the interface must hold exactly the type of the other side
		return not + e.holds(e.inside(x, xt), y, types.Default(yt))
	case yi && !xi:
		return not + e.holds(e.inside(y, yt), x, types.Default(xt))
	case xi && yi && (e.dresses(xt) || e.dresses(yt)):
		return fmt.Sprintf("%s%s.Equal(%s, %s)", not, runtimeName, x, y)
	}
	switch xt.Underlying().(type) {
	case *types.Array, *types.Struct:
		return fmt.Sprintf("%sfunc(x, y %s) bool { return x == y }(%s, %s)", not, e.l.typeText(types.Default(xt)), x, y)
	case *types.Chan:
		if !types.Identical(xt, yt) {
			return fmt.Sprintf("%s%s.SameChannel(%s, %s)", not, runtimeName, x, y)
		}
	}
	return plain
}

// dresses says whether the interpreter dresses its values as t: an interface of compiled code that has methods.
func (e *emitter) dresses(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0 && !e.interpreted(t)
}

// inside undresses x of type t.
func (e *emitter) inside(x string, t types.Type) string {
	if e.dresses(t) {
		return runtimeName + ".Inside(" + x + ")"
	}
	return x
}

func (e *emitter) holds(boxed, value string, t types.Type) string {
	text := e.l.typeText(t)
	return fmt.Sprintf("func(v any, y %s) bool { x, ok := v.(%s); return ok && x == y }(%s, %s)", text, text, boxed, value)
}

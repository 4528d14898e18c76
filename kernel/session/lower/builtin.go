package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

func (e *emitter) builtin(name string, x *ast.CallExpr) string {
	if len(x.Args) == 1 {
		if t, ok := e.typeOf(x.Args[0]).(*types.Tuple); ok {
			return e.builtinOfTuple(name, x, t)
		}
	}
	switch name {
	case "print", "println":
		return e.printed(name, x)
	case "new":
		if tv := e.src.Info.Types[x.Args[0]]; tv.IsType() {
			return "new(" + e.l.typeText(e.typeOf(x.Args[0])) + ")"
		}
		t := types.Default(e.typeOf(x.Args[0]))
		return e.pointerTo(t, e.convert(t, x.Args[0]))
	case "make":
		return e.makeCall(x)
	case "min", "max":
		return e.extreme(name, x)
	case "clear":
		return runtimeName + ".Clear(" + e.expression(x.Args[0]) + ")"
	case "append":
		return e.appendCall(x)
	case "delete":
		key := e.under(x.Args[0]).(*types.Map).Key()
		return "delete(" + e.expression(x.Args[0]) + ", " + e.convert(key, x.Args[1]) + ")"
	case "complex":
		part := types.Typ[types.Float64]
		if b, ok := e.under(x).(*types.Basic); ok && b.Kind() == types.Complex64 {
			part = types.Typ[types.Float32]
		}
		return "complex(" + e.operand(x.Args[0], part, "") + ", " + e.operand(x.Args[1], part, "") + ")"
	case "recover":
		return runtimeName + ".Recovered(recover())"
	case "panic":
		if isNil(e.typeOf(x.Args[0])) {
			return "panic(" + runtimeName + ".NilPanic())"
		}
		return "panic(" + e.thrown(x.Args[0]) + ")"
	case "len", "cap":
		return e.length(name, x.Args[0])
	}
	parts := make([]string, len(x.Args))
	for i, a := range x.Args {
		parts[i] = e.expression(a)
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// builtinOfTuple writes append(f()) and the like, where f has several results.
func (e *emitter) builtinOfTuple(name string, x *ast.CallExpr, t *types.Tuple) string {
	parameters, arguments := make([]string, t.Len()), make([]string, t.Len())
	for i := range parameters {
		arguments[i] = fmt.Sprintf("arg%d", i)
		parameters[i] = arguments[i] + " " + e.l.typeText(t.At(i).Type())
	}
	result, verb := "", ""
	if rt := e.typeOf(x); rt != nil && e.l.typeText(rt) != "" {
		result, verb = " "+e.l.typeText(rt), "return "
	}
	switch name {
	case "print", "println":
		name = runtimeName + ".P" + name[1:]
	}
	return fmt.Sprintf("func(%s)%s { %s%s(%s) }(%s)", strings.Join(parameters, ", "), result, verb, name, strings.Join(arguments, ", "), e.expression(x.Args[0]))
}

func (e *emitter) printed(name string, x *ast.CallExpr) string {
	parts := make([]string, len(x.Args))
	for i, a := range x.Args {
		text := e.expression(a)
		switch t := e.typeOf(a); u := t.Underlying().(type) {
		case *types.Basic:
			if !untyped(t) && e.l.typeText(t) != u.Name() {
				text = u.Name() + "(" + text + ")"
			}
		case *types.Interface:
			text = runtimeName + ".Interface(" + text + ")"
		}
		parts[i] = text
	}
	return runtimeName + ".P" + name[1:] + "(" + strings.Join(parts, ", ") + ")"
}

func (e *emitter) makeCall(x *ast.CallExpr) string {
	t := e.typeOf(x.Args[0])
	made := t
	c, ok := t.Underlying().(*types.Chan)
	oneWay := ok && c.Dir() != types.SendRecv
	if oneWay {
		made = types.NewChan(types.SendRecv, c.Elem())
	}
	parts := []string{e.l.typeText(made)}
	for _, a := range x.Args[1:] {
		if value := e.src.Info.Types[a].Value; value != nil {
			parts = append(parts, e.l.literal(value, types.Typ[types.Int]))
		} else {
			parts = append(parts, "int("+e.expression(a)+")")
		}
	}
	text := "make(" + strings.Join(parts, ", ") + ")"
	if oneWay {
		return fmt.Sprintf("func() %s { return %s }()", e.l.typeText(t), text)
	}
	return text
}

// extreme writes min or max; NaN wins, and -0 is less than 0.
func (e *emitter) extreme(name string, x *ast.CallExpr) string {
	t := types.Default(e.typeOf(x))
	text := e.l.typeText(t)
	operator, zero := "<", "MinFloat"
	if name == "max" {
		operator, zero = ">", "MaxFloat"
	}
	float := false
	if b, ok := t.Underlying().(*types.Basic); ok {
		float = b.Info()&types.IsFloat != 0
	}
	parameters, arguments := make([]string, len(x.Args)), make([]string, len(x.Args))
	var body strings.Builder
	for i, a := range x.Args {
		parameters[i], arguments[i] = fmt.Sprintf("arg%d", i), e.convert(t, a)
		switch {
		case i == 0:
		case float:
			fmt.Fprintf(&body, "arg0 = %s(%s.%s(float64(arg0), float64(arg%d))); ", text, runtimeName, zero, i)
		default:
			fmt.Fprintf(&body, "if arg%d %s arg0 { arg0 = arg%d }; ", i, operator, i)
		}
	}
	return fmt.Sprintf("func(%s %s) %s { %sreturn arg0 }(%s)", strings.Join(parameters, ", "), text, text, body.String(), strings.Join(arguments, ", "))
}

func (e *emitter) appendCall(x *ast.CallExpr) string {
	t := e.typeOf(x)
	element := t.Underlying().(*types.Slice).Elem()
	parts := []string{e.expression(x.Args[0])}
	if isNil(e.typeOf(x.Args[0])) {
		parts[0] = "(" + e.l.typeText(t) + ")(nil)"
	}
	for _, a := range x.Args[1:] {
		if !x.Ellipsis.IsValid() {
			parts = append(parts, e.convert(element, a))
			continue
		}
		text := e.expression(a)
		if b, ok := e.under(a).(*types.Basic); ok && b.Info()&types.IsString != 0 {
			text = "[]byte(" + text + ")"
		} else if isNil(e.typeOf(a)) {
			text = "[]" + e.l.typeText(element) + "(nil)"
		}
		parts = append(parts, text+"...")
	}
	return "append(" + strings.Join(parts, ", ") + ")"
}

func (e *emitter) length(name string, x ast.Expr) string {
	text := e.expression(x)
	t := e.typeOf(x)
	u := t.Underlying()
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	if a, ok := u.(*types.Array); ok { // of an array the interpreter would make a copy
		return fmt.Sprintf("func(_ %s) int { return %d }(%s)", e.l.typeText(t), a.Len(), text)
	}
	return name + "(" + text + ")"
}

func (e *emitter) unsafeCall(name string, x *ast.CallExpr) string {
	sizes := types.SizesFor("gc", "amd64")
	switch name {
	case "Sizeof":
		return fmt.Sprintf("uintptr(%d)", sizes.Sizeof(e.typeOf(x.Args[0])))
	case "Alignof":
		return fmt.Sprintf("uintptr(%d)", sizes.Alignof(e.typeOf(x.Args[0])))
	}
	parts := make([]string, len(x.Args))
	for i, a := range x.Args {
		parts[i] = e.expression(a)
	}
	t := e.l.typeText(e.typeOf(x))
	switch name {
	case "String", "StringData":
		return runtimeName + ".Unsafe" + name + "(" + strings.Join(parts, ", ") + ")"
	case "Slice":
		return runtimeName + ".UnsafeSlice(" + parts[0] + ", int(" + parts[1] + ")).(" + t + ")"
	case "SliceData":
		return runtimeName + ".UnsafeSliceData(" + parts[0] + ").(" + t + ")"
	}
	return e.l.imported("unsafe") + "." + name + "(" + strings.Join(parts, ", ") + ")"
}

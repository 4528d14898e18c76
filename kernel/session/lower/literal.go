package lower

import (
	"go/constant"
	"go/types"
	"strconv"
	"strings"
)

// literal writes a constant of type t with its type, exactly: constant arithmetic of the interpreter loses precision.
func (l *Lowerer) literal(v constant.Value, t types.Type) string {
	b, ok := t.Underlying().(*types.Basic)
	if !ok || untyped(t) {
		t = defaultType(v, t)
		b = t.Underlying().(*types.Basic)
	}
	name := l.typeText(t)
	as := func(text string, plain bool) string {
		if plain {
			return text
		}
		return name + "(" + text + ")"
	}
	switch {
	case b.Info()&types.IsBoolean != 0:
		return as(strconv.FormatBool(constant.BoolVal(v)), name == "bool")
	case b.Info()&types.IsString != 0:
		return as(strconv.Quote(constant.StringVal(v)), name == "string")
	case b.Info()&types.IsInteger != 0:
		text := constant.ToInt(v).ExactString()
		return as(text, name == "int" && !strings.HasPrefix(text, "-"))
	case b.Info()&types.IsFloat != 0:
		text := floatText(constant.ToFloat(v), b.Kind() == types.Float32)
		return as(text, name == "float64" && !strings.HasPrefix(text, "-"))
	case b.Info()&types.IsComplex != 0:
		c, half, single := constant.ToComplex(v), "float64", b.Kind() == types.Complex64
		if single {
			half = "float32"
		}
		part := func(v constant.Value) string { return half + "(" + floatText(v, single) + ")" }
		return as("complex("+part(constant.Real(c))+", "+part(constant.Imag(c))+")", name == "complex128" || name == "complex64")
	}
	return name + "(" + v.ExactString() + ")"
}

// defaultType is the type of an untyped constant where nothing else gives it one.
func defaultType(v constant.Value, t types.Type) types.Type {
	if untyped(t) {
		return types.Default(t)
	}
	switch v.Kind() {
	case constant.Bool:
		return types.Typ[types.Bool]
	case constant.String:
		return types.Typ[types.String]
	case constant.Int:
		return types.Typ[types.Int]
	case constant.Float:
		return types.Typ[types.Float64]
	}
	return types.Typ[types.Complex128]
}

func floatText(v constant.Value, single bool) string {
	bits, f := 64, 0.0
	if single {
		narrow, _ := constant.Float32Val(v)
		bits, f = 32, float64(narrow)
	} else {
		f, _ = constant.Float64Val(v)
	}
	text := strconv.FormatFloat(f, 'g', -1, bits)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

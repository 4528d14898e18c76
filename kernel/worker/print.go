package worker

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// interfaceValue marks a value that was passed to print as an interface.
type interfaceValue struct{ value any }

func boxed(v any) any { return interfaceValue{v} }

// printed writes a value as the print builtin does.
func printed(v any) string {
	if v == nil {
		return "nil"
	}
	if i, ok := v.(interfaceValue); ok {
		if i.value == nil {
			return "(0x0,0x0)"
		}
		return fmt.Sprintf("(0x1,%p)", &i)
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(r.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(r.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(r.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return printedFloat(r.Float())
	case reflect.Complex64, reflect.Complex128:
		c := r.Complex()
		im := printedFloat(imag(c))
		if im[0] != '-' && im[0] != '+' {
			im = "+" + im
		}
		return "(" + printedFloat(real(c)) + im + "i)"
	case reflect.String:
		return r.String()
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]0x%x", r.Len(), r.Cap(), r.Pointer())
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Sprintf("0x%x", r.Pointer())
	}
	return fmt.Sprint(v)
}

func printedFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "+Inf"
	case math.IsInf(f, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

package worker

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/tunebook/tunebook/kernel/display"
)

// dressed is a value of an interpreted type together with the method by which fmt prints it.
type dressed struct {
	value any
	text  func() string
}

// Format prints with the method where fmt would call it, and the value itself elsewhere.
func (d dressed) Format(s fmt.State, verb rune) {
	format := fmt.FormatString(s, verb)
	defer func() { // as fmt does for a method that does not expect a nil receiver
		if fault := recover(); fault != nil {
			if v := reflect.ValueOf(d.value); v.Kind() != reflect.Pointer || !v.IsNil() {
				panic(fault)
			}
			_, _ = s.Write([]byte("<nil>"))
		}
	}()
	if (verb == 'v' && !s.Flag('#')) || verb == 's' || verb == 'q' || verb == 'x' || verb == 'X' {
		fmt.Fprintf(s, format, d.text())
		return
	}
	fmt.Fprintf(s, format, d.value)
}

func (d dressed) String() string { return d.text() }

func asStringer(v any, text func() string) any { return dressed{v, text} }

// dressedError is the same for an error.
type dressedError struct{ dressed }

func (d dressedError) Error() string { return d.text() }

func asError(v any, text func() string) any { return dressedError{dressed{v, text}} }

// unwrapped is the value in the box that the interpreter puts around one in an interface of a cell.
func unwrapped(v any) any {
	box := reflect.ValueOf(v)
	if !box.IsValid() || box.Kind() != reflect.Struct || box.Type().String() != "interp.valueInterface" {
		return v
	}
	inside := box.FieldByName("value")
	if !inside.IsValid() || inside.Type() != reflect.TypeFor[reflect.Value]() {
		return v
	}
	copied := reflect.New(box.Type()).Elem() // the field is private, so it is read through its address
	copied.Set(box)
	held := *(*reflect.Value)(copied.FieldByName("value").Addr().UnsafePointer())
	if held.IsValid() && held.CanInterface() {
		return unwrapped(held.Interface())
	}
	return nil
}

// undressed is v as a page shall see it.
func undressed(v any) any {
	if m, ok := v.(display.Methods); ok {
		m.Value = unwrapped(m.Value)
		return m
	}
	return unwrapped(v)
}

// marshaler lets compiled encoding/json call a method of an interpreted type.
type marshaler struct {
	call func() ([]byte, error)
}

// MarshalJSON implements json.Marshaler.
func (m marshaler) MarshalJSON() ([]byte, error) { return m.call() }

var _ json.Marshaler = marshaler{}

func marshal(call func() ([]byte, error)) any { return marshaler{call} }

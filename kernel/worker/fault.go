package worker

import (
	"fmt"
	"reflect"
	"strings"
)

// fault is a run-time error of Go, raised where the interpreter has none.
type fault string

func (f fault) Error() string { return "runtime error: " + string(f) }

// RuntimeError makes it a runtime.Error.
func (fault) RuntimeError() {}

// assertionFault is a failed type assertion; Go does not begin its message with "runtime error".
type assertionFault string

func (f assertionFault) Error() string { return string(f) }

// RuntimeError makes it a runtime.Error.
func (assertionFault) RuntimeError() {}

func nilPointer() error { return fault("invalid memory address or nil pointer dereference") }

func rangeDone() error {
	return fault("range function continued iteration after function for loop body returned false")
}

func notA(v any, wanted string) error {
	if v == nil {
		return assertionFault("interface conversion: interface is nil, not " + wanted)
	}
	return assertionFault(fmt.Sprintf("interface conversion: interface {} is %T, not %s", v, wanted))
}

func nilPanic() (v any) {
	defer func() { v = recover() }()
	panic(nil) //nolint:govet // this is how the run-time error for it is made
}

// interpreterFaults maps the beginnings of what the interpreter's machinery panics with to what Go would say.
var interpreterFaults = []struct{ begins, says string }{
	{"reflect: slice index out of range", "index out of range"},
	{"reflect: array index out of range", "index out of range"},
	{"reflect: string index out of range", "index out of range"},
	{"reflect.Value.Slice", "slice bounds out of range"},
	{"reflect.MakeSlice: negative len", "makeslice: len out of range"},
	{"reflect.MakeSlice: len", "makeslice: cap out of range"},
	{"reflect.MakeSlice", "makeslice: cap out of range"},
	{"reflect.Value.Call: call of nil", "invalid memory address or nil pointer dereference"},
	{"reflect: call of", "invalid memory address or nil pointer dereference"},
	{"reflect.Value.", "invalid memory address or nil pointer dereference"},
}

// goPanic turns a panic of the interpreter's own machinery into the run-time error that compiled code would have raised.
func goPanic(v any) any {
	if inside, ok := v.(reflect.Value); ok && inside.IsValid() && inside.CanInterface() {
		v = inside.Interface() // what interpreted code panics with comes in this box, also to recover
	}
	switch v := v.(type) {
	case string:
		for _, f := range interpreterFaults {
			if strings.HasPrefix(v, f.begins) {
				return fault(f.says)
			}
		}
		if strings.HasPrefix(v, "interface conversion:") {
			return assertionFault(v)
		}
	case *reflect.ValueError:
		return fault("invalid memory address or nil pointer dereference")
	}
	return v
}

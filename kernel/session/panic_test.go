package session

import (
	"strings"
	"testing"
)

// TestPanic looks at what the learner reads of a panic, and at what recover gives: the value itself, with its type.
func TestPanic(t *testing.T) {
	const declared = `type boom struct { Code int; Why string }
type failure struct{ code int }
func (f *failure) Error() string { return fmt.Sprint("failure ", f.code) }
type level int
func (l level) String() string { return fmt.Sprint("level ", int(l)) }
func try(f func()) (s string) {
	defer func() {
		switch r := recover().(type) {
		case nil: s = "nothing"
		case string: s = "string " + r
		case *failure: s = fmt.Sprint("*failure ", r.code)
		case boom: s = "boom " + r.Why
		case level: s = "level"
		case error: s = "error " + r.Error()
		default: s = fmt.Sprintf("%T", r)
		}
	}()
	f()
	return
}`
	for cell, want := range map[string]string{
		"panic(boom{3, \"why\"})":                          "{Code:3 Why:why} (of type main.boom)",
		"panic(&boom{3, \"why\"})":                         "&{Code:3 Why:why} (of type *main.boom)",
		"panic(&failure{4})":                               "failure 4",
		"var err error = &failure{5}\npanic(err)":          "failure 5",
		"var none *failure\npanic(none)":                   "<nil> (of type *main.failure)",
		"panic(level(3))":                                  "level 3",
		"panic(fmt.Errorf(\"an error\"))":                  "an error",
		"panic(42)":                                        "42 (of type int)",
		"try(func() { panic(boom{}) })\npanic([]int{1})":   "[1] (of type []int)",
		"var x any = \"s\"\nx.(int)":                       "interface conversion: interface {} is string, not int",
		"try(func() { panic(\"s\") })":                     "string s",
		"try(func() { panic(&failure{6}) })":               "*failure 6",
		"try(func() { panic(boom{1, \"w\"}) })":            "boom w",
		"try(func() { panic(level(1)) })":                  "level",
		"try(func() { panic(1.5) })":                       "float64",
		"try(func() { var m map[string]int; m[\"a\"]++ })": "error assignment to entry in nil map",
		"try(func() { var p *boom; p.Code++ })":            "error runtime error: invalid memory address or nil pointer dereference",
		"try(func() {})":                                   "nothing",
	} {
		t.Run(cell, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			if got := output(s, declared); got != "" {
				t.Fatal(got)
			}
			got := output(s, cell)
			if !strings.HasSuffix(got, want) || strings.HasPrefix(want, "{") && !strings.HasPrefix(got, "Panic: ") {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

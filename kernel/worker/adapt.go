package worker

import (
	"encoding/json"
	"fmt"
)

// dressed is a value of an interpreted type together with the method by which fmt prints it.
type dressed struct {
	value any
	text  func() string
}

// Format prints with the method where fmt would call it, and the value itself elsewhere.
func (d dressed) Format(s fmt.State, verb rune) {
	format := fmt.FormatString(s, verb)
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

// marshaler lets compiled encoding/json call a method of an interpreted type.
type marshaler struct {
	call func() ([]byte, error)
}

// MarshalJSON implements json.Marshaler.
func (m marshaler) MarshalJSON() ([]byte, error) { return m.call() }

var _ json.Marshaler = marshaler{}

func marshal(call func() ([]byte, error)) any { return marshaler{call} }

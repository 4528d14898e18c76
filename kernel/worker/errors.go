package worker

import (
	"errors"
	"reflect"
)

// failure is an error of a cell as compiled code sees it.
type failure struct {
	value any
	text  func() string
}

func (f *failure) Error() string { return f.text() }

func newFailure(v any, text func() string) error { return &failure{v, text} }

// inside is the value that the interpreter dressed as an interface of compiled code, such as error: a struct of the value
// and its methods.
func inside(v any) any {
	for {
		if f, ok := v.(*failure); ok {
			v = f.value
			continue
		}
		r := reflect.ValueOf(v)
		if !r.IsValid() || r.Kind() != reflect.Struct || r.NumField() == 0 || r.Type().Field(0).Name != "IValue" {
			return v
		}
		v = r.Field(0).Interface()
	}
}

// equal is x == y for values that may be dressed.
func equal(x, y any) bool { return unwrapped(inside(x)) == unwrapped(inside(y)) }

// errorChain is err and everything that it wraps, in the order in which errors.Is looks at it, undressed. next unwraps
// errors whose Unwrap compiled code does not see.
func errorChain(err error, next func(any) error) []any {
	if err == nil {
		return nil
	}
	own := inside(err)
	chain := []any{own}
	switch u := err.(type) { //nolint:errorlint // this is what walks the chain
	case interface{ Unwrap() error }:
		return append(chain, errorChain(u.Unwrap(), next)...)
	case interface{ Unwrap() []error }:
		for _, e := range u.Unwrap() {
			chain = append(chain, errorChain(e, next)...)
		}
		return chain
	}
	return append(chain, errorChain(next(own), next)...)
}

func errorUnwrap(err error, next func(any) error) error {
	if err == nil {
		return nil
	}
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return next(inside(err))
}

func errorIs(err, target error, next func(any) error) bool {
	wanted := inside(target)
	comparable := wanted == nil || reflect.TypeOf(wanted).Comparable()
	if err == nil || target == nil {
		return err == nil && target == nil
	}
	for _, e := range errorChain(err, next) {
		if comparable && reflect.TypeOf(e).Comparable() && unwrapped(e) == unwrapped(wanted) {
			return true
		}
		if x, ok := e.(interface{ Is(error) bool }); ok && x.Is(target) {
			return true
		}
	}
	return false
}

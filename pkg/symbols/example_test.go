package symbols_test

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/symbols"
)

func ExampleLoad() {
	p, ok := symbols.Load("gonum.org/v1/gonum/floats")
	fmt.Println(p.Name, ok, p.Symbols["Sum"].IsValid())
	// Output: floats true true
}

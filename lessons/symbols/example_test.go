package symbols_test

import (
	"fmt"

	"github.com/tunebook/tunebook/lessons/symbols"
)

func ExampleLoad() {
	p, ok := symbols.Load("github.com/tunebook/tunebook/lessons/check")
	fmt.Println(p.Name, ok, p.Symbols["All"].IsValid())
	// Output: check true true
}

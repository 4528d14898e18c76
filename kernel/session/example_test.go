package session_test

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/symbols"
)

// printed is a front-end that prints what cells print.
type printed struct{}

func (printed) Emit(e display.Event) error {
	fmt.Print(e.Text)
	return nil
}

func (printed) Ask(string, bool) (string, error) { return "", nil }

// Variables and functions live on from cell to cell. A cell that does not compile changes nothing.
func Example() {
	s, err := session.New(session.Options{Export: symbols.Export, Source: symbols.Source, Packages: symbols.Paths})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	for _, code := range []string{
		"total := 20\nfunc double[T int | float64](x T) T { return 2 * x }",
		"fmt.Println(\"doubling\", total)\ndouble(total) + 2",
		"total = \"forty\"",
		"total",
	} {
		result := s.Execute(context.Background(), session.Cell{Code: code}, printed{})
		if result.Err != nil {
			fmt.Println(result.Err)
			continue
		}
		if text := result.Value.Text(); text != "" {
			fmt.Printf("[%d] %s\n", result.Count, text)
		}
	}
	// Output:
	// doubling 20
	// [2] 42
	// CompileError: cell 3:1:9: cannot use "forty" (untyped string constant) as int value in assignment
	// [4] 20
}

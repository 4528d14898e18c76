package kernel_test

import (
	"fmt"

	"github.com/tunebook/tunebook/kernel"
)

// What a front-end is told about the language of the cells.
func ExampleLanguage() {
	l := kernel.Language()
	fmt.Println(l.Name, l.Extension, l.MIMEType)
	// Output: go .go text/x-go
}

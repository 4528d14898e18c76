package command_test

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compare/command"
)

func ExampleNew() {
	fmt.Println(command.New().Use)
	// Output: compare
}

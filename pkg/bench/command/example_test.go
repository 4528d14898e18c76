package command_test

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/bench/command"
)

func ExampleNew() {
	for _, c := range command.New().Commands() {
		fmt.Println(c.Name())
	}
	// Output:
	// adapt
	// decode
	// gemm
	// lora
	// memory
	// train
}

package worker_test

import (
	"fmt"

	"github.com/tunebook/tunebook/kernel/worker"
)

// A program calls Main in the process that the kernel starts; by hand it does nothing.
func ExampleMain() {
	err := worker.Main(worker.Options{Load: func(string) (worker.Package, bool) { return worker.Package{}, false }})
	fmt.Println(err)
	// Output: worker: this command is started by the kernel, not by hand
}

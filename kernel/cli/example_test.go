package cli_test

import (
	"fmt"
	"os"

	"github.com/tunebook/tunebook/kernel/cli"
)

// main hands over what only it can know, and the command line. A command that does not exist is a usage error.
func ExampleMain() {
	status := cli.Main(cli.App{Out: os.Stdout, Err: os.Stdout}, []string{"fly"})
	fmt.Println("status", status)
	// Output:
	// tunebook: unknown command "fly" for "tunebook"
	// status 2
}

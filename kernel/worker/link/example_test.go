package link_test

import (
	"os"

	"github.com/tunebook/tunebook/kernel/worker/link"
)

// The kernel asks for a cell, the worker says that it has ended.
func ExampleWriter() {
	w := link.NewWriter(os.Stdout)
	for _, v := range []any{
		link.Request{Kind: link.Run, ID: 1, Code: "package main\nfunc cell_1() {}", Entry: "cell_1"},
		link.Request{Kind: link.Interrupt},
		link.Reply{Kind: link.Finished, ID: 1, Done: &link.Outcome{Interrupted: true}},
	} {
		if err := w.Send(v); err != nil {
			panic(err)
		}
	}
	// Output:
	// {"kind":"run","id":1,"code":"package main\nfunc cell_1() {}","entry":"cell_1"}
	// {"kind":"interrupt"}
	// {"kind":"done","id":1,"done":{"interrupted":true}}
}

package session

import (
	"fmt"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

// Cell is a piece of code to run.
type Cell struct {
	Number     int    // the execution count, for the name where Name is empty
	Name       string // how errors call the cell; zero means "cell N"
	Code       string
	Silent     bool // evaluates without counting
	AllowStdin bool // the Sink may be asked for input
	Measure    bool // Result.Used is wanted
}

func (c Cell) name() string {
	if c.Name != "" {
		return c.Name
	}
	return fmt.Sprintf("cell %d", c.Number)
}

// Sink receives what a running cell puts on the page, in order.
type Sink = display.Sink

// Result is what a cell came to.
type Result struct {
	Value display.Bundle // of the last expression; empty if there is none
	Err   *Error
	Page  display.Bundle // help that was asked for
	Count int            // the number of the cell
	Used  Usage          // where the cell asked for it
}

// Usage is what a cell took of the machine: CPU time, time that its threads waited for a core, memory at its highest.
type Usage = link.Usage

// The names of errors.
const (
	CompileError = "CompileError" // the compiler would refuse the cell; nothing ran and nothing changed
	Panic        = "Panic"        // the cell panicked; what it did before stays
	Interrupted  = "Interrupted"  // the learner stopped the cell; what it did before stays
	WorkerDied   = "WorkerDied"   // the process that ran the cell ended; variables are lost
	NoInput      = "NoInput"      // the cell read standard input where nobody can be asked, and was stopped there
	Unsupported  = "Unsupported"  // valid Go that the interpreter cannot run; nothing ran
)

// Error says why a cell failed, and where.
type Error struct {
	Name         string // one of the names above
	Message      string
	Cell         string // where, if known
	Line, Column int
	Traceback    []string // for the page, one line each
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Name + ": " + e.Message
	}
	return fmt.Sprintf("%s: %s:%d:%d: %s", e.Name, e.Cell, e.Line, e.Column, e.Message)
}

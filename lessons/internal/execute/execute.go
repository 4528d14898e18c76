// Package execute runs notebooks in the session that a learner has, with the interpreter in a process of its own, and
// says what each cell took. Nothing is built for that: the program that runs a notebook is also its worker, so what runs is
// what the program was linked with, and go test knows when a lesson has to run again.
package execute

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tunebook/tunebook/kernel/runner"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/symbols"
	"github.com/tunebook/tunebook/kernel/worker"
	teaching "github.com/tunebook/tunebook/lessons/symbols"
	library "github.com/tunebook/tunebook/pkg/symbols"
)

// importable is what cells can import, as in the tunebook command.
func importable() symbols.Table { return symbols.Join(symbols.All(), library.All(), teaching.All()) }

// Serve makes this process a worker, and does not return, if a session has started it as one. Programs and tests that run
// notebooks call it before anything else.
func Serve() {
	if len(os.Args) < 2 || os.Args[1] != "worker" {
		return
	}
	if err := worker.Main(worker.Options{Load: shared(importable(), os.Getenv(sharedFolder)).Load}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A Runner runs notebooks. The zero value does.
type Runner struct {
	Progress io.Writer // gets a line for each cell; nil for none
	Env      []string  // of the cells, beside our own
}

// Run executes a notebook and returns it with its outputs, and what each cell took. When a cell fails it returns what
// there is by then and an error that says where. Cells run in an empty folder and with an empty data folder: what they
// note of a learner's progress is thrown away.
func (r *Runner) Run(ctx context.Context, notebook []byte) (executed []byte, ran []runner.Ran, err error) {
	dir, err := os.MkdirTemp("", "tunebook-run-*")
	if err != nil {
		return nil, nil, fmt.Errorf("lessons: %w", err)
	}
	defer os.RemoveAll(dir)
	n, err := runner.Parse(notebook)
	if err != nil {
		return nil, nil, fmt.Errorf("lessons: %w", err)
	}
	table := importable()
	s, err := session.New(session.Options{
		Dir: dir, Env: append([]string{"XDG_DATA_HOME=" + dir}, r.Env...),
		Export: table.Export, Source: table.Source, Packages: table.Paths,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("lessons: %w", err)
	}
	defer s.Close()
	failed := n.Execute(ctx, s, runner.Options{Progress: r.Progress, Each: func(cell runner.Ran) { ran = append(ran, cell) }})
	executed, err = n.Bytes()
	if failed != nil {
		var cell *runner.CellError
		if errors.As(failed, &cell) && cell.Cell <= len(ran) {
			failed = fmt.Errorf("%w\nin: %s", failed, ran[cell.Cell-1].Summary)
		}
		return executed, ran, fmt.Errorf("lessons: %w", failed)
	}
	if err != nil {
		return nil, ran, fmt.Errorf("lessons: %w", err)
	}
	return executed, ran, nil
}

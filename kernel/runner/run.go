package runner

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
)

// Session runs cells; *session.Session is one.
type Session interface {
	Execute(ctx context.Context, cell session.Cell, sink display.Sink) session.Result
}

// Options of a run. The zero value stops at the first error and says nothing while it runs.
type Options struct {
	Out         string    // the executed notebook is written here; may be the file that was read
	HTML        string    // a page is written here
	AllowErrors bool      // run the cells after one that failed, too
	Progress    io.Writer // gets one line per cell: how long it took, and its first line
	Text        io.Writer // gets what cells print and show, as plain text
	Each        func(Ran) // gets what each cell took

	Kernelspec map[string]string // for the metadata of notebooks that name no kernel
	Language   map[string]string
}

// Ran is what a cell took.
type Ran struct {
	ID      string // of the cell; empty in notebooks before format 4.5
	Summary string // its first line that says something
	Wall    time.Duration
	Used    session.Usage
}

// CellError says which cell failed first.
type CellError struct {
	Cell         int // counts the code cells that ran, as the [1] beside a cell does
	Line, Column int // zero where it is not known
	Name         string
	Message      string
	Traceback    []string
}

func (e *CellError) Error() string {
	at := fmt.Sprintf("cell %d", e.Cell)
	if e.Line > 0 {
		at += fmt.Sprintf(", line %d", e.Line)
	}
	return fmt.Sprintf("%s: %s: %s", at, e.Name, e.Message)
}

// Run executes a notebook that was read from path and writes what o asks for. Outputs are written whole or not at all;
// when a cell fails they are written as far as the run came, with the error in its place, and the error is a [*CellError].
func (n *Notebook) Run(ctx context.Context, path string, s Session, o Options) error {
	failed := n.Execute(ctx, s, o)
	if failed != nil {
		failed = fmt.Errorf("%s: %w", path, failed)
	}
	if o.Out != "" {
		content, err := n.Bytes()
		if err != nil {
			return err
		}
		if err := WriteFile(o.Out, content); err != nil {
			return err
		}
	}
	if o.HTML != "" {
		title := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		content, err := n.HTML(title, filepath.Dir(path))
		if err != nil {
			return err
		}
		if err := WriteFile(o.HTML, content); err != nil {
			return err
		}
	}
	return failed
}

// Execute runs the code cells in order and puts their outputs into n. A cell with the tag raises-exception may fail, one
// with skip-execution does not run. When ctx is cancelled, the running cell is interrupted and the error wraps ctx.Err().
func (n *Notebook) Execute(ctx context.Context, s Session, o Options) error {
	if err := n.describe(o.Kernelspec, o.Language); err != nil {
		return err
	}
	var first error
	show := &page{echo: printer(o.Text)}
	cells := n.runnable()
	for i, c := range cells {
		show.begin(c)
		began := time.Now()
		used, failed := run(ctx, s, show, i+1, o.Each != nil)
		if o.Each != nil {
			o.Each(Ran{c.ID(), summary(c.Source), time.Since(began), used})
		}
		if o.Progress != nil {
			fmt.Fprintf(o.Progress, "[%d/%d] %7.2f s  %s%s\n", i+1, len(cells), time.Since(began).Seconds(), summary(c.Source), verdict(failed))
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("cell %d was interrupted: %w", i+1, err)
		}
		if failed == nil || slices.Contains(c.Tags, "raises-exception") {
			continue
		}
		if first == nil {
			first = failed
		}
		if !o.AllowErrors {
			break
		}
	}
	return first
}

// runnable are the code cells that run. Outputs of those that do not run are of an earlier time and go.
func (n *Notebook) runnable() []*Cell {
	var cells []*Cell
	for _, c := range n.Cells {
		if c.Kind != "code" {
			continue
		}
		c.changed, c.Outputs, c.Count = true, nil, 0
		if strings.TrimSpace(c.Source) != "" && !slices.Contains(c.Tags, "skip-execution") {
			cells = append(cells, c)
		}
	}
	return cells
}

// run executes one cell and keeps its value or its error; the latter comes back as a *CellError or nil.
func run(ctx context.Context, s Session, show *page, number int, measure bool) (session.Usage, error) {
	result := s.Execute(ctx, session.Cell{Number: number, Name: fmt.Sprintf("cell %d", number), Code: show.cell.Source, Measure: measure},
		display.Limit(show, display.StreamLimit))
	show.cell.Count = number
	if e := result.Err; e != nil {
		show.result(&Output{Kind: "error", Name: e.Name, Text: e.Message, Traceback: e.Traceback})
		return result.Used, &CellError{Cell: number, Line: e.Line, Column: e.Column, Name: e.Name, Message: e.Message, Traceback: e.Traceback}
	}
	if !result.Value.Empty() {
		o := shown("execute_result", result.Value)
		o.Count = number
		show.result(o)
		if show.echo != nil {
			show.echo(display.Event{Kind: display.KindShow, Data: result.Value})
		}
	}
	return result.Used, nil
}

// printer writes events as plain text. States of a live place are left out but for the first: a terminal cannot go back.
func printer(w io.Writer) func(display.Event) {
	if w == nil {
		return nil
	}
	return func(e display.Event) {
		switch e.Kind {
		case display.KindStream:
			fmt.Fprint(w, e.Text)
		case display.KindShow:
			if text := strings.TrimRight(e.Data.Text(), "\n"); text != "" {
				fmt.Fprintln(w, text)
			}
		}
	}
}

// summary is the first line of a cell that says something.
func summary(source string) string {
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "import") || strings.HasPrefix(line, `"`) || line == ")" {
			continue
		}
		if runes := []rune(line); len(runes) > 72 {
			line = string(runes[:71]) + "…"
		}
		return line
	}
	first, _, _ := strings.Cut(strings.TrimSpace(source), "\n")
	return first
}

func verdict(failed error) string {
	if failed == nil {
		return ""
	}
	return "  ✗"
}

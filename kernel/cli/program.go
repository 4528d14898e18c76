package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
)

// program runs a .go file in a session and shows what it prints and displays as text.
func (a App) program(ctx context.Context, path string) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	code, err := asCell(path, string(source))
	if err != nil {
		return err
	}
	s, err := a.Session()
	if err != nil {
		return err
	}
	defer s.Close()
	show := &terminal{out: a.Out, err: a.Err, in: bufio.NewReader(os.Stdin)}
	failed := s.Execute(ctx, session.Cell{Number: 1, Name: path, Code: code, AllowStdin: true}, show).Err
	if failed == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s was interrupted: %w", path, err)
	}
	if len(failed.Traceback) > 0 {
		return fmt.Errorf("%s\n%w", strings.Join(failed.Traceback, "\n"), failed)
	}
	return failed
}

// asCell is a program as a cell: what it declares, and then a call of its main. Lines and columns stay what they were.
func asCell(path, source string) (string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, parser.PackageClauseOnly)
	if err != nil {
		return "", err
	}
	if file.Name.Name != "main" {
		return "", fmt.Errorf("%s: it is of package %s; only package main is a program", path, file.Name.Name)
	}
	from, to := files.Position(file.Package).Offset, files.Position(file.Name.End()).Offset
	return source[:from] + strings.Repeat(" ", to-from) + source[to:] + "\nmain()\n", nil
}

// terminal is a page on which text can be read.
type terminal struct {
	mu       sync.Mutex
	out, err io.Writer
	in       *bufio.Reader
}

var _ display.Asker = (*terminal)(nil)

func (t *terminal) Emit(e display.Event) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	switch {
	case e.Kind == display.KindStream && e.Name == "stderr":
		_, err = io.WriteString(t.err, e.Text)
	case e.Kind == display.KindStream:
		_, err = io.WriteString(t.out, e.Text)
	case e.Kind == display.KindShow:
		_, err = fmt.Fprintln(t.out, strings.TrimRight(e.Data.Text(), "\n"))
	}
	return err
}

func (t *terminal) Ask(prompt string, _ bool) (string, error) {
	t.mu.Lock()
	fmt.Fprint(t.out, prompt)
	t.mu.Unlock()
	line, err := t.in.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
)

// scripted is a session whose cells are one word and an argument: these tests are about notebooks.
type scripted struct {
	stop   context.CancelFunc
	forbid *testing.T // to measure
}

func (s scripted) Execute(ctx context.Context, c session.Cell, sink display.Sink) session.Result {
	word, rest, _ := strings.Cut(strings.TrimSpace(c.Code), " ")
	at := display.MIMEMap{"display_id": "x"}
	switch word {
	case "value":
		r := session.Result{Value: display.Render(rest)}
		if c.Measure {
			r.Used.Peak = 7
			if s.forbid != nil {
				s.forbid.Error("measured without being asked")
			}
		}
		return r
	case "print":
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: "a\n"})
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: "b\n"})
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stderr", Text: "c"})
	case "show":
		b := display.SVG("<svg xmlns='http://www.w3.org/2000/svg'/>")
		b.Transient = at
		_ = sink.Emit(display.Event{Kind: display.KindShow, Data: b})
	case "update":
		_ = sink.Emit(display.Event{Kind: display.KindUpdate, Data: display.Bundle{Data: display.PNG([]byte{1, 2, 3}).Data, Transient: at}})
	case "clear":
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: "gone"})
		_ = sink.Emit(display.Event{Kind: display.KindClear, Wait: true})
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: "kept"})
	case "fail":
		return session.Result{Err: &session.Error{Name: "Panic", Message: rest, Line: 2, Column: 3, Traceback: []string{"\x1b[31mPanic\x1b[0m: " + rest}}}
	case "stop":
		s.stop()
		<-ctx.Done()
		return session.Result{Err: &session.Error{Name: "Interrupted", Message: "interrupted"}}
	}
	return session.Result{}
}

// notebook makes the file of a notebook with the code cells given; a cell may begin with "#tag ".
func notebook(t *testing.T, sources ...string) string {
	t.Helper()
	var cells []any
	for _, source := range sources {
		metadata := map[string]any{}
		if strings.HasPrefix(source, "#") {
			tag, rest, _ := strings.Cut(source, " ")
			metadata["tags"], source = []string{tag[1:]}, rest
		}
		cells = append(cells, map[string]any{"cell_type": "code", "source": source, "metadata": metadata,
			"outputs": []any{map[string]any{"output_type": "stream", "name": "stdout", "text": "old"}}, "execution_count": 77, "id": "x"})
	}
	content, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}, "cells": cells})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "in.ipynb")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// file reads and runs a notebook, as the command does.
func file(ctx context.Context, path string, s Session, o Options) error {
	n, err := Read(path)
	if err != nil {
		return err
	}
	return n.Run(ctx, path, s, o)
}

// outputs describes the outputs of all code cells.
func outputs(n *Notebook) []string {
	var all []string
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			line := o.Kind + " " + o.Name + " " + o.Text
			for _, kind := range []string{display.MIMETypePNG, display.MIMETypeText} {
				if s, ok := o.Data[kind].(string); ok {
					line += s
					break
				}
			}
			all = append(all, line)
		}
	}
	return all
}

func TestExecute(t *testing.T) {
	for _, c := range []struct {
		name    string
		cells   []string
		options Options
		want    []string
		err     string
	}{
		{"value and streams", []string{"value 1", "print"}, Options{},
			[]string{"execute_result  1", "stream stdout a\nb\n", "stream stderr c"}, ""},
		{"update in another cell", []string{"show", "update"}, Options{}, []string{"display_data  AQID"}, ""},
		{"clear", []string{"clear"}, Options{}, []string{"stream stdout kept"}, ""},
		{"first error stops", []string{"value 1", "fail x", "value 2"}, Options{},
			[]string{"execute_result  1", "error Panic x"}, "cell 2, line 2: Panic: x"},
		{"errors allowed", []string{"fail x", "fail y", "value 2"}, Options{AllowErrors: true},
			[]string{"error Panic x", "error Panic y", "execute_result  2"}, "cell 1, line 2: Panic: x"},
		{"expected error", []string{"#raises-exception fail x", "value 2"}, Options{}, []string{"error Panic x", "execute_result  2"}, ""},
		{"skipped", []string{"#skip-execution fail x", "  \n", "value 2"}, Options{}, []string{"execute_result  2"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.ipynb")
			c.options.Out = out
			err := file(t.Context(), notebook(t, c.cells...), scripted{}, c.options)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.HasSuffix(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			n, err := Read(out)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, outputs(n)); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func TestProgressAndText(t *testing.T) {
	var progress, text bytes.Buffer
	err := file(t.Context(), notebook(t, "print x", "value 7", "fail x"), scripted{}, Options{Progress: &progress, Text: &text})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Cell != 3 || failed.Line != 2 {
		t.Errorf("error %v", err)
	}
	lines := strings.Split(strings.TrimSpace(progress.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "[1/3] ") || !strings.Contains(lines[1], " s  value 7") || !strings.HasSuffix(lines[2], "✗") {
		t.Errorf("progress\n%s", &progress)
	}
	if got, want := text.String(), "a\nb\nc7\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := filepath.Join(t.TempDir(), "out.ipynb")
	err := file(ctx, notebook(t, "value 1", "stop", "value 2"), scripted{stop: stop}, Options{Out: out, AllowErrors: true})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "cell 2 was interrupted") {
		t.Errorf("error %v", err)
	}
	n, err := Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"execute_result  1", "error Interrupted interrupted"}, outputs(n)); d != "" {
		t.Error(d)
	}
}

func TestBrokenFilesWriteNothing(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, want string }{
		"empty":           {"", "unexpected end"},
		"cut":             {"{\n\"cells\": [\n", "line 3"},
		"a list":          {"[]", "array"},
		"null":            {"null", `"nbformat" is missing`},
		"no cells":        {`{"nbformat":4,"nbformat_minor":5}`, `"cells" is missing`},
		"old format":      {`{"nbformat":3,"nbformat_minor":0,"worksheets":[]}`, "format 3"},
		"cell of no kind": {`{"nbformat":4,"nbformat_minor":5,"cells":[{"source":""}]}`, `cell 1 of 1: "cell_type" is missing`},
		"unknown kind":    {`{"nbformat":4,"nbformat_minor":5,"cells":[{"cell_type":"x","source":""}]}`, `cell_type is "x"`},
		"source is one":   {`{"nbformat":4,"nbformat_minor":5,"cells":[{"cell_type":"code","source":1}]}`, "string or a list"},
		"null cell":       {`{"nbformat":4,"nbformat_minor":5,"cells":[null]}`, "cell 1 of 1"},
	} {
		path, out := filepath.Join(dir, "in.ipynb"), filepath.Join(dir, "out.ipynb")
		if err := os.WriteFile(path, []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		err := file(t.Context(), path, scripted{}, Options{Out: out, HTML: out + ".html"})
		if !errors.Is(err, ErrNotebook) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that says %q and names the file", name, err, c.want)
		}
	}
	if err := file(t.Context(), filepath.Join(dir, "none.ipynb"), scripted{}, Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v are in the folder, %v", left, err)
	}
}

func TestWriteFileIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: a private file must stay private", info.Mode(), err)
	}
	if err := WriteFile(filepath.Join(dir, "no", "folder"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	// A target that cannot be replaced: nothing half-written stays behind.
	if err := os.MkdirAll(filepath.Join(dir, "b", "c"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "b"), []byte("x")); err == nil {
		t.Error("a folder was replaced")
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("left: %v", left)
	}
}

// Each cell is measured when somebody wants to know, and only then.
func TestEach(t *testing.T) {
	path := notebook(t, "value 1", "#raises-exception fail x")
	var ran []Ran
	if err := file(t.Context(), path, scripted{}, Options{Each: func(r Ran) { ran = append(ran, r) }}); err != nil {
		t.Fatal(err)
	}
	if len(ran) != 2 || ran[0].ID != "x" || ran[0].Summary != "value 1" || ran[0].Used.Peak != 7 || ran[1].Wall <= 0 {
		t.Errorf("%+v", ran)
	}
	if err := file(t.Context(), path, scripted{forbid: t}, Options{}); err != nil {
		t.Fatal(err)
	}
}

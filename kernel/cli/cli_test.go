package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/kernel"
	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
)

// scripted is a session that fails on the cell "fail" and shows any other as it is.
type scripted struct{ kernel.Session }

func (scripted) Close() error { return nil }

func (scripted) Execute(_ context.Context, c session.Cell, sink display.Sink) session.Result {
	if strings.Contains(c.Code, "fail") {
		return session.Result{Err: &session.Error{Name: "Panic", Message: "bad", Line: 1, Traceback: []string{"the trace"}}}
	}
	if strings.HasSuffix(c.Code, "main()\n") {
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: c.Code})
		return session.Result{}
	}
	return session.Result{Value: display.Render(c.Code)}
}

// call runs a command line and gives its status and what it wrote.
func call(t *testing.T, arguments ...string) (status int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = Main(App{
		Session: func() (kernel.Session, error) { return scripted{}, nil },
		Facts:   func(context.Context) []Fact { return []Fact{{Name: "CPU", Value: "AVX2", OK: true}} },
		Out:     &stdout, Err: &stderr,
	}, arguments)
	return status, stdout.String(), stderr.String()
}

func notebook(t *testing.T, cells ...string) string {
	t.Helper()
	var list []any
	for _, c := range cells {
		list = append(list, map[string]any{"cell_type": "code", "source": c, "metadata": map[string]any{}, "outputs": []any{}, "execution_count": nil})
	}
	content, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": list})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "n.ipynb")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStatusAndWords(t *testing.T) {
	good, bad := notebook(t, "one", "two"), notebook(t, "one", "fail", "two")
	broken := filepath.Join(t.TempDir(), "b.ipynb")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	goodGo, badGo := filepath.Join(dir, "good.go"), filepath.Join(dir, "bad.go")
	libraryGo, noGo := filepath.Join(dir, "library.go"), filepath.Join(dir, "no.go")
	for path, source := range map[string]string{goodGo: "package main\nfunc main() {}", badGo: "package main\nfail", libraryGo: "package lib", noGo: "func"} {
		if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		arguments []string
		status    int
		out, err  string // each is a part of what is written
	}{
		{[]string{"version"}, 0, "tunebook ", ""},
		{[]string{"--help"}, 0, "tunebook lab", ""},
		{[]string{"lab", "--help"}, 0, "--no-browser", ""},
		{[]string{"run", good}, 0, "one\ntwo\n", "[2/2]"},
		{[]string{"run", bad}, 1, "one\n", "cell 2, line 1: Panic: bad"},
		{[]string{"run", bad}, 1, "", "the trace"},
		{[]string{"run", bad, "--allow-errors"}, 1, "one\ntwo\n", "[3/3]"},
		{[]string{"run", broken}, 1, "", broken},
		{[]string{"run", "none.ipynb"}, 1, "", "none.ipynb: no such file"},
		{[]string{"run", "x.txt"}, 2, "", "only .ipynb and .go"},
		{[]string{"run"}, 2, "", "needs one FILE"},
		{[]string{"run", "--nope"}, 2, "", "unknown flag: --nope"},
		{[]string{"run", goodGo}, 0, "            \nfunc main() {}\nmain()", ""},
		{[]string{"run", badGo}, 1, "", "the trace\nPanic: "},
		{[]string{"run", libraryGo}, 1, "", "only package main"},
		{[]string{"run", noGo}, 1, "", "no.go:1:1"},
		{[]string{"run", "none.go"}, 1, "", "none.go: no such file"},
		{[]string{"run", "good.go", "--out", "x"}, 2, "", "are for notebooks"},
		{[]string{"kernel", "none.json"}, 1, "", "connection file"},
		{[]string{"kernel"}, 2, "", "needs one CONNECTION_FILE"},
		{[]string{"nope"}, 2, "", `unknown command "nope"`},
		{[]string{"install", "--user", "--prefix", "x"}, 2, "", "exclude each other"},
		{[]string{"doctor"}, 0, "CPU", ""},
	} {
		t.Run(strings.Join(c.arguments, " "), func(t *testing.T) {
			status, out, err := call(t, c.arguments...)
			if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(err, c.err) {
				t.Errorf("status %d, want %d\nout: %s\nerr: %s", status, c.status, out, err)
			}
		})
	}
}

func TestRunWritesWhatWasAskedFor(t *testing.T) {
	dir := t.TempDir()
	out, page := filepath.Join(dir, "out.ipynb"), filepath.Join(dir, "out.html")
	status, text, _ := call(t, "run", notebook(t, "one"), "--out", out, "--html", page)
	if status != 0 || text != "" {
		t.Errorf("status %d, printed %q", status, text)
	}
	for path, want := range map[string]string{out: `"display_name": "Go (Tunebook)"`, page: "<title>n</title>"} {
		if content, err := os.ReadFile(path); err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s: %v, lacks %s", path, err, want)
		}
	}
}

func TestInstall(t *testing.T) {
	prefix := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	status, out, err := call(t, "install", "--prefix", prefix)
	if status != 0 || !strings.Contains(out, prefix) {
		t.Errorf("status %d, %s%s", status, out, err)
	}
	if _, err := os.Stat(filepath.Join(prefix, "share", "jupyter", "kernels", "tunebook", "kernel.json")); err != nil {
		t.Error(err)
	}
}

func TestDoctorJSON(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no Python here
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("JUPYTER_DATA_DIR", t.TempDir())
	prefix := t.TempDir() // not this user's folder: doctor looks where Jupyter looks
	if code, _, stderr := call(t, "install", "--prefix", prefix); code != 0 {
		t.Fatal(stderr)
	}
	t.Setenv("JUPYTER_PATH", filepath.Join(prefix, "share", "jupyter"))
	_, out, _ := call(t, "doctor", "--json")
	var facts []Fact
	if err := json.Unmarshal([]byte(out), &facts); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	found := map[string]Fact{}
	for _, f := range facts {
		found[f.Name] = f
	}
	if f := found["Python"]; f.OK || !strings.Contains(f.Advice, "tunebook run") {
		t.Errorf("without Python: %+v", f)
	}
	if f := found["CPU"]; f.Value != "AVX2" || !f.OK {
		t.Errorf("CPU: %+v", f)
	}
	if f := found["Kernelspec"]; !f.OK || f.Advice != "" || !filepath.IsAbs(f.Value) {
		t.Errorf("kernelspec: %+v", f)
	}
}

func TestMemoryFact(t *testing.T) {
	for bytes, want := range map[uint64]Fact{
		0:             {Name: "Memory", Value: "unknown", OK: true},
		8_000_000_000: {Name: "Memory", Value: "8.0 GB", OK: true},
		1_000_000_000: {Name: "Memory", Value: "1.0 GB", Advice: "the lessons want 2 GB: close other programs"},
	} {
		if got := memoryFact(bytes); got != want {
			t.Errorf("%d: %+v", bytes, got)
		}
	}
}

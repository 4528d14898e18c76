package main

import (
	"bytes"
	"context"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/worker"
)

// TestMain makes the test binary the worker of its own sessions.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := worker.Main(worker.Options{Load: importable().Load}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// page is a front-end that keeps what cells print and calls seen after each piece.
type page struct {
	mu   sync.Mutex
	text strings.Builder
	seen func(all string)
}

func (p *page) Emit(e display.Event) error {
	p.mu.Lock()
	p.text.WriteString(e.Text)
	all := p.text.String()
	p.mu.Unlock()
	if p.seen != nil {
		p.seen(all)
	}
	return nil
}

func (p *page) Ask(string, bool) (string, error) { return "", display.ErrNoInput }

func newSession(t *testing.T) *session.Session {
	t.Helper()
	table := importable()
	s, err := session.New(session.Options{Export: table.Export, Source: table.Source, Packages: table.Paths})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Every package that cells can import has symbols that agree with its export data, and all that it needs is there, in
// whichever room.
func TestEveryImportablePackage(t *testing.T) {
	table := importable()
	paths := table.Paths()
	for _, want := range []string{
		"fmt", "gonum.org/v1/plot/vg/vgsvg", "gorgonia.org/tensor", "github.com/tunebook/tunebook/kernel/display",
		"github.com/tunebook/tunebook/lessons/check", "github.com/tunebook/tunebook/pkg/train",
	} {
		if !strings.Contains(strings.Join(paths, "\n"), want) {
			t.Errorf("no package %s", want)
		}
	}
	set, known := token.NewFileSet(), map[string]*types.Package{}
	for _, path := range paths {
		p, ok := table.Load(path)
		if !ok {
			t.Errorf("%s has export data but no symbols", path)
			continue
		}
		data, err := table.Export(path)
		if err != nil {
			t.Error(err)
			continue
		}
		typed, err := gcexportdata.Read(bytes.NewReader(data), set, known, path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for _, name := range typed.Scope().Names() {
			f, ok := typed.Scope().Lookup(name).(*types.Func)
			if ok && f.Exported() && f.Signature().TypeParams().Len() == 0 && !p.Symbols[name].IsValid() {
				t.Errorf("%s.%s is typed but cannot be called", path, name)
			}
		}
		for _, need := range p.Needs {
			if _, ok := table.Load(need); !ok {
				t.Errorf("%s needs %s, which is not there", path, need)
			}
		}
	}
}

// One cell of each room, and a name that is completed without an import.
func TestCellsOfAllRooms(t *testing.T) {
	s := newSession(t)
	for _, c := range []struct{ code, want string }{
		{"import \"gonum.org/v1/gonum/floats\"\nfloats.Sum([]float64{1, 2, 3.5})", "6.5"},
		{"data.Set{{Prompt: \"a\", Answer: \"b\"}}.Len()", "1"},
		{"check.All != nil", "true"},
	} {
		r := s.Execute(t.Context(), session.Cell{Code: c.code}, &page{})
		if r.Err != nil || r.Value.Text() != c.want {
			t.Errorf("%s: %q, %v, want %s", c.code, r.Value.Text(), r.Err, c.want)
		}
	}
}

// Interrupting a training run, which is compiled and sees its context, ends the cell and keeps what earlier cells made.
func TestInterruptTraining(t *testing.T) {
	s := newSession(t)
	if r := s.Execute(t.Context(), session.Cell{Code: `model, err := base.Load(ctx)
questions := data.Must(world.Questions(ctx))
steps := 0
job := train.Job{Model: model, Method: method.SFT{}, Data: questions, Steps: 1000000,
	Watch: func(s metric.Snapshot) { steps = s.Step; if s.Step == 2 { fmt.Println("training") } }}
err == nil && questions.Len() > 0`}, &page{}); r.Err != nil || r.Value.Text() != "true" {
		t.Fatalf("%q, %v", r.Value.Text(), r.Err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var once sync.Once
	var began time.Time
	r := s.Execute(ctx, session.Cell{Code: "run, err := train.Run(ctx, job)"}, &page{seen: func(all string) {
		if strings.Contains(all, "training\n") {
			once.Do(func() { began = time.Now(); interrupt() })
		}
	}})
	if r.Err == nil || r.Err.Name != session.Interrupted || began.IsZero() {
		t.Fatalf("%+v", r.Err)
	}
	t.Logf("%v after the interrupt: %s", time.Since(began).Round(time.Millisecond), r.Err.Message)
	if r := s.Execute(t.Context(), session.Cell{Code: "steps >= 2 && questions.Len() > 0 && model != nil"}, &page{}); r.Err != nil || r.Value.Text() != "true" {
		t.Errorf("afterwards: %q, %v", r.Value.Text(), r.Err)
	}
}

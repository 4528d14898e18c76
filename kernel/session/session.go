package session

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"strings"
	"sync"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session/lower"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

// Options of a session. Export is required.
type Options struct {
	Command  []string                                     // starts a worker; empty is this program with the argument "worker"
	Env      []string                                     // of the worker, beside our own
	Dir      string                                       // where cells run; empty is where the kernel runs
	Export   func(path string) ([]byte, error)            // the export data of packages that cells can import
	Source   func(path string) (map[string][]byte, error) // the source of those with generic functions; may be nil
	Packages func() []string                              // their paths, for completion and automatic imports; may be nil
}

// Session runs the cells of one learner. Its methods may be called at the same time; cells run one after the other.
type Session struct {
	options Options
	set     *token.FileSet
	imports *imports
	main    *types.Package // of all cells; see emptyMain
	lowerer *lower.Lowerer

	running sync.Mutex // held while a cell runs

	mu     sync.Mutex // guards what follows and everything that checks code
	scope  *scope
	worker *process
	cancel context.CancelFunc // of the running cell
	stuck  bool               // an interrupted cell has not ended yet
	count  int
	closed bool
}

// New returns a session and starts its worker in the background.
func New(o Options) (*Session, error) {
	if o.Export == nil {
		return nil, errors.New("session: Options.Export is missing: without export data no cell can import anything")
	}
	if len(o.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("session: finding the worker: %w", err)
		}
		o.Command = []string{self, "worker"}
	}
	s := &Session{options: o}
	if err := s.fresh(); err != nil {
		return nil, err
	}
	return s, nil
}

// fresh forgets everything and starts a worker. It needs s.mu, or nobody else who knows s.
func (s *Session) fresh() error {
	s.set = token.NewFileSet()
	s.imports = &imports{export: s.options.Export, set: s.set, known: map[string]*types.Package{}}
	s.main = types.NewPackage("main", "main")
	s.lowerer = lower.New(s.librarySource)
	s.scope = newScope()
	s.scope.imports["fmt"] = "fmt"
	s.stuck = false
	p, err := startProcess(s.options)
	if err != nil {
		return err
	}
	s.worker = p
	return nil
}

// predeclare puts ctx into scope: a context that ends when the cell is interrupted.
func (s *Session) predeclare() error {
	if _, ok := s.scope.objects["ctx"]; ok {
		return nil
	}
	p, err := s.imports.Import("context")
	if err != nil {
		return err
	}
	o := types.NewVar(token.NoPos, s.main, "ctx", p.Scope().Lookup("Context").Type())
	s.lowerer.Share(o, predeclaredContext)
	s.scope.objects["ctx"] = o
	if s.scope.objects["Display"] != nil {
		return nil // from an earlier cell, or the learner's own
	}
	if p, err := s.imports.Import(displayPath); err == nil { // notebooks of gophernotes call Display without a package
		show := types.NewVar(token.NoPos, o.Pkg(), "Display", p.Scope().Lookup("Display").Type())
		s.lowerer.Share(show, predeclaredDisplay)
		s.scope.objects["Display"] = show
	}
	return nil
}

// displayPath is the package by which cells show values.
const displayPath = "github.com/tunebook/tunebook/kernel/display"

// What ctx and Display are called in lowered code.
const (
	predeclaredContext = "tb.Context()"
	predeclaredDisplay = "tb.Display"
)

// Execute runs a cell and returns when it has ended. What it puts on the page goes to sink, in order. Cancelling ctx
// interrupts the cell.
func (s *Session) Execute(ctx context.Context, c Cell, sink Sink) Result {
	s.running.Lock()
	defer s.running.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	if !c.Silent {
		s.count++
	}
	if c.Number == 0 {
		c.Number = s.count
	}
	s.cancel = cancel
	s.mu.Unlock()
	result := Result{Count: c.Number}
	if name, ok := helpAsked(c.Code); ok {
		result.Page, result.Err = s.help(name)
		return result
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.cancel = nil }()
	if result.Err = s.ready(ctx); result.Err != nil {
		return result
	}
	p, fault := s.prepare(c)
	if fault != nil {
		result.Err = finished(fault)
		return result
	}
	if p == nil { // nothing to run
		return result
	}
	for _, note := range p.notes { // not on stderr, which front-ends paint as an error
		_ = sink.Emit(display.Event{Kind: display.KindStream, Name: "stdout", Text: note + "\n"})
	}
	result.Value, result.Used, result.Err = s.run(ctx, c, p, sink)
	return result
}

// run has the worker run a prepared cell. It lets go of s.mu while the cell runs.
func (s *Session) run(ctx context.Context, c Cell, p *prepared, sink Sink) (display.Bundle, Usage, *Error) {
	w := s.worker
	w.begin(sink, c.AllowStdin)
	request := link.Request{Kind: link.Run, ID: c.Number, Code: p.text.Code, Entry: p.text.Entry, Imports: p.text.Imports, Stdin: c.AllowStdin, Measure: c.Measure}
	if err := w.requests.Send(request); err != nil {
		<-w.dead
		return display.Bundle{}, Usage{}, s.died()
	}
	s.mu.Unlock()
	outcome, end := w.wait(ctx)
	s.mu.Lock()
	switch end {
	case workerEnded:
		return display.Bundle{}, Usage{}, s.died()
	case stillRunning:
		s.stuck = true
		p.commit()
		return display.Bundle{}, Usage{}, finished(&Error{Name: Interrupted, Message: "interrupted; compiled code that the cell called has not returned yet. The next cell waits for it; interrupt that one to start afresh", Cell: c.name()})
	}
	if outcome.Refused != "" {
		s.lowerer.Rollback()
		return display.Bundle{}, outcome.Used, finished(&Error{Name: Unsupported, Message: "the interpreter cannot run this cell: " + outcome.Refused, Cell: c.name()})
	}
	p.commit()
	switch {
	case outcome.Interrupted:
		return display.Bundle{}, outcome.Used, finished(&Error{Name: Interrupted, Message: "interrupted; variables are kept", Cell: c.name()})
	case outcome.NoInput != "":
		return display.Bundle{}, outcome.Used, finished(&Error{Name: NoInput, Message: strings.TrimPrefix(outcome.NoInput, "display: "), Cell: c.name()})
	case outcome.Fault != nil:
		return display.Bundle{}, outcome.Used, faultError(outcome.Fault, c.name())
	}
	return combined(outcome.Values), outcome.Used, nil
}

// ready waits for a cell that was interrupted and has not ended, and makes sure that there is a worker.
func (s *Session) ready(ctx context.Context) *Error {
	if s.closed {
		return &Error{Name: WorkerDied, Message: "the session is closed"}
	}
	if s.stuck {
		w := s.worker
		s.mu.Unlock()
		_, end := w.waitEnd(ctx)
		s.mu.Lock()
		if end == stillRunning {
			w.kill()
			lost := s.lost()
			if err := s.fresh(); err != nil {
				return &Error{Name: WorkerDied, Message: err.Error()}
			}
			return finished(&Error{Name: WorkerDied, Message: "the interrupted cell did not end and was stopped with its process. " + lost})
		}
		s.stuck = false
	}
	select {
	case <-s.worker.dead:
		return s.died()
	default:
	}
	if err := s.predeclare(); err != nil {
		return &Error{Name: Unsupported, Message: err.Error()}
	}
	return nil
}

// died says why the worker ended and what was lost, and starts another.
func (s *Session) died() *Error {
	reason := s.worker.reason()
	lost := s.lost()
	if err := s.fresh(); err != nil {
		return &Error{Name: WorkerDied, Message: reason + ", and no new one starts: " + err.Error()}
	}
	return finished(&Error{Name: WorkerDied, Message: reason + ". " + lost})
}

// lost names what goes with a worker.
func (s *Session) lost() string {
	names := s.names()
	if len(names) == 0 {
		return "Nothing was lost; a fresh process is ready."
	}
	const most = 12
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return "A fresh process is ready; lost are " + strings.Join(names, ", ") + more + ": run their cells again."
}

// Interrupt stops the running cell. Variables are kept.
func (s *Session) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel()
	}
}

// Restart forgets everything that cells declared.
func (s *Session) Restart(context.Context) error {
	s.Interrupt()
	s.mu.Lock()
	w := s.worker
	s.mu.Unlock()
	w.kill()
	s.running.Lock()
	defer s.running.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.worker != w {
		s.worker.kill() // the running cell has already started another
	}
	s.count = 0
	return s.fresh()
}

// Close ends the worker.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.cancel != nil {
		s.cancel()
	}
	s.worker.kill()
	return nil
}

package worker

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib/unsafe"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

// engine runs lowered cells, one at a time.
type engine struct {
	load   func(path string) (Package, bool)
	owner  *worker
	interp *interp.Interpreter
	brake  *brake
	trace  *trace
	loaded map[string]bool // packages linked
	named  map[string]bool // and imported

	mu      sync.Mutex
	ctx     context.Context
	cancel  context.CancelFunc
	running chan struct{} // closed when the running cell has ended
	stopped bool          // the running cell was interrupted
	values  []display.Bundle
	input   string // typed by the learner and not yet read
	thrown  thrown
	refused error // why a cell that reads standard input got nothing
}

func newEngine(load func(string) (Package, bool), owner *worker) (*engine, error) {
	e := &engine{load: load, owner: owner, trace: &trace{}, loaded: map[string]bool{}, named: map[string]bool{}}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.interp = interp.New(interp.Options{Stderr: e.trace, Unrestricted: true, Args: []string{"tunebook"}})
	if err := e.interp.Use(e.support()); err != nil {
		return nil, err
	}
	if _, err := e.interp.Eval(fmt.Sprintf("import tb %q", supportPath)); err != nil {
		return nil, err
	}
	if err := e.interp.Use(interp.Exports{"unsafe/unsafe": unsafe.Symbols["unsafe/unsafe"]}); err != nil {
		return nil, err
	}
	var err error
	if e.brake, err = newBrake(e.interp); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *engine) context() context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ctx
}

// use links the packages at paths and those whose types their API mentions.
func (e *engine) use(paths []string) error {
	for _, path := range paths {
		if e.loaded[path] || path == "unsafe" || path == supportPath {
			continue
		}
		e.loaded[path] = true
		p, ok := e.load(path)
		if !ok {
			return fmt.Errorf("package %q is not among those that cells can import", path)
		}
		// The name after the last slash is not used: lowered code names every import. It must not be that of the package,
		// for then the interpreter would replace the printing functions of fmt by its own.
		if err := e.interp.Use(interp.Exports{path + "/symbols": p.Symbols}); err != nil {
			return err
		}
		if err := e.use(p.Needs); err != nil {
			return err
		}
	}
	return nil
}

// imports links packages and gives them their names in the interpreter, once for all cells.
func (e *engine) imports(names map[string]string) error {
	for path, name := range names {
		if e.named[path] {
			continue
		}
		if err := e.use([]string{path}); err != nil {
			return err
		}
		if _, err := e.interp.Eval(fmt.Sprintf("import %s %q", name, path)); err != nil {
			return err
		}
		e.named[path] = true
	}
	return nil
}

// start runs a cell. The channel gets its outcome when it has ended, however it ends.
func (e *engine) start(r link.Request) <-chan link.Outcome {
	done := make(chan link.Outcome, 1)
	running := make(chan struct{})
	e.mu.Lock()
	e.running, e.stopped, e.values, e.input, e.refused = running, false, nil, "", nil
	e.thrown = thrown{}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.mu.Unlock()
	e.trace.reset()
	go func() {
		outcome := link.Outcome{}
		ended := false
		defer func() { // also when the cell calls runtime.Goexit
			if !ended {
				outcome.Fault = &link.Fault{Message: "the cell ended its goroutine with runtime.Goexit"}
			}
			e.mu.Lock()
			outcome.Interrupted = e.stopped
			if e.refused != nil {
				outcome.Interrupted, outcome.NoInput = false, e.refused.Error()
			}
			stopped := e.stopped
			outcome.Values = e.values
			e.cancel()
			e.mu.Unlock()
			close(running)
			if stopped {
				e.brake.released.Wait()
			}
			done <- outcome
		}()
		outcome.Refused, outcome.Fault = e.run(r)
		ended = true
	}()
	return done
}

func (e *engine) run(r link.Request) (refused string, fault *link.Fault) {
	if err := e.imports(r.Imports); err != nil {
		return err.Error(), nil
	}
	entry, err := e.compile(r)
	if err != nil {
		return err.Error(), nil
	}
	defer func() {
		if v := recover(); v != nil {
			fault = e.fault(v, false)
		}
	}()
	entry()
	return "", nil
}

// compile hands the text to the interpreter. Nothing runs: the text has declarations only.
func (e *engine) compile(r link.Request) (entry func(), err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("internal fault of the interpreter: %v", v)
		}
	}()
	if _, err := e.interp.Eval(r.Code); err != nil {
		return nil, err
	}
	v, err := e.interp.Eval(r.Entry)
	if err != nil {
		return nil, err
	}
	f, ok := v.Interface().(func())
	if !ok {
		return nil, fmt.Errorf("%s is a %s, not a function", r.Entry, v.Type())
	}
	return f, nil
}

// fault describes a panic of interpreted code.
func (e *engine) fault(v any, goroutine bool) *link.Fault {
	if p, ok := v.(interp.Panic); ok {
		v = p.Value
	}
	e.mu.Lock()
	last := e.thrown
	e.mu.Unlock()
	return &link.Fault{Message: last.panicText(unwrapped(goPanic(v))), Places: e.trace.places(goroutine)}
}

// thrown is what lowered code said of a value before it panicked with it.
type thrown struct {
	is   reflect.Type
	name string        // of the type in the cell
	text func() string // its method Error or String
}

func (e *engine) throw(v any, name string, text func() string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.thrown = thrown{reflect.TypeOf(unwrapped(v)), name, text}
}

func (t thrown) panicText(v any) (text string) {
	defer func() {
		if recover() != nil { // a method that expects no nil receiver
			text = fmt.Sprintf("%+v (of type %s)", v, t.name)
		}
	}()
	switch v := v.(type) {
	case runtime.Error:
		return v.Error()
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string:
		return v
	}
	of := fmt.Sprintf("%T", v)
	switch r := reflect.TypeOf(v); {
	case r == nil || r != t.is: // no type of a cell
	case t.text != nil:
		return t.text()
	default:
		of = t.name
	}
	return fmt.Sprintf("%+v (of type %s)", v, of)
}

// interrupt stops the running cell: its context ends, interpreted code stops at its next step, and channel operations of
// interpreted code end. Compiled code that knows neither context nor channel goes on to its end.
func (e *engine) interrupt() {
	e.mu.Lock()
	running := e.running
	if running == nil || e.stopped || isClosed(running) {
		e.mu.Unlock()
		return
	}
	e.stopped = true
	e.brake.released.Add(1)
	cancel := e.cancel
	e.mu.Unlock()
	cancel()
	e.brake.hold(running)
	e.brake.released.Done()
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// show keeps the values of the last expression. A nil interface is nothing to look at.
func (e *engine) show(values ...any) {
	if len(values) == 1 && values[0] == nil {
		return
	}
	bundles := make([]display.Bundle, len(values))
	for i, v := range values {
		bundles[i] = display.Render(undressed(v))
	}
	e.mu.Lock()
	e.values = bundles
	e.mu.Unlock()
}

// showResults keeps the values of a last call that also returned an error. No error is nothing to show; with one, results
// that say nothing are left out, and the error stands where errors do, though the cell has not failed: in Go it is a value.
func (e *engine) showResults(err error, values ...any) {
	if err == nil {
		if len(values) > 0 {
			e.show(values...)
		}
		return
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	for _, v := range values {
		if v != nil && !reflect.ValueOf(v).IsZero() {
			e.show(values...)
			return
		}
	}
}

// goroutinePanic reports a panic in a goroutine that a cell started; the cell goes on.
func (e *engine) goroutinePanic(v any) {
	fault := e.fault(v, true)
	fault.Message = strings.TrimSpace(fault.Message)
	_ = e.owner.send(link.Reply{Kind: link.Goroutine, Fault: fault})
}

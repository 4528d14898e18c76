package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"sync"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

// Package is what cells link against; see kernel/symbols, whose type this is.
type Package = struct {
	Name    string
	Symbols map[string]reflect.Value
	Needs   []string
}

// Options of a worker.
type Options struct {
	Load func(path string) (Package, bool) // the compiled packages
}

// SecretVariable is the environment variable that holds the secret of stream marks.
const SecretVariable = "TUNEBOOK_WORKER_SECRET"

// The files that the kernel hands to a worker beside the standard ones.
const (
	requestsFile = 3
	repliesFile  = 4
)

// stackLimit ends a runaway recursion before it has taken the machine's memory.
const stackLimit = 512 << 20

// Main serves the kernel that started this process until it closes the pipe.
func Main(o Options) error {
	secret := os.Getenv(SecretVariable)
	if secret == "" {
		return errors.New("worker: this command is started by the kernel, not by hand")
	}
	_ = os.Unsetenv(SecretVariable)
	requests, replies := os.NewFile(requestsFile, "requests"), os.NewFile(repliesFile, "replies")
	if requests == nil || replies == nil {
		return errors.New("worker: the pipes of the kernel are missing")
	}
	debug.SetMaxStack(stackLimit)
	w := &worker{out: link.NewWriter(replies), secret: secret, answers: make(chan link.Request, 1)}
	engine, err := newEngine(o.Load, w)
	if err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	w.engine = engine
	display.SetSink(w)
	if err := w.out.Send(link.Reply{Kind: link.Ready}); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	return w.serve(requests)
}

// worker answers the kernel.
type worker struct {
	out     *link.Writer
	secret  string
	engine  *engine
	answers chan link.Request

	mu    sync.Mutex // guards mark, and keeps marks and what follows them together
	mark  int
	id    int
	stdin bool
}

func (w *worker) serve(requests io.Reader) error {
	decoder := json.NewDecoder(requests)
	for {
		var r link.Request
		if err := decoder.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("worker: reading from the kernel: %w", err)
		}
		switch r.Kind {
		case link.Run:
			w.mu.Lock()
			w.id, w.stdin = r.ID, r.Stdin
			w.mu.Unlock()
			var used func() link.Usage
			if r.Measure {
				used = measure()
			}
			done := w.engine.start(r)
			go func() {
				outcome := <-done
				if used != nil {
					outcome.Used = used()
				}
				_ = display.Flush()
				_ = w.send(link.Reply{Kind: link.Finished, ID: r.ID, Done: &outcome})
			}()
		case link.Interrupt:
			go w.engine.interrupt()
		case link.Answer:
			select {
			case w.answers <- r:
			default: // nobody waits any more
			}
		}
	}
}

// send marks the streams first, so that the kernel can put what was printed before the reply.
func (w *worker) send(r link.Reply) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mark++
	r.Mark = w.mark
	text := link.Mark(w.secret, w.mark)
	_, _ = os.Stdout.WriteString(text)
	_, _ = os.Stderr.WriteString(text)
	return w.out.Send(r)
}

// Emit makes the worker the page of package display.
func (w *worker) Emit(e display.Event) error {
	return w.send(link.Reply{Kind: link.Shown, Event: e})
}

// Ask lets a cell ask the learner.
func (w *worker) Ask(prompt string, secret bool) (string, error) {
	w.mu.Lock()
	allowed := w.stdin
	w.mu.Unlock()
	if !allowed {
		return "", display.ErrNoInput
	}
	select { // an answer that came after its cell was interrupted
	case <-w.answers:
	default:
	}
	if err := w.send(link.Reply{Kind: link.Ask, Prompt: prompt, Secret: secret}); err != nil {
		return "", err
	}
	select {
	case a := <-w.answers:
		if a.Error != "" {
			return "", errors.New(a.Error)
		}
		return a.Text, nil
	case <-w.engine.context().Done():
		return "", w.engine.context().Err()
	}
}

var (
	_ display.Sink  = (*worker)(nil)
	_ display.Asker = (*worker)(nil)
)

package display

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// page is where this process shows things. It is the one piece of package state, and it is here for the reason that
// os.Stdout is: a cell calls display.Display(v) with no handle in its hand, and one worker process serves one page.
var page = &process{}

type process struct {
	mu      sync.Mutex
	sink    Sink
	pending map[*Handle]struct{} // live handles with a state that was not sent yet
}

// SetSink makes sink the page of this process until restore is called. The worker of a notebook calls it once.
func SetSink(sink Sink) (restore func()) {
	page.mu.Lock()
	defer page.mu.Unlock()
	before := page.sink
	page.sink = sink
	return func() {
		page.mu.Lock()
		defer page.mu.Unlock()
		page.sink = before
	}
}

// Flush sends the last state of every live handle that rate limiting still holds back. The worker calls it when a cell
// ends, so that the page ends with the final state. The error joins those of the sink.
func Flush() error {
	page.mu.Lock()
	handles := make([]*Handle, 0, len(page.pending))
	for h := range page.pending {
		handles = append(handles, h)
	}
	page.mu.Unlock()
	var failed []error
	for _, h := range handles {
		failed = append(failed, h.flush())
	}
	return errors.Join(failed...)
}

func (p *process) emit(e Event) error {
	p.mu.Lock()
	sink := p.sink
	p.mu.Unlock()
	if sink == nil {
		return printed(os.Stdout, e)
	}
	return sink.Emit(e)
}

func (p *process) hold(h *Handle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending == nil {
		p.pending = make(map[*Handle]struct{})
	}
	p.pending[h] = struct{}{}
}

func (p *process) release(h *Handle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pending, h)
}

// printed is the page of an ordinary program: plain text, one value a line.
func printed(w io.Writer, e Event) error {
	switch e.Kind {
	case KindStream:
		_, err := io.WriteString(w, e.Text)
		return err
	case KindShow, KindUpdate:
		_, err := fmt.Fprintln(w, strings.TrimRight(e.Data.Text(), "\n"))
		return err
	}
	return nil
}

// Ask shows prompt and returns the line that the learner types, without its line end. It returns [ErrNoInput] where
// nobody can answer.
func Ask(prompt string) (string, error) { return page.ask(prompt, false) }

// AskSecret is [Ask] without echo, for passwords and keys.
func AskSecret(prompt string) (string, error) { return page.ask(prompt, true) }

func (p *process) ask(prompt string, secret bool) (string, error) {
	p.mu.Lock()
	sink := p.sink
	p.mu.Unlock()
	switch asker, ok := sink.(Asker); {
	case ok:
		return asker.Ask(prompt, secret)
	case sink != nil:
		return "", ErrNoInput
	}
	fmt.Print(prompt)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return "", fmt.Errorf("display: reading an answer to %q: %w", prompt, err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

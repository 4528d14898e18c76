package session

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/worker"
	"github.com/tunebook/tunebook/kernel/worker/link"
)

// patience is how long an interrupted cell may take to end before Execute returns without it.
const patience = 150 * time.Millisecond

// process is a worker and what it says.
type process struct {
	command  *exec.Cmd
	requests *link.Writer
	pipe     io.Closer // of requests
	pump     *pump
	outcomes chan link.Outcome
	dead     chan struct{} // closed when it has ended and everything that it said has been passed on

	mu   sync.Mutex
	exit error
}

// The ways in which waiting for a cell ends.
type ending int

const (
	cellEnded ending = iota
	stillRunning
	workerEnded
)

func startProcess(o Options) (*process, error) {
	requestsRead, requestsWrite, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	repliesRead, repliesWrite, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	secret := rand.Text()
	command := exec.Command(o.Command[0], o.Command[1:]...) //nolint:noctx // a session has no context; Close ends the worker
	command.Dir = o.Dir
	command.Env = append(append(os.Environ(), "GOTRACEBACK=none"), o.Env...)
	command.Env = append(command.Env, worker.SecretVariable+"="+secret)
	command.ExtraFiles = []*os.File{requestsRead, repliesWrite}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	stderr, err := command.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("session: starting the worker: %w", err)
	}
	requestsRead.Close()
	repliesWrite.Close()
	p := &process{
		command: command, requests: link.NewWriter(requestsWrite), pipe: requestsWrite,
		outcomes: make(chan link.Outcome, 1), dead: make(chan struct{}),
	}
	p.pump = newPump(secret, p)
	var readers sync.WaitGroup
	readers.Go(func() { p.pump.read("stdout", stdout) })
	readers.Go(func() { p.pump.read("stderr", stderr) })
	readers.Go(func() { p.receive(repliesRead) })
	go p.pump.run()
	go func() {
		readers.Wait()
		err := command.Wait()
		close(p.pump.items)
		<-p.pump.done
		p.mu.Lock()
		p.exit = err
		p.mu.Unlock()
		requestsWrite.Close()
		repliesRead.Close()
		close(p.dead)
	}()
	return p, nil
}

// receive passes on what the worker replies.
func (p *process) receive(r io.Reader) {
	decoder := json.NewDecoder(r)
	for {
		var reply link.Reply
		if decoder.Decode(&reply) != nil {
			return
		}
		p.pump.items <- pumped{reply: &reply}
	}
}

// begin makes sink the page of what comes.
func (p *process) begin(sink Sink, stdin bool) {
	select { // of a cell that nobody waited for
	case <-p.outcomes:
	default:
	}
	p.pump.begin(sink, stdin)
}

// wait waits for the running cell, and interrupts it when ctx ends.
func (p *process) wait(ctx context.Context) (link.Outcome, ending) {
	select {
	case outcome := <-p.outcomes:
		return outcome, cellEnded
	case <-p.dead:
		return p.last()
	case <-ctx.Done():
	}
	_ = p.requests.Send(link.Request{Kind: link.Interrupt}) // a dead worker is noticed below
	select {
	case outcome := <-p.outcomes:
		return outcome, cellEnded
	case <-p.dead:
		return p.last()
	case <-time.After(patience):
		return link.Outcome{}, stillRunning
	}
}

// last is the outcome that a worker sent before it ended, if it did.
func (p *process) last() (link.Outcome, ending) {
	select {
	case outcome := <-p.outcomes:
		return outcome, cellEnded
	default:
		return link.Outcome{}, workerEnded
	}
}

// waitEnd waits for a cell that was interrupted before.
func (p *process) waitEnd(ctx context.Context) (link.Outcome, ending) {
	select {
	case outcome := <-p.outcomes:
		return outcome, cellEnded
	case <-p.dead:
		return link.Outcome{}, cellEnded
	case <-ctx.Done():
		return link.Outcome{}, stillRunning
	}
}

func (p *process) kill() {
	p.pipe.Close()
	if p.command.Process != nil {
		_ = p.command.Process.Kill() // it may have ended already
	}
}

// reason says why the worker ended, in words for the learner.
func (p *process) reason() string {
	p.mu.Lock()
	err := p.exit
	p.mu.Unlock()
	tail := p.pump.lastWords()
	switch {
	case strings.Contains(tail, "stack exceeds"), strings.Contains(tail, "stack overflow"):
		return "the cell overflowed the stack: a function calls itself without end"
	case strings.Contains(tail, "out of memory"), strings.Contains(tail, "cannot allocate memory"):
		return "the cell ran out of memory"
	case strings.Contains(tail, "fatal error: "):
		_, what, _ := strings.Cut(tail, "fatal error: ")
		what, _, _ = strings.Cut(what, "\n")
		return "the Go runtime stopped the process of the cell: " + what
	}
	if _, what, ok := strings.Cut(tail, "panic: "); ok {
		what, _, _ = strings.Cut(what, "\n")
		return "compiled code panicked in a goroutine of its own: " + what
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			if status.Signal() == syscall.SIGKILL {
				return "the process of the cell was killed, most likely because the machine ran out of memory"
			}
			return "the process of the cell was ended by the signal " + status.Signal().String()
		}
		return fmt.Sprintf("the cell ended its process with exit status %d (os.Exit or log.Fatal)", exit.ExitCode())
	}
	return "the cell ended its process with os.Exit(0)"
}

// answer asks the learner and passes the answer on.
func (p *process) answer(sink Sink, stdin bool, prompt string, secret bool) {
	var text string
	err := display.ErrNoInput
	if asker, ok := sink.(display.Asker); ok && stdin {
		text, err = asker.Ask(prompt, secret)
	}
	r := link.Request{Kind: link.Answer, Text: text}
	if err != nil {
		r.Error = err.Error()
	}
	_ = p.requests.Send(r) // a worker that has ended needs no answer
}

package kernel

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/session"
	"github.com/tunebook/tunebook/kernel/wire"
)

// Session runs cells, one at a time; *session.Session is one. A cancelled context interrupts the running cell, and
// variables are kept.
type Session interface {
	Execute(ctx context.Context, cell session.Cell, sink display.Sink) session.Result
	Complete(code string, pos int) session.Completions
	Inspect(code string, pos, detail int) (display.Bundle, bool)
	IsComplete(code string) (status, indent string)
	Close() error
}

var _ Session = (*session.Session)(nil)

// Options of a kernel. The zero value works.
type Options struct {
	Version string       // of the program, for kernel_info
	History string       // a file that keeps inputs from one start to the next; empty keeps them in memory only
	Log     *slog.Logger // nil discards
}

// Kernel serves one session to any number of front-ends.
type Kernel struct {
	session Session
	log     *slog.Logger
	version string
	id      string // our session in message headers

	shell, control, stdin *wire.Router
	heartbeat             *wire.Heartbeat
	page                  *page
	queue                 *queue
	answers               chan wire.Message // input_reply messages
	history               *history

	stop context.CancelFunc // ends Serve
	done context.Context

	mu     sync.Mutex
	cancel context.CancelFunc // interrupts the running cell; nil between cells

	count int // executions so far; only the shell loop knows it

}

// New listens where connection says. Serve answers what arrives.
func New(connection wire.Connection, s Session, o Options) (*Kernel, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	past, err := openHistory(o.History)
	if err != nil {
		log.Warn("inputs of earlier sessions cannot be kept", "error", err)
	}
	k := &Kernel{
		session: s, log: log, version: o.Version, id: newID(), queue: newQueue(), history: past,
		answers: make(chan wire.Message, 16),
	}
	k.done, k.stop = context.WithCancel(context.Background())
	var listeners []net.Listener
	for _, port := range []int{connection.Shell, connection.Control, connection.Stdin, connection.IOPub, connection.Heartbeat} {
		l, err := connection.Listen(k.done, port)
		if err != nil {
			for _, open := range listeners {
				open.Close()
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	key := wire.Key(connection.Key)
	// The page first: everything else may want to publish from its first message on.
	k.page = newPage(k.id, log, func(welcome func(string) (wire.Message, error)) *wire.Publisher {
		return wire.NewPublisher(listeners[3], key, log, welcome)
	})
	k.stdin = wire.NewRouter(listeners[2], key, log, k.answer)
	k.heartbeat = wire.NewHeartbeat(listeners[4], log)
	ready := make(chan struct{}) // requests may come before the router that answers them is assigned
	k.shell = wire.NewRouter(listeners[0], key, log, func(m wire.Message) { <-ready; k.queue.put(m) })
	k.control = wire.NewRouter(listeners[1], key, log, func(m wire.Message) { <-ready; k.handleControl(m) })
	close(ready)
	k.page.send(nil, "status", wire.Status{State: "starting"})
	return k, nil
}

// patience is how long a cell that was interrupted by shutdown may take to end before its session is closed under it.
const patience = time.Second

// Serve runs until a front-end asks for shutdown or ctx is cancelled, and closes the session and all sockets.
func (k *Kernel) Serve(ctx context.Context) error {
	defer context.AfterFunc(ctx, k.Stop)()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for m, ok := k.queue.take(); ok; m, ok = k.queue.take() {
			k.handleShell(m)
		}
	}()
	<-k.done.Done() // which also interrupts the running cell, since it is the parent of its context
	k.queue.close()
	select {
	case <-ended:
	case <-time.After(patience):
	}
	err := k.session.Close()
	<-ended
	err = errors.Join(err, k.history.close())
	k.page.flush()
	soon, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var all sync.WaitGroup
	for _, close := range []func(context.Context){k.shell.Close, k.control.Close, k.stdin.Close, k.heartbeat.Close, k.page.pub.Close} {
		all.Go(func() { close(soon) })
	}
	all.Wait()
	return err
}

// Stop makes Serve return soon.
func (k *Kernel) Stop() { k.stop() }

// Interrupt stops the running cell, if any. Its variables are kept.
func (k *Kernel) Interrupt() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cancel != nil {
		k.cancel()
	}
}

// Connection is where the kernel really listens, for ports that were given as 0.
func (k *Kernel) Connection(asked wire.Connection) wire.Connection {
	port := func(a net.Addr) int {
		if tcp, ok := a.(*net.TCPAddr); ok {
			return tcp.Port
		}
		return 0
	}
	asked.Shell, asked.Control, asked.Stdin = port(k.shell.Addr()), port(k.control.Addr()), port(k.stdin.Addr())
	asked.IOPub, asked.Heartbeat = port(k.page.pub.Addr()), port(k.heartbeat.Addr())
	return asked
}

// reply answers request on the socket that it came from.
func (k *Kernel) reply(to *wire.Router, request *wire.Message, kind string, content any) {
	m, err := wire.New(k.id, kind, request, content)
	if err == nil {
		err = to.Send(m)
	}
	if err != nil && !errors.Is(err, wire.ErrGone) {
		k.log.Error("a reply was lost", "kind", kind, "error", err)
	}
}

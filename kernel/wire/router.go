package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/go-zeromq/zmq4"
)

// Router is the socket of the shell, control and stdin channels: it receives requests from any client and answers the
// one that asked.
type Router struct {
	socket *socket
	key    Key
	log    *slog.Logger
}

// NewRouter serves l. Every well-signed message goes to receive, those of one client in order and from one goroutine;
// its first identity names the client. Anything else is dropped and logged.
func NewRouter(l net.Listener, key Key, log *slog.Logger, receive func(Message)) *Router {
	r := &Router{key: key, log: log}
	r.socket = open(zmq4.Router, l, log, func(_ *socket, p *peer, frames [][]byte) {
		m, err := Parse(key, frames)
		if err != nil {
			log.Warn("a message was dropped", "peer", p.conn.RemoteAddr(), "error", err)
			return
		}
		m.Identities = append([][]byte{[]byte(p.name())}, m.Identities...)
		receive(m)
	})
	return r
}

// ErrGone says that the client a message is for is not connected.
var ErrGone = errors.New("wire: the client is not connected")

// Send queues m for the client that its first identity names, and does not wait. The error is [ErrGone] if it has left.
func (r *Router) Send(m Message) error {
	if len(m.Identities) == 0 {
		return fmt.Errorf("wire: %s has no client to go to", m.Header.Type)
	}
	to := string(m.Identities[0])
	m.Identities = m.Identities[1:]
	frames, err := m.Frames(r.key)
	if err != nil {
		return err
	}
	encoded := appendFrames(nil, frames)
	sent := false
	for _, p := range r.socket.all() {
		if p.name() == to {
			r.socket.send(p, encoded, false)
			sent = true
		}
	}
	if !sent {
		return ErrGone
	}
	return nil
}

// Close stops listening, sends what is queued for as long as ctx allows, and closes all connections.
func (r *Router) Close(ctx context.Context) { r.socket.close(ctx) }

// Addr is the address that clients connect to.
func (r *Router) Addr() net.Addr { return r.socket.listen.Addr() }

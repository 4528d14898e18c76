package wire

import (
	"context"
	"log/slog"
	"net"

	"github.com/go-zeromq/zmq4"
)

// Heartbeat sends every message back as it came; a front-end that hears nothing knows that the kernel hangs.
type Heartbeat struct{ socket *socket }

// NewHeartbeat serves l.
func NewHeartbeat(l net.Listener, log *slog.Logger) *Heartbeat {
	return &Heartbeat{open(zmq4.Rep, l, log, func(s *socket, p *peer, frames [][]byte) {
		s.send(p, appendFrames(nil, frames), true)
	})}
}

// Close stops listening and closes all connections.
func (h *Heartbeat) Close(ctx context.Context) { h.socket.close(ctx) }

// Addr is the address that clients connect to.
func (h *Heartbeat) Addr() net.Addr { return h.socket.listen.Addr() }

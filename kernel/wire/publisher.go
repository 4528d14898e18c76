package wire

import (
	"context"
	"log/slog"
	"net"
	"strings"

	"github.com/go-zeromq/zmq4"
)

// Publisher is the iopub channel: every message goes to every subscriber. A subscriber that stops reading misses
// messages and then loses its connection; the others notice nothing.
type Publisher struct {
	socket *socket
	key    Key
}

// NewPublisher serves l. welcome makes the message that a new subscriber of topic gets, so that it knows from when on it
// misses nothing; see iopub_welcome in the protocol.
func NewPublisher(l net.Listener, key Key, log *slog.Logger, welcome func(topic string) (Message, error)) *Publisher {
	b := &Publisher{key: key}
	// ZMTP needs XPUB for a socket that answers subscriptions; to a SUB peer both look the same.
	b.socket = open(zmq4.XPub, l, log, func(s *socket, p *peer, frames [][]byte) {
		if len(frames) != 1 || len(frames[0]) == 0 || frames[0][0] > 1 {
			log.Warn("a subscriber sent something else than a subscription", "frames", len(frames))
			return
		}
		topic := string(frames[0][1:])
		if !p.subscribe(topic, frames[0][0] == 1) {
			return
		}
		m, err := welcome(topic)
		if err != nil {
			log.Error("no welcome for a subscriber", "topic", topic, "error", err)
			return
		}
		m.Identities = [][]byte{[]byte(topic)}
		signed, err := m.Frames(key)
		if err != nil {
			log.Error("no welcome for a subscriber", "topic", topic, "error", err)
			return
		}
		s.send(p, appendFrames(nil, signed), false)
	})
	return b
}

// subscribe notes one subscription or its end, and says whether topic is new.
func (p *peer) subscribe(topic string, on bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !on {
		if p.topics[topic]--; p.topics[topic] <= 0 {
			delete(p.topics, topic)
		}
		return false
	}
	p.topics[topic]++
	return p.topics[topic] == 1
}

func (p *peer) wants(topic string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for prefix := range p.topics {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}

// Send publishes m under topic and does not wait. A droppable message, such as a stream, may be missed by a subscriber
// that is far behind.
func (b *Publisher) Send(topic string, m Message, droppable bool) error {
	m.Identities = [][]byte{[]byte(topic)}
	frames, err := m.Frames(b.key)
	if err != nil {
		return err
	}
	encoded := appendFrames(nil, frames)
	for _, p := range b.socket.all() {
		if p.wants(topic) {
			b.socket.send(p, encoded, droppable)
		}
	}
	return nil
}

// Close stops listening, sends what is queued for as long as ctx allows, and closes all connections.
func (b *Publisher) Close(ctx context.Context) { b.socket.close(ctx) }

// Addr is the address that subscribers connect to.
func (b *Publisher) Addr() net.Addr { return b.socket.listen.Addr() }

package wire

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

// handshakeTime is what a peer has to say hello: long for a busy machine, short for one that never will.
const handshakeTime = 10 * time.Second

// socket accepts peers on one listener. Every peer has its own reader, writer and queue.
type socket struct {
	kind    zmq4.SocketType
	log     *slog.Logger
	listen  net.Listener
	receive func(s *socket, p *peer, frames [][]byte) // called by the peer's reader, in order

	mu         sync.Mutex
	soft, hard int // limits of the queues of peers to come
	peers      map[*peer]struct{}
	closed     bool
	done       sync.WaitGroup
}

// peer is one connection.
type peer struct {
	conn net.Conn
	in   *bufio.Reader
	out  *queue

	mu       sync.Mutex
	identity string         // empty until the handshake is over
	topics   map[string]int // subscriptions; ZMTP counts equal ones
}

func open(kind zmq4.SocketType, l net.Listener, log *slog.Logger, receive func(*socket, *peer, [][]byte)) *socket {
	s := &socket{kind: kind, listen: l, log: log, receive: receive, soft: softLimit, hard: hardLimit, peers: make(map[*peer]struct{})}
	s.done.Go(s.accept)
	return s
}

func (s *socket) accept() {
	for {
		conn, err := s.listen.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of file descriptors, most likely: wait for some to come back
			s.log.Warn("cannot accept a connection", "socket", s.kind, "error", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			conn.Close()
			return
		}
		p := &peer{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), out: newQueue(s.soft, s.hard), topics: make(map[string]int)}
		s.peers[p] = struct{}{}
		s.done.Go(func() { s.serve(p) })
		s.mu.Unlock()
	}
}

// serve reads from p until it leaves.
func (s *socket) serve(p *peer) {
	defer s.drop(p)
	if err := s.greet(p); err != nil {
		s.log.Debug("a peer left in its handshake", "socket", s.kind, "error", err)
		return
	}
	s.done.Go(func() { s.write(p) })
	for {
		frames, isCommand, err := readFrames(p.in, sizeLimit)
		switch {
		case err != nil:
			s.log.Debug("a peer left", "socket", s.kind, "error", err)
			return
		case isCommand:
			if answer := pong(frames[0]); answer != nil {
				p.out.put(answer, false)
			}
		default:
			s.receive(s, p, frames)
		}
	}
}

// greet performs the handshake of ZMTP 3.0 with a deadline.
func (s *socket) greet(p *peer) error {
	if err := p.conn.SetDeadline(time.Now().Add(handshakeTime)); err != nil {
		return err
	}
	hello, err := zmq4.Open(p.conn, null{p.in}, s.kind, nil, true, nil)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.identity = cmp.Or(hello.Peer.Meta["Identity"], rand.Text())
	p.mu.Unlock()
	return p.conn.SetDeadline(time.Time{})
}

func (p *peer) name() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.identity
}

func (s *socket) write(p *peer) {
	for batch := p.out.take(); batch != nil; batch = p.out.take() {
		for _, encoded := range batch {
			if _, err := p.conn.Write(encoded); err != nil {
				s.drop(p)
				return
			}
			p.out.wrote(len(encoded))
		}
	}
}

// send puts encoded into p's queue and cuts p off where that is full.
func (s *socket) send(p *peer, encoded []byte, droppable bool) {
	if !p.out.put(encoded, droppable) {
		s.log.Warn("a peer does not read; its connection is closed", "socket", s.kind, "peer", p.conn.RemoteAddr())
		s.drop(p)
	}
}

func (s *socket) drop(p *peer) {
	s.mu.Lock()
	delete(s.peers, p)
	s.mu.Unlock()
	p.out.close()
	p.conn.Close()
}

func (s *socket) all() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	peers := make([]*peer, 0, len(s.peers))
	for p := range s.peers {
		peers = append(peers, p)
	}
	return peers
}

// close sends what still waits, for at most the time that ctx gives, and closes everything.
func (s *socket) close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.listen.Close()
	for _, p := range s.all() {
		p.out.close()
	}
	for ctx.Err() == nil && s.unsent() {
		time.Sleep(time.Millisecond)
	}
	for _, p := range s.all() {
		s.drop(p)
	}
	s.done.Wait()
}

func (s *socket) unsent() bool {
	for _, p := range s.all() {
		p.out.mu.Lock()
		waits := p.out.size > 0
		p.out.mu.Unlock()
		if waits {
			return true
		}
	}
	return false
}

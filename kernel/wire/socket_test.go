package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func local(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func published(t *testing.T) *Publisher {
	t.Helper()
	p := NewPublisher(local(t), "k", quiet(), func(string) (Message, error) {
		return New("s", "iopub_welcome", nil, struct{}{})
	})
	t.Cleanup(func() { p.Close(t.Context()) })
	return p
}

// subscriber is a peer of the other implementation, so that both ends cannot be wrong together.
func subscriber(t *testing.T, address, topic string) zmq4.Socket {
	t.Helper()
	sub := zmq4.NewSub(t.Context())
	if err := sub.Dial("tcp://" + address); err != nil {
		t.Fatal(err)
	}
	if err := sub.SetOption(zmq4.OptionSubscribe, topic); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

func next(t *testing.T, s zmq4.Socket) Message {
	t.Helper()
	raw, err := s.Recv()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse("k", raw.Frames)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLateSubscriberIsWelcomed(t *testing.T) {
	p := published(t)
	first, _ := New("s", "status", nil, Status{"busy"})
	if err := p.Send("kernel", first, false); err != nil { // nobody hears it
		t.Fatal(err)
	}
	sub := subscriber(t, p.Addr().String(), "kernel")
	if m := next(t, sub); m.Header.Type != "iopub_welcome" || string(m.Identities[0]) != "kernel" {
		t.Fatalf("first message %s to %q, want iopub_welcome to the topic", m.Header.Type, m.Identities)
	}
	other, _ := New("s", "other", nil, struct{}{})
	if err := p.Send("else", other, false); err != nil {
		t.Fatal(err)
	}
	if err := p.Send("kernel.status", first, false); err != nil {
		t.Fatal(err)
	}
	if m := next(t, sub); m.Header.Type != "status" {
		t.Errorf("got %s, want only what was subscribed to", m.Header.Type)
	}
}

// A subscriber that stops reading must neither stall the others nor hold all messages in memory for ever.
func TestStoppedSubscriberStallsNobody(t *testing.T) {
	p := published(t)
	const soft, hard = 2 << 20, 8 << 20
	p.socket.mu.Lock()
	p.socket.soft, p.socket.hard = soft, hard // the same at a sixteenth of the size
	p.socket.mu.Unlock()
	stopped, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stopped.Close()
	in := bufio.NewReader(stopped)
	peer, err := zmq4.Open(stopped, null{in}, zmq4.Sub, nil, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := peer.SendMsg(zmq4.NewMsg([]byte{1})); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readFrames(in, sizeLimit); err != nil { // the welcome; nothing is read after it
		t.Fatal(err)
	}
	reading := subscriber(t, p.Addr().String(), "")
	next(t, reading)

	const messages = 800
	text := strings.Repeat("x", 32<<10) // more than the hard limit even without the droppable ones
	var got int
	var readers sync.WaitGroup
	readers.Go(func() {
		for range messages {
			if _, err := reading.Recv(); err != nil {
				return
			}
			got++
		}
	})
	var slowest time.Duration
	for i := range messages {
		m, _ := New("s", "stream", nil, Stream{"stdout", fmt.Sprint(i, text)})
		start := time.Now()
		if err := p.Send("stream", m, i%4 == 0); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(start))
		if i%16 == 15 { // a kernel that outruns a reading subscriber is another matter
			for wait := 0; wait < 1000 && queued(p) > soft/2; wait++ {
				time.Sleep(time.Millisecond)
			}
		}
	}
	readers.Wait()
	if got != messages {
		t.Errorf("the reading subscriber got %d of %d messages", got, messages)
	}
	if slowest > time.Second {
		t.Errorf("a message took %v to send", slowest)
	}
	if n := len(p.socket.all()); n != 1 {
		t.Errorf("%d peers are left; the stopped one should have been cut off", n)
	}
}

// queued is the size of the shortest queue: that of the subscriber that reads.
func queued(p *Publisher) int {
	least := hardLimit
	for _, peer := range p.socket.all() {
		peer.out.mu.Lock()
		least = min(least, peer.out.size)
		peer.out.mu.Unlock()
	}
	return least
}

func TestRouterAnswersTheOneThatAsked(t *testing.T) {
	var r *Router
	ready := make(chan struct{})
	r = NewRouter(local(t), "k", quiet(), func(m Message) {
		<-ready
		reply, err := New("s", "echo", &m, struct{}{})
		if err == nil {
			err = r.Send(reply)
		}
		if err != nil {
			t.Error(err)
		}
	})
	close(ready)
	defer r.Close(t.Context())
	var clients []zmq4.Socket
	for i := range 3 {
		var opts []zmq4.Option
		if i > 0 { // the first has no identity of its own
			opts = append(opts, zmq4.WithID(zmq4.SocketIdentity(fmt.Sprint("client", i))))
		}
		c := zmq4.NewDealer(t.Context(), opts...)
		if err := c.Dial("tcp://" + r.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
	}
	for i, c := range clients {
		m, _ := New(fmt.Sprint("session", i), "ask", nil, struct{}{})
		frames, _ := m.Frames("k")
		forged, _ := m.Frames("other")
		for _, f := range [][][]byte{forged, {[]byte("rubbish")}, frames} {
			if err := c.SendMulti(zmq4.NewMsgFrom(f...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, c := range clients { // only the well-signed message is answered
		if m := next(t, c); !strings.Contains(string(m.Parent), fmt.Sprint("session", i)) {
			t.Errorf("client %d got the answer to %s", i, m.Parent)
		}
	}
}

func TestHangingHandshakeKeepsNobodyWaiting(t *testing.T) {
	p := published(t)
	for range 5 {
		hanging, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer hanging.Close()
	}
	if m := next(t, subscriber(t, p.Addr().String(), "")); m.Header.Type != "iopub_welcome" {
		t.Errorf("got %s", m.Header.Type)
	}
}

func TestHostileHandshake(t *testing.T) {
	p := published(t)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	greeting := make([]byte, 64)
	greeting[0], greeting[9], greeting[10] = 0xff, 0x7f, 3
	copy(greeting[12:], "NULL")
	// READY, announced with 2^62 bytes: a peer that never knew the key must not make us allocate them.
	if _, err := conn.Write(append(greeting, command|long, 0x40, 0, 0, 0, 0, 0, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection should have been closed at once: %v", err)
	}
	next(t, subscriber(t, p.Addr().String(), ""))
}

func TestHeartbeat(t *testing.T) {
	h := NewHeartbeat(local(t), quiet())
	defer h.Close(context.Background())
	req := zmq4.NewReq(t.Context())
	if err := req.Dial("tcp://" + h.Addr().String()); err != nil {
		t.Fatal(err)
	}
	defer req.Close()
	for _, beat := range []string{"ping", strings.Repeat("x", 1000)} {
		if err := req.Send(zmq4.NewMsgString(beat)); err != nil {
			t.Fatal(err)
		}
		if m, err := req.Recv(); err != nil || string(m.Frames[0]) != beat {
			t.Errorf("got %q, %v", m.Frames, err)
		}
	}
}

func TestPong(t *testing.T) {
	if got, want := string(pong([]byte("\x04PING\x00\x0actx"))), "\x04\x08\x04PONGctx"; got != want {
		t.Errorf("pong %q, want %q", got, want)
	}
}

package kernel

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/tunebook/tunebook/kernel/wire"
)

const testKey = wire.Key("a key")

// client is a front-end made of the sockets of another ZeroMQ implementation.
type client struct {
	t       *testing.T
	kernel  *Kernel
	key     wire.Key
	sockets map[string]zmq4.Socket
	iopub   chan wire.Message
	served  chan error
}

// start serves s and connects one client.
func start(t *testing.T, s Session) *client {
	t.Helper()
	asked := wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: string(testKey)}
	k, err := New(asked, s, Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, kernel: k, key: testKey, sockets: make(map[string]zmq4.Socket), iopub: make(chan wire.Message, 1000), served: make(chan error, 2)}
	go func() { c.served <- k.Serve(context.Background()) }()
	at := k.Connection(asked)
	ctx, cancel := context.WithCancel(context.Background())
	identity := zmq4.WithID(zmq4.SocketIdentity("client"))
	for name, port := range map[string]int{"shell": at.Shell, "control": at.Control, "stdin": at.Stdin, "iopub": at.IOPub} {
		socket := zmq4.NewDealer(ctx, identity)
		if name == "iopub" {
			socket = zmq4.NewSub(ctx)
		}
		if err := socket.Dial(fmt.Sprintf("tcp://127.0.0.1:%d", port)); err != nil {
			t.Fatal(err)
		}
		c.sockets[name] = socket
	}
	if err := c.sockets["iopub"].SetOption(zmq4.OptionSubscribe, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		k.Stop()
		if err := <-c.served; err != nil {
			t.Error(err)
		}
		cancel()
		for _, s := range c.sockets {
			s.Close()
		}
	})
	go func() {
		for {
			raw, err := c.sockets["iopub"].Recv()
			if err != nil {
				return
			}
			if m, err := wire.Parse(testKey, raw.Frames); err == nil {
				c.iopub <- m
			}
		}
	}()
	if m := c.published(); m.Header.Type != "iopub_welcome" {
		t.Fatalf("the first message is %s", m.Header.Type)
	}
	return c
}

func (c *client) send(channel, kind string, content any) wire.Message {
	c.t.Helper()
	return c.sendAs(channel, kind, nil, content)
}

func (c *client) sendAs(channel, kind string, parent *wire.Message, content any) wire.Message {
	c.t.Helper()
	m, err := wire.New("client session", kind, parent, content)
	if err != nil {
		c.t.Fatal(err)
	}
	m.Identities = nil
	frames, err := m.Frames(c.key)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.sockets[channel].SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
	return m
}

// receive waits for the next message on a channel other than iopub.
func (c *client) receive(channel string) wire.Message {
	c.t.Helper()
	type received struct {
		m   wire.Message
		err error
	}
	got := make(chan received, 1)
	go func() {
		raw, err := c.sockets[channel].Recv()
		if err != nil {
			got <- received{err: err}
			return
		}
		m, err := wire.Parse(testKey, raw.Frames)
		got <- received{m, err}
	}()
	select {
	case r := <-got:
		if r.err != nil {
			c.t.Fatal(r.err)
		}
		return r.m
	case <-time.After(10 * time.Second):
		c.t.Fatalf("nothing came on %s", channel)
	}
	return wire.Message{}
}

// ask sends a request and decodes its reply.
func (c *client) ask(channel, kind string, content, into any) {
	c.t.Helper()
	c.send(channel, kind, content)
	if err := c.receive(channel).Into(into); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) published() wire.Message {
	c.t.Helper()
	select {
	case m := <-c.iopub:
		return m
	case <-time.After(10 * time.Second):
		c.t.Fatal("nothing came on iopub")
	}
	return wire.Message{}
}

// execute runs a cell and describes what iopub said of it.
func (c *client) execute(request wire.ExecuteRequest) (wire.ExecuteReply, []string) {
	c.t.Helper()
	sent := c.send("shell", "execute_request", request)
	var reply wire.ExecuteReply
	if err := c.receive("shell").Into(&reply); err != nil {
		c.t.Fatal(err)
	}
	var said []string
	for {
		m := c.published()
		if parentOf(m) != sent.Header.ID {
			continue
		}
		said = append(said, describe(c.t, m))
		if said[len(said)-1] == "idle" {
			return reply, said
		}
	}
}

// await skips messages on iopub until one is described as wanted.
func (c *client) await(wanted string) {
	c.t.Helper()
	for describe(c.t, c.published()) != wanted {
	}
}

package kernel

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/tunebook/tunebook/kernel/display"
	"github.com/tunebook/tunebook/kernel/wire"
)

// gather is how long text of a stream waits for more: too short to be seen, long enough to make a million prints cheap.
const gather = 50 * time.Millisecond

// gatherSize sends text earlier.
const gatherSize = 64 << 10

// page is the iopub channel with streams gathered. Everything keeps its order.
type page struct {
	id  string
	log *slog.Logger
	pub *wire.Publisher

	mu     sync.Mutex
	parent *wire.Message // of the text that waits
	name   string
	text   strings.Builder
	timer  *time.Timer
}

func newID() string { return rand.Text() }

func newPage(id string, log *slog.Logger, open func(welcome func(string) (wire.Message, error)) *wire.Publisher) *page {
	p := &page{id: id, log: log}
	p.pub = open(func(topic string) (wire.Message, error) {
		return wire.New(id, "iopub_welcome", nil, map[string]string{"subscription": topic})
	})
	return p
}

// send publishes one message that belongs to parent.
func (p *page) send(parent *wire.Message, kind string, content any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushLocked()
	p.publish(parent, kind, content, kind == "update_display_data")
}

// stream publishes text, now or a little later.
func (p *page) stream(parent *wire.Message, name, text string) {
	if text == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parent != parent || p.name != name {
		p.flushLocked()
	}
	p.parent, p.name = parent, name
	p.text.WriteString(text)
	if p.text.Len() >= gatherSize {
		p.flushLocked()
	} else if p.timer == nil {
		p.timer = time.AfterFunc(gather, p.flush)
	}
}

func (p *page) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushLocked()
}

func (p *page) flushLocked() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.text.Len() == 0 {
		return
	}
	text := strings.ToValidUTF8(p.text.String(), "\ufffd")
	p.text.Reset()
	p.publish(p.parent, "stream", wire.Stream{Name: p.name, Text: text}, true)
}

func (p *page) publish(parent *wire.Message, kind string, content any, droppable bool) {
	m, err := wire.New(p.id, kind, parent, content)
	if err == nil {
		err = p.pub.Send(kind, m, droppable)
	}
	if err != nil {
		p.log.Error("an output was lost", "kind", kind, "error", err)
	}
}

// sink is what one running cell shows, and whom it asks.
type sink struct {
	kernel *Kernel
	parent *wire.Message
	silent bool
	ask    func(prompt string, secret bool) (string, error)
}

var (
	_ display.Sink  = (*sink)(nil)
	_ display.Asker = (*sink)(nil)
)

func (s *sink) Emit(e display.Event) error {
	if s.silent {
		return nil
	}
	page := s.kernel.page
	switch e.Kind {
	case display.KindStream:
		page.stream(s.parent, e.Name, e.Text)
	case display.KindShow:
		page.send(s.parent, "display_data", contentOf(e.Data))
	case display.KindUpdate:
		page.send(s.parent, "update_display_data", contentOf(e.Data))
	case display.KindClear:
		page.send(s.parent, "clear_output", wire.ClearOutput{Wait: e.Wait})
	}
	return nil
}

func (s *sink) Ask(prompt string, secret bool) (string, error) { return s.ask(prompt, secret) }

// contentOf has no nil maps, since front-ends expect objects.
func contentOf(b display.Bundle) wire.Display {
	return wire.Display{Data: object(b.Data), Metadata: object(b.Metadata), Transient: object(b.Transient)}
}

func object(m display.MIMEMap) display.MIMEMap {
	if m == nil {
		return display.MIMEMap{}
	}
	return m
}

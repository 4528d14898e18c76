package display

import (
	"fmt"
	"sync"
)

// StreamLimit is how much text one cell may print: a loop that never ends must not fill a browser or a notebook file.
const StreamLimit = 8 << 20

// Limit passes events on to s, of streams at most limit bytes. What is beyond is left out, which the page says once.
func Limit(s Sink, limit int) Sink { return &limited{sink: s, limit: limit, left: limit} }

type limited struct {
	sink  Sink
	limit int

	mu   sync.Mutex
	left int
	told bool
}

var _ Asker = (*limited)(nil)

func (l *limited) Emit(e Event) error {
	if e.Kind != KindStream {
		return l.sink.Emit(e)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(e.Text) <= l.left {
		l.left -= len(e.Text)
		return l.sink.Emit(e)
	}
	if l.told {
		return nil
	}
	l.told = true
	rest := e
	rest.Text = e.Text[:l.left]
	l.left = 0
	if err := l.sink.Emit(rest); err != nil {
		return err
	}
	return l.sink.Emit(Event{Kind: KindStream, Name: "stderr",
		Text: fmt.Sprintf("\n[This cell printed more than %d MB. The rest is left out; the cell goes on.]\n", l.limit>>20)})
}

func (l *limited) Ask(prompt string, secret bool) (string, error) {
	if asker, ok := l.sink.(Asker); ok {
		return asker.Ask(prompt, secret)
	}
	return "", ErrNoInput
}

package display

import (
	"crypto/rand"
	"sync"
	"time"
)

// interval is the shortest time between two updates of one handle: ten a second are more than an eye follows, and a
// training loop of thousands of steps must not fill the notebook's connection.
const interval = 100 * time.Millisecond

// Handle is one place on the page whose content changes. It is safe for concurrent use.
type Handle struct {
	id string

	mu      sync.Mutex
	shown   bool
	last    time.Time   // when something was last sent
	waiting *Bundle     // the newest state, while it is held back
	timer   *time.Timer // sends waiting when the interval is over
}

// Live returns a place on the page, which appears with the first Show and is updated in place by those that follow.
func Live() *Handle { return &Handle{id: "tunebook-" + rand.Text()} }

// Show replaces what the place shows by v, in every form that v has; see [Render]. v is rendered before Show returns, so
// it may change afterwards. States that follow each other faster than ten a second are skipped, but never the last one.
func (h *Handle) Show(v any) error {
	state := Render(v)
	h.mu.Lock()
	defer h.mu.Unlock()
	if wait := interval - time.Since(h.last); h.shown && wait > 0 {
		if h.waiting == nil {
			page.hold(h)
			h.timer = time.AfterFunc(wait, func() { _ = h.flush() })
		}
		h.waiting = &state
		return nil
	}
	return h.send(state)
}

// Clear empties the place. Nothing that was shown before comes back after it.
func (h *Handle) Clear() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.shown {
		return nil
	}
	return h.send(Bundle{Data: MIMEMap{MIMETypeText: ""}})
}

// flush sends the state that is held back, if any.
func (h *Handle) flush() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		return nil
	}
	return h.send(*h.waiting)
}

func (h *Handle) drop() {
	if h.timer != nil {
		h.timer.Stop()
		h.timer = nil
	}
	h.waiting = nil
}

// send needs h.mu, which also keeps the updates of one place in order. The handle is released after the event went out,
// so that Flush waits for one that a timer is sending at that moment.
func (h *Handle) send(state Bundle) error {
	h.drop()
	defer page.release(h)
	kind := KindUpdate
	if !h.shown {
		kind, h.shown = KindShow, true
	}
	h.last = time.Now()
	return page.emit(Event{Kind: kind, Data: state.at(h.id)})
}

package kernel

import (
	"sync"

	"github.com/tunebook/tunebook/kernel/wire"
)

// queue holds the requests that shell has not come to yet. It has no limit: a front-end that runs a whole notebook sends
// all of its cells at once.
type queue struct {
	mu      sync.Mutex
	ready   sync.Cond
	waiting []wire.Message
	closed  bool
}

func newQueue() *queue {
	q := &queue{}
	q.ready.L = &q.mu
	return q
}

func (q *queue) put(m wire.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, m)
	q.ready.Signal()
}

// take waits for a request. It says false once the queue is closed, whatever still waits.
func (q *queue) take() (wire.Message, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.ready.Wait()
	}
	if q.closed {
		return wire.Message{}, false
	}
	m := q.waiting[0]
	q.waiting = q.waiting[1:]
	return m, true
}

// abort removes and returns the execute requests that wait; other requests keep their turn.
func (q *queue) abort() []wire.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	var aborted, kept []wire.Message
	for _, m := range q.waiting {
		if m.Header.Type == "execute_request" {
			aborted = append(aborted, m)
		} else {
			kept = append(kept, m)
		}
	}
	q.waiting = kept
	return aborted
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.ready.Broadcast()
}

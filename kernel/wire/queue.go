package wire

import "sync"

// How far one peer may fall behind before it is cut: first it misses what can be missed, then it loses its connection.
// The limits are bytes that wait for one peer.
const (
	softLimit = 32 << 20
	hardLimit = 128 << 20
)

// queue holds what waits to be written to one peer. Putting never blocks.
type queue struct {
	soft, hard int

	mu      sync.Mutex
	ready   sync.Cond
	waiting [][]byte
	size    int
	dropped int
	closed  bool
}

func newQueue(soft, hard int) *queue {
	q := &queue{soft: soft, hard: hard}
	q.ready.L = &q.mu
	return q
}

// put takes the encoded message. It says false when the peer is so far behind that it has to be cut off.
func (q *queue) put(encoded []byte, droppable bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return true
	}
	if q.size > q.hard {
		return false
	}
	if droppable && q.size > q.soft {
		q.dropped++
		return true
	}
	q.waiting = append(q.waiting, encoded)
	q.size += len(encoded)
	q.ready.Signal()
	return true
}

// take waits for messages and gives all that wait, or nil once the queue is closed.
func (q *queue) take() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.ready.Wait()
	}
	if len(q.waiting) == 0 {
		return nil
	}
	batch := q.waiting
	q.waiting = nil
	return batch
}

// wrote makes room for n bytes.
func (q *queue) wrote(n int) {
	q.mu.Lock()
	q.size -= n
	q.mu.Unlock()
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.ready.Broadcast()
}

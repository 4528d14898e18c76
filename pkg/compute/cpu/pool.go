package cpu

import (
	"sync/atomic"

	"github.com/tunebook/tunebook/pkg/compute"
)

// task is work that can be cut into ranges. An operator is a struct with its arguments, kept in the Device so that
// running it allocates nothing.
type task interface {
	part(w *worker, lo, hi int)
}

// worker is the memory that one worker keeps between tasks.
type worker struct {
	index   int
	scratch [5][]float32
	laid    laid
	soon    stream       // what it will read next
	grown   *atomic.Bool // of the pool
}

// floats is scratch memory number slot with room for n values; its contents are undefined.
func (w *worker) floats(slot, n int) []float32 {
	if cap(w.scratch[slot]) < n {
		w.scratch[slot] = compute.Floats(n + n/4)
		w.grown.Store(true)
	}
	return w.scratch[slot][:n]
}

// pool runs one task at a time on the caller and its helpers.
//
// Helpers spin for a bounded time after a task, since the next one usually follows within microseconds, then park, so an
// idle notebook costs nothing. The caller never waits for a helper that has not joined, and parks too when one that
// has takes long: on a shared machine that helper may have lost its core, and gets the caller's.
type pool struct {
	workers []*worker
	helpers []*helper
	job     task
	n, step int
	next    atomic.Int64
	_       [56]byte
	gate    atomic.Int64 // open while ranges are handed out, plus the number of helpers that have joined
	_       [56]byte
	epoch   atomic.Uint64
	asleep  atomic.Bool   // the caller is parked
	finish  chan struct{} // wakes it
	closed  atomic.Bool
	failure atomic.Pointer[any] // the first panic of a range, which the caller rethrows
	grown   atomic.Bool         // a worker has taken more scratch memory than the others may have
}

type helper struct {
	parked atomic.Bool
	wake   chan struct{}
}

const (
	open  = 1 << 32
	spins = 500 // rounds of relax before parking: about two hundred microseconds, longer than what runs between two operators
)

func newPool(n int) *pool {
	p := &pool{finish: make(chan struct{}, 1)}
	for i := range n {
		p.workers = append(p.workers, &worker{index: i, grown: &p.grown})
	}
	for i := 1; i < n; i++ {
		h := &helper{wake: make(chan struct{}, 1)}
		p.helpers = append(p.helpers, h)
		go p.help(h, p.workers[i])
	}
	return p
}

func (p *pool) help(h *helper, w *worker) {
	var seen uint64
	for {
		seen = p.await(h, seen)
		if p.closed.Load() {
			return
		}
		if !p.join() {
			continue
		}
		p.drain(w)
		if p.gate.Add(-1) == 0 && p.asleep.CompareAndSwap(true, false) {
			p.finish <- struct{}{}
		}
	}
}

// await returns the epoch once it is no longer seen.
func (p *pool) await(h *helper, seen uint64) uint64 {
	for i := 0; ; i++ {
		if e := p.epoch.Load(); e != seen {
			return e
		}
		if i < spins {
			relax()
			continue
		}
		h.parked.Store(true)
		if p.epoch.Load() != seen && h.parked.CompareAndSwap(true, false) {
			continue // work arrived while parking
		}
		<-h.wake
	}
}

// join enters the current task unless its ranges are already handed out.
func (p *pool) join() bool {
	for {
		g := p.gate.Load()
		if g < open {
			return false
		}
		if p.gate.CompareAndSwap(g, g+1) {
			return true
		}
	}
}

// drain takes ranges until none is left. A panic ends the task but not the process: the caller may be able to recover,
// a helper is not.
func (p *pool) drain(w *worker) {
	defer func() {
		if r := recover(); r != nil {
			p.fail(r)
		}
	}()
	for {
		lo := int(p.next.Add(int64(p.step))) - p.step
		if lo >= p.n {
			return
		}
		p.job.part(w, lo, min(lo+p.step, p.n))
	}
}

// fail keeps the first panic and hands out no more ranges. It is apart from drain so that only a panic allocates.
func (p *pool) fail(r any) {
	p.failure.CompareAndSwap(nil, &r)
	p.next.Store(int64(p.n))
}

// run calls t.part for consecutive ranges of at most step that cover [0, n), and returns when all are done.
func (p *pool) run(t task, n, step int) {
	step = max(step, 1)
	if n <= 0 {
		return
	}
	if p.grown.Load() {
		p.level()
	}
	if len(p.helpers) == 0 || n <= step {
		for lo := 0; lo < n; lo += step {
			t.part(p.workers[0], lo, min(lo+step, n))
		}
		return
	}
	p.job, p.n, p.step = t, n, step
	p.next.Store(0)
	p.gate.Store(open)
	p.publish((n+step-1)/step - 1)
	p.drain(p.workers[0])
	p.gate.Add(-open)
	p.settle()
	p.job = nil
	if r := p.failure.Swap(nil); r != nil {
		panic(*r)
	}
}

// level gives all workers as much scratch memory as the one that has most. So what a training step takes is taken in the first
// one, even where a helper comes too late for an operator and meets it steps later. No task is under way.
func (p *pool) level() {
	p.grown.Store(false)
	for slot := range p.workers[0].scratch {
		most := 0
		for _, w := range p.workers {
			most = max(most, cap(w.scratch[slot]))
		}
		for _, w := range p.workers {
			if cap(w.scratch[slot]) < most {
				w.scratch[slot] = compute.Floats(most)
			}
		}
	}
}

// settle waits until the helpers that joined have finished.
func (p *pool) settle() {
	for i := 0; p.gate.Load() != 0; i++ {
		if i < spins {
			relax()
			continue
		}
		p.asleep.Store(true)
		if p.gate.Load() == 0 && p.asleep.CompareAndSwap(true, false) {
			return
		}
		<-p.finish // possibly from a helper of an earlier task, so look again
	}
}

// publish announces a task that can use that many helpers.
func (p *pool) publish(useful int) {
	p.epoch.Add(1)
	for i, h := range p.helpers {
		if i < useful && h.parked.CompareAndSwap(true, false) {
			h.wake <- struct{}{}
		}
	}
}

func (p *pool) close() {
	if p.closed.CompareAndSwap(false, true) {
		p.publish(len(p.helpers))
	}
}

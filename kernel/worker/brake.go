package worker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// brake stops interpreted code between two steps.
//
// The interpreter has a way to do this, EvalWithContext, but a use of it leaves every function that was made before
// unable to run: each remembers the number of the run that it was made in, and an interrupt counts that number up for
// good. So the brake raises the number only until the running cell has ended and then puts it back. Channel operations
// wait on a channel of the interpreter too, which would stay closed for good; the brake sends on it instead. Both are
// private fields, whose types newBrake checks.
type brake struct {
	id       *uint64
	done     chan struct{}
	released sync.WaitGroup // holds while an interrupt is under way
}

func newBrake(i *interp.Interpreter) (*brake, error) {
	// The channel is made, and channel operations are compiled to watch it, from the first evaluation with a context on.
	if _, err := i.EvalWithContext(context.Background(), "0"); err != nil {
		return nil, fmt.Errorf("worker: starting the interpreter: %w", err)
	}
	v := reflect.ValueOf(i).Elem()
	id, done := v.FieldByName("id"), v.FieldByName("done")
	if !id.IsValid() || id.Kind() != reflect.Uint64 || !done.IsValid() || done.Type() != reflect.TypeFor[chan struct{}]() {
		return nil, errors.New("worker: this version of the interpreter cannot be interrupted in the way that the kernel knows")
	}
	b := &brake{id: (*uint64)(unsafe.Pointer(id.UnsafeAddr())), done: *(*chan struct{})(unsafe.Pointer(done.UnsafeAddr()))}
	if b.done == nil {
		return nil, errors.New("worker: the interpreter has no channel to interrupt by")
	}
	return b, nil
}

// hold stops all interpreted code until ended is closed.
func (b *brake) hold(ended <-chan struct{}) {
	before := atomic.LoadUint64(b.id)
	atomic.StoreUint64(b.id, before+1)
	defer atomic.StoreUint64(b.id, before)
	for {
		select {
		case b.done <- struct{}{}:
		case <-ended:
			return
		}
	}
}

//go:build !emulate

package graph

import (
	"context"
	"runtime"
	"testing"
)

// A hundred runs leave no trace in the runtime's own counters.
func TestRunsLeaveNothingBehind(t *testing.T) {
	for _, mode := range []Mode{Train, Inspect} {
		d, outputs := trained(t, 13)
		m := d.compile(t, Options{Mode: mode}, outputs...)
		ctx := context.Background()
		step := func() {
			d.feed(t, m)
			if err := m.Run(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 { // the device grows its scratch memory when a worker first meets an operator
			step()
		}
		goroutines := runtime.NumGoroutine()
		if n := testing.AllocsPerRun(100, func() {
			if err := m.Run(ctx); err != nil {
				t.Fatal(err)
			}
		}); n >= 1 {
			t.Errorf("%v allocations a run", n)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range 100 {
			step()
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<10 {
			t.Errorf("the heap grew by %d bytes over 100 runs", grown)
		}
		if n := runtime.NumGoroutine(); n > goroutines {
			t.Errorf("%d goroutines after 100 runs, %d before", n, goroutines)
		}
	}
}

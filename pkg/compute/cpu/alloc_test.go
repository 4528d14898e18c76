//go:build !emulate

package cpu_test

import (
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// After the first step the Device has its scratch memory, and a step allocates nothing.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2} {
		d := device(t, cpu.Options{Threads: threads})
		m := newDecoder(1, 32)
		step := 0
		run := func() {
			step++
			m.step(d, step)
		}
		for range 3 {
			run() // each worker grows its scratch when it first gets a range of that kind
		}
		if n := testing.AllocsPerRun(5, run); n >= 1 {
			t.Errorf("%d threads: %v allocations a step", threads, n)
		}
	}
}

// Nor does any operator by itself.
func TestOperatorsAllocateNothing(t *testing.T) {
	for _, threads := range []int{1, 2} {
		for _, c := range operatorCalls(device(t, cpu.Options{Threads: threads}), 300, 40, 90) {
			for range 3 {
				c.run()
			}
			if n := testing.AllocsPerRun(5, c.run); n >= 1 {
				t.Errorf("%s on %d threads: %v allocations", c.name, threads, n)
			}
		}
	}
}

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

// The Device counts its scratch memory, and has all of it after the second step, whichever worker came late to what.
func TestScratchSettles(t *testing.T) {
	d := device(t, cpu.Options{Threads: 4})
	if n := d.Scratch(); n != 0 {
		t.Errorf("%d bytes before any operator", n)
	}
	m := newDecoder(1, 32)
	m.step(d, 1)
	m.step(d, 2) // begins by giving every worker what one took in the first
	settled := d.Scratch()
	if logits := 4 * 32 * m.vocab; settled < logits {
		t.Errorf("%d bytes, the logits alone take %d", settled, logits)
	}
	for step := range 30 {
		m.step(d, 3+step)
		if n := d.Scratch(); n != settled {
			t.Fatalf("step %d: %d bytes of scratch memory, %d after the second", 3+step, n, settled)
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

// Nor does an operator that was bound, however often it runs.
func TestBoundAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2} {
		d := device(t, cpu.Options{Threads: threads})
		for _, c := range bindCases() {
			b := newBound(t, c.op)
			if lacking(t, d, c.op, b) {
				continue
			}
			made, err := d.Bind(c.op, b.out, b.in)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				made.Run()
			}
			if n := testing.AllocsPerRun(3, made.Run); n >= 1 {
				t.Errorf("%T%+v on %d threads: %v allocations", c.op, c.op, threads, n)
			}
		}
	}
}

// Nor do products in bfloat16, and with packed weights of every format.
func TestOtherProductsAllocateNothing(t *testing.T) {
	d := device(t, cpu.Options{Threads: 2})
	x, w, y := mat(make([]float32, 40*64), 40, 64), mat(make([]float32, 70*64), 70, 64), mat(make([]float32, 40*70), 40, 70)
	var packed []cpu.Product
	for _, f := range cpu.Formats() {
		packed = append(packed, cpu.Product{C: y, Packed: d.Pack(w, f)})
	}
	run := func() {
		for i := range packed {
			d.MatMulNTs(x, packed[i:i+1])
		}
		if d.BF16() == nil {
			d.MatMulNTBF16(y, x, w, cpu.Epilogue{})
			d.MatMulNNBF16(x, y, w, cpu.Epilogue{})
			d.MatMulTNBF16(w, y, x, cpu.Epilogue{})
		}
	}
	for range 5 {
		run() // each worker grows its scratch when it first gets a range of that kind
	}
	if n := testing.AllocsPerRun(5, run); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

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

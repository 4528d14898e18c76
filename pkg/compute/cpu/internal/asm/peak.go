package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// peakSums is how many independent sums peak keeps: more than the latency of a multiply-add times the units that do it,
// so that neither waits for the other.
const peakSums = 12

// peak does nothing but multiply-adds on registers: what no product can be faster than.
func peak(l level) {
	k, x := begin(l, "peak", "adds x² to twelve registers n times and leaves their sum in out.", []string{"out"}, []string{"x"})
	var sums []VecVirtual
	for range peakSums {
		s := l.reg(0)
		l.zero(s)
		sums = append(sums, s)
	}
	Label("loop" + k.name)
	for _, s := range sums {
		VFMADD231PS(x[0], x[0], s)
	}
	DECQ(k.n)
	JNZ(LabelRef("loop" + k.name))
	for _, s := range sums[1:] {
		VADDPS(s, sums[0], sums[0])
	}
	VMOVUPS(sums[0], k.at(0))
	VZEROUPPER()
	RET()
}

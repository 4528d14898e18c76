package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// packs writes the kernels that lay out operands for the tiles.
func packs(l level) {
	pack(l, "panel", "copies n rows of one panel, two registers each; strides are in bytes.", 2, 2*l.bytes())
	pack(l, "strip", "copies n rows of one strip, a register each but closer together, so that the next row covers what is too much.", 1, 4*l.rows)
}

// pack copies n rows of some registers from a strided source to rows of size bytes.
func pack(l level, name, doc string, registers, size int) {
	open(name+l.name, "func(dst *float32, src *float32, stride uintptr, n uintptr)")
	Doc(name + l.name + " " + doc)
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	step, n := Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	label := name + l.name
	Label("loop_" + label)
	TESTQ(n, n)
	JZ(LabelRef("end_" + label))
	for i := range registers {
		r := l.reg(0)
		VMOVUPS(Mem{Base: src, Disp: i * l.bytes()}, r)
		VMOVUPS(r, Mem{Base: dst, Disp: i * l.bytes()})
	}
	ADDQ(step, src)
	ADDQ(Imm(uint64(size)), dst)
	DECQ(n)
	JMP(LabelRef("loop_" + label))
	Label("end_" + label)
	VZEROUPPER()
	RET()
}

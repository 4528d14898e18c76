package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// packs writes the kernels that lay out operands for the tiles.
func packs(l level) {
	deal(l, "panels", "two registers", 2, 2*l.bytes())
	deal(l, "strips", "a register, of which the next row covers what is too much,", 1, 4*l.rows)
}

// deal writes the kernel that cuts a row into n parts of some registers, size bytes apart, and lays them step bytes
// apart. Rows are read whole, in order, as the prefetchers like it.
func deal(l level, name, what string, registers, size int) {
	open(name+l.name, "func(dst *float32, step uintptr, src *float32, n uintptr)")
	Doc(fmt.Sprintf("%s%s deals a row out to n %s: %s each, step bytes apart.", name, l.name, name, what))
	dst, step := Load(Param("dst"), GP64()), Load(Param("step"), GP64())
	src, n := Load(Param("src"), GP64()), Load(Param("n"), GP64())
	label := name + l.name
	Label("loop_" + label)
	TESTQ(n, n)
	JZ(LabelRef("end_" + label))
	for i := range registers {
		r := l.reg(0)
		VMOVUPS(Mem{Base: src, Disp: i * l.bytes()}, r)
		VMOVUPS(r, Mem{Base: dst, Disp: i * l.bytes()})
	}
	ADDQ(Imm(uint64(size)), src)
	ADDQ(step, dst)
	DECQ(n)
	JMP(LabelRef("loop_" + label))
	Label("end_" + label)
	VZEROUPPER()
	RET()
}

// turn writes the kernel that lays out the transpose of some rows: n blocks of four columns become rows of the result,
// step bytes apart. Each store is a whole register; with fewer than eight rows what is too much is zero, and the next
// row covers it.
func turn(rows int) {
	name := fmt.Sprintf("turn%dAVX2", rows)
	open(name, "func(dst *float32, step uintptr, src *float32, stride uintptr, n uintptr)")
	Doc(fmt.Sprintf("%s transposes %d rows of n blocks of four values; step and stride are in bytes.", name, rows))
	dst, step := Load(Param("dst"), GP64()), Load(Param("step"), GP64())
	src, rs := Load(Param("src"), GP64()), Load(Param("stride"), GP64())
	n := Load(Param("n"), GP64())
	bases := rowBases(src, rs, rows)
	at := func(i int) Mem {
		m := Mem{Base: bases[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = rs, uint8(i%3)
		}
		return m
	}
	Label("loop_" + name)
	TESTQ(n, n)
	JZ(LabelRef("end_" + name))
	var in [4]VecVirtual // row i below, row i+4 above
	for i := range in {
		in[i] = YMM()
		VMOVUPS(at(i), in[i].AsX())
		if i+4 < rows {
			VINSERTF128(Imm(1), at(i+4), in[i], in[i])
		}
	}
	var pairs [4]VecVirtual
	for i := range pairs {
		pairs[i] = YMM()
	}
	VUNPCKLPS(in[1], in[0], pairs[0])
	VUNPCKHPS(in[1], in[0], pairs[1])
	VUNPCKLPS(in[3], in[2], pairs[2])
	VUNPCKHPS(in[3], in[2], pairs[3])
	for column := range 4 {
		out := YMM()
		VSHUFPS(Imm([]uint64{0x44, 0xee}[column%2]), pairs[2+column/2], pairs[column/2], out)
		VMOVUPS(out, Mem{Base: dst})
		ADDQ(step, dst)
	}
	for _, p := range bases {
		ADDQ(Imm(16), p)
	}
	DECQ(n)
	JMP(LabelRef("loop_" + name))
	Label("end_" + name)
	VZEROUPPER()
	RET()
}

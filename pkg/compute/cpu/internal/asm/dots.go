package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// dot keeps four sums, since one would wait for itself, and adds them and their lanes in pairs: a fixed order.
func dot(l level) {
	name := "dot" + l.name
	open(name, "func(out *float32, x *float32, y *float32, n uintptr)")
	Doc(name + " does out = x·y, four times over.")
	out, x, y, n := Load(Param("out"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	var sums [4]VecVirtual
	for i := range sums {
		sums[i] = l.reg(0)
		l.zero(sums[i])
	}
	add := func(registers int) {
		for i := range registers {
			v := l.reg(0)
			VMOVUPS(Mem{Base: x, Disp: i * l.bytes()}, v)
			VFMADD231PS(Mem{Base: y, Disp: i * l.bytes()}, v, sums[i])
		}
		ADDQ(U32(uint32(registers*l.bytes())), x)
		ADDQ(U32(uint32(registers*l.bytes())), y)
		SUBQ(U32(uint32(registers*l.lanes)), n)
	}
	Label("loop_" + name)
	CMPQ(n, U32(uint32(4*l.lanes)))
	JB(LabelRef("rest_" + name))
	add(4)
	JMP(LabelRef("loop_" + name))
	Label("rest_" + name)
	TESTQ(n, n)
	JZ(LabelRef("end_" + name))
	add(1)
	JMP(LabelRef("rest_" + name))
	Label("end_" + name)
	VADDPS(sums[1], sums[0], sums[0])
	VADDPS(sums[3], sums[2], sums[2])
	VADDPS(sums[2], sums[0], sums[0])
	total := addLanes(l, []VecVirtual{sums[0], sums[0], sums[0], sums[0]})
	VMOVUPS(total, Mem{Base: out})
	VZEROUPPER()
	RET()
}

// addLanes adds the lanes of each of four registers, giving four sums.
func addLanes(l level, v []VecVirtual) VecVirtual {
	half := make([]VecVirtual, 4)
	for i, r := range v {
		if half[i] = r; l.lanes == 16 {
			half[i] = YMM()
			VEXTRACTF64X4(Imm(1), r, half[i])
			VADDPS(r.AsY(), half[i], half[i])
		}
	}
	low, high, sums := YMM(), YMM(), XMM()
	VHADDPS(half[1], half[0], low)
	VHADDPS(half[3], half[2], high)
	VHADDPS(high, low, low)
	VEXTRACTF128(Imm(1), low, sums)
	VADDPS(low.AsX(), sums, sums)
	return sums
}

// dots is four dot products with one vector at a time: decoding reads each weight once, and four rows with two sums
// each keep the multiply units busy while memory delivers. The lanes are added here, in pairs, in a fixed order.
func dots(l level) {
	name := "dots" + l.name
	open(name, "func(out *float32, w *float32, x *float32, stride uintptr, n uintptr)")
	Doc(name + " does out[i] = w[i]·x for four rows w, stride bytes apart.")
	out, w, x := Load(Param("out"), GP64()), Load(Param("w"), GP64()), Load(Param("x"), GP64())
	step, n := Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	three := GP64()
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, three)
	rows := []Mem{{Base: w}, {Base: w, Index: step, Scale: 1}, {Base: w, Index: step, Scale: 2}, {Base: w, Index: three, Scale: 1}}
	var sums [2][4]VecVirtual
	for half := range sums {
		for i := range sums[half] {
			sums[half][i] = l.reg(0)
			l.zero(sums[half][i])
		}
	}
	add := func(half int) {
		v := l.reg(0)
		VMOVUPS(Mem{Base: x, Disp: half * l.bytes()}, v)
		for i, m := range rows {
			m.Disp = half * l.bytes()
			VFMADD231PS(m, v, sums[half][i])
		}
	}
	next := func(registers int) {
		ADDQ(Imm(uint64(registers*l.bytes())), w)
		ADDQ(Imm(uint64(registers*l.bytes())), x)
		SUBQ(Imm(uint64(registers*l.lanes)), n)
	}
	Label("loop_" + name)
	CMPQ(n, Imm(uint64(2*l.lanes)))
	JB(LabelRef("rest_" + name))
	add(0)
	add(1)
	next(2)
	JMP(LabelRef("loop_" + name))
	Label("rest_" + name)
	TESTQ(n, n)
	JZ(LabelRef("end_" + name))
	add(0)
	next(1)
	Label("end_" + name)
	for i := range sums[0] {
		VADDPS(sums[1][i], sums[0][i], sums[0][i])
	}
	VMOVUPS(addLanes(l, sums[0][:]), Mem{Base: out})
	VZEROUPPER()
	RET()
}

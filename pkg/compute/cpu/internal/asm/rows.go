package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rows writes the kernels of attention that work on several short rows: a call for each row would take as long as the row.
// Columns are whole registers.
func rows(l level) {
	softmaxRows(l)
	softmaxBackRows(l)
	scaleRows(l)
	dotRows(l)
}

// parameter is an argument where it stands, for what is not worth a register.
func parameter(name string) Mem {
	address, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return address.Addr
}

func (l level) broadcast(name string) VecVirtual {
	r := l.reg(0)
	VBROADCASTSS(parameter(name), r)
	return r
}

// softmaxRows makes exponentials of the visible part of each row and zeros of the rest. Registers at the ends of the
// visible part are masked by two reads from edge, sixteen times +∞, −∞ and +∞: the smaller of a score and what stands there
// is the score where it is visible. A hidden NaN is no part of it, a visible one stays.
func softmaxRows(l level) {
	name := "softmaxRows" + l.name
	open(name, "func(s *float32, stride uintptr, n uintptr, first uintptr, last uintptr, rows uintptr, inverse *float32, edge *float32, a float32)")
	Doc(name+" makes exp(a·(score − largest)) of columns first to last of each row of n, zeros of the others, and inverse one over",
		"their sum. The next row, stride bytes on, sees one column more.")
	s, last, rows := Load(Param("s"), GP64()), Load(Param("last"), GP64()), Load(Param("rows"), GP64())
	inverse, edge := Load(Param("inverse"), GP64()), Load(Param("edge"), GP64())
	a, e := l.broadcast("a"), &exponential{l: l}
	lanes, bytes := U32(uint32(l.lanes)), U32(uint32(l.bytes()))
	p, down, up, left := GP64(), GP64(), GP64(), GP64() // where it is, the columns hidden and visible from there on, and all
	p0, down0, up0, left0 := GP64(), GP64(), GP64(), GP64()
	zero := l.reg(0)
	next := func() {
		ADDQ(bytes, p)
		SUBQ(lanes, left)
	}
	// mask is −∞ in the lanes that are hidden, +∞ in others.
	mask := func(label string) VecVirtual {
		m, other, t := l.reg(0), l.reg(0), GP64()
		for i, from := range []Register{up, down} {
			MOVQ(from, t)
			CMPQ(t, lanes)
			JB(LabelRef(label + []string{"_up", "_down"}[i]))
			MOVQ(lanes, t)
			Label(label + []string{"_up", "_down"}[i])
			SHLQ(Imm(2), t)
			NEGQ(t)
			VMOVUPS(Mem{Base: edge, Index: t, Scale: 1, Disp: 64 * (i + 1)}, []VecVirtual{m, other}[i])
		}
		VMINPS(other, m, m)
		return m
	}
	// visible runs plain or, where a part is hidden, masked, for each register until none is visible.
	visible := func(label string, plain func(), masked func(VecVirtual)) {
		Label(label)
		CMPQ(up, lanes)
		JB(LabelRef(label + "_masked"))
		TESTQ(down, down)
		JNZ(LabelRef(label + "_masked"))
		plain()
		JMP(LabelRef(label + "_next"))
		Label(label + "_masked")
		masked(mask(label))
		Label(label + "_next")
		next()
		MOVQ(U32(0), down)
		CMPQ(up, U32(uint32(l.lanes+1)))
		JB(LabelRef(label + "_end"))
		SUBQ(lanes, up)
		JMP(LabelRef(label))
		Label(label + "_end")
	}

	Label("row_" + name)
	l.zero(zero)
	MOVQ(s, p)
	MOVQ(parameter("first"), down)
	MOVQ(last, up)
	MOVQ(parameter("n"), left)
	Label("before_" + name)
	CMPQ(down, lanes)
	JB(LabelRef("seen_" + name))
	VMOVUPS(zero, Mem{Base: p})
	next()
	SUBQ(lanes, down)
	SUBQ(lanes, up)
	JMP(LabelRef("before_" + name))
	Label("seen_" + name)
	for i, r := range []GPVirtual{p0, down0, up0, left0} {
		MOVQ([]Register{p, down, up, left}[i], r)
	}

	largest := l.reg(0)
	VMOVUPS(Mem{Base: edge, Disp: 64}, largest)
	visible("largest_"+name, func() {
		x := l.reg(0)
		VMOVUPS(Mem{Base: p}, x)
		VMAXPS(largest, x, largest)
	}, func(m VecVirtual) {
		VMINPS(Mem{Base: p}, m, m)
		VMAXPS(largest, m, largest)
	})
	spread(l, largest)
	VMULPS(a, largest, largest)

	for i, r := range []Register{p, down, up, left} {
		MOVQ([]GPVirtual{p0, down0, up0, left0}[i], r)
	}
	sum := l.reg(0)
	l.zero(sum)
	exponentials := func(x VecVirtual) {
		VFMSUB213PS(largest, a, x)
		e.of(x)
	}
	visible("exp_"+name, func() {
		x := l.reg(0)
		VMOVUPS(Mem{Base: p}, x)
		exponentials(x)
		VMOVUPS(x, Mem{Base: p})
		VADDPS(x, sum, sum)
	}, func(m VecVirtual) {
		x := l.reg(0)
		VMINPS(Mem{Base: p}, m, x)
		exponentials(x)
		VPSRAD(Imm(31), m, m)
		if l.lanes == 16 {
			VPANDND(x, m, x)
		} else {
			VPANDN(x, m, x)
		}
		VMOVUPS(x, Mem{Base: p})
		VADDPS(x, sum, sum)
	})
	Label("after_" + name)
	TESTQ(left, left)
	JZ(LabelRef("sum_" + name))
	VMOVUPS(zero, Mem{Base: p})
	next()
	JMP(LabelRef("after_" + name))
	Label("sum_" + name)
	total, one := addLanes(l, []VecVirtual{sum, sum, sum, sum}), XMM()
	VMOVUPS(constant(1), one)
	VDIVPS(total, one, one)
	VMOVSS(one, Mem{Base: inverse})
	ADDQ(Imm(4), inverse)
	ADDQ(parameter("stride"), s)
	ADDQ(Imm(1), last)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	VZEROUPPER()
	RET()
}

// spread puts the largest lane of x into all of them.
func spread(l level, x VecVirtual) {
	if l.lanes == 16 {
		half := YMM()
		VEXTRACTF64X4(Imm(1), x, half)
		VMAXPS(x.AsY(), half, x.AsY())
	}
	quarter, other := XMM(), XMM()
	VEXTRACTF128(Imm(1), x.AsY(), quarter)
	VMAXPS(x.AsX(), quarter, quarter)
	for _, order := range []uint64{0x4e, 0xb1} { // halves, then neighbours, change places
		VSHUFPS(Imm(order), quarter, quarter, other)
		VMAXPS(other, quarter, quarter)
	}
	VBROADCASTSS(quarter, x)
}

func softmaxBackRows(l level) {
	name := "softmaxBackRows" + l.name
	open(name, "func(d *float32, p *float32, n uintptr, rows uintptr, inverse *float32, delta *float32, a float32)")
	Doc(name + " does p = inverse·p and d = a·p·(d − delta) for rows of n one after another, with an inverse and a delta each.")
	d, p, rows := Load(Param("d"), GP64()), Load(Param("p"), GP64()), Load(Param("rows"), GP64())
	inverse, delta, n := Load(Param("inverse"), GP64()), Load(Param("delta"), GP64()), GP64()
	a, i, s := l.broadcast("a"), l.reg(0), l.reg(0)
	Label("row_" + name)
	MOVQ(parameter("n"), n)
	VBROADCASTSS(Mem{Base: inverse}, i)
	VBROADCASTSS(Mem{Base: delta}, s)
	Label("column_" + name)
	x, y := l.reg(0), l.reg(0)
	VMULPS(Mem{Base: p}, i, x)
	VMOVUPS(x, Mem{Base: p})
	VMOVUPS(Mem{Base: d}, y)
	VSUBPS(s, y, y)
	VMULPS(a, y, y)
	VMULPS(x, y, y)
	VMOVUPS(y, Mem{Base: d})
	ADDQ(Imm(uint64(l.bytes())), p)
	ADDQ(Imm(uint64(l.bytes())), d)
	SUBQ(Imm(uint64(l.lanes)), n)
	JNZ(LabelRef("column_" + name))
	ADDQ(Imm(4), inverse)
	ADDQ(Imm(4), delta)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	VZEROUPPER()
	RET()
}

func scaleRows(l level) {
	name := "scaleRows" + l.name
	open(name, "func(y *float32, stride uintptr, n uintptr, rows uintptr, by *float32)")
	Doc(name + " multiplies rows of n, stride bytes apart, with a number each.")
	y, rows, by, p, n, s := Load(Param("y"), GP64()), Load(Param("rows"), GP64()), Load(Param("by"), GP64()), GP64(), GP64(), l.reg(0)
	Label("row_" + name)
	MOVQ(y, p)
	MOVQ(parameter("n"), n)
	VBROADCASTSS(Mem{Base: by}, s)
	Label("column_" + name)
	x := l.reg(0)
	VMULPS(Mem{Base: p}, s, x)
	VMOVUPS(x, Mem{Base: p})
	ADDQ(Imm(uint64(l.bytes())), p)
	SUBQ(Imm(uint64(l.lanes)), n)
	JNZ(LabelRef("column_" + name))
	ADDQ(parameter("stride"), y)
	ADDQ(Imm(4), by)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	VZEROUPPER()
	RET()
}

func dotRows(l level) {
	name := "dotRows" + l.name
	open(name, "func(out *float32, x *float32, y *float32, stride uintptr, n uintptr, rows uintptr)")
	Doc(name + " does out[i] = x[i]·y[i] for rows of n, stride bytes apart.")
	out, x, y, rows := Load(Param("out"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("rows"), GP64())
	xp, yp, n, sum := GP64(), GP64(), GP64(), l.reg(0)
	Label("row_" + name)
	MOVQ(x, xp)
	MOVQ(y, yp)
	MOVQ(parameter("n"), n)
	l.zero(sum)
	Label("column_" + name)
	v := l.reg(0)
	VMOVUPS(Mem{Base: xp}, v)
	VFMADD231PS(Mem{Base: yp}, v, sum)
	ADDQ(Imm(uint64(l.bytes())), xp)
	ADDQ(Imm(uint64(l.bytes())), yp)
	SUBQ(Imm(uint64(l.lanes)), n)
	JNZ(LabelRef("column_" + name))
	VMOVSS(addLanes(l, []VecVirtual{sum, sum, sum, sum}), Mem{Base: out})
	ADDQ(Imm(4), out)
	ADDQ(parameter("stride"), x)
	ADDQ(parameter("stride"), y)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	VZEROUPPER()
	RET()
}

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// storage is how packed weights are kept; see Format in package cpu.
type storage int

const (
	whole storage = iota // float32
	half                 // bfloat16
	int8s                // blocks of 32 deep: a scale a column, then 32 rows of a byte a column
	int4s                // blocks of 32 deep: a scale and a minimum a column, then 8 steps of 4 bits a column, four times
)

var storageNames = [...]string{"", "Half", "Int8", "Int4"}

// blockDepth is how deep a block of integers is, groupDepth how deep the groups in it are that the kernels take at once.
const blockDepth, groupDepth = 32, 8

// few writes the kernels for few rows: two panels side by side where that keeps enough sums apart for both multiply units.
func few(l level) {
	for f := whole; f <= int4s; f++ {
		for rows := 1; rows <= fewRows(l); rows++ {
			for panels := 1; panels <= fewPanels(l, rows); panels++ {
				fewKernel(l, f, rows, panels)
			}
		}
	}
	for _, f := range []storage{int8s, int4s} {
		widen(l, f)
	}
}

// fewRows is the number of rows up to which weights are multiplied where they are, widened in registers. With more it pays
// to widen them once for all rows, and the tiles multiply.
func fewRows(l level) int {
	if l.lanes == 16 {
		return 8
	}
	return 4
}

// fewPanels is what the registers hold.
func fewPanels(l level, rows int) int {
	if rows == 1 || l.lanes == 16 && rows <= 3 {
		return 2
	}
	return 1
}

// columns is the state of a kernel that reads packed weights: where it is, and a scale and a minimum for each register.
type columns struct {
	level
	f             storage
	at            []Mem // of each panel
	scale, lowest [][2]VecVirtual
	digits        VecVirtual // 0 to 15, which 4 bits choose from
}

func newColumns(l level, f storage, b Register, panels int, step Register) *columns {
	c := &columns{level: l, f: f, scale: make([][2]VecVirtual, panels), lowest: make([][2]VecVirtual, panels)}
	c.at = []Mem{{Base: b}, {Base: b, Index: step, Scale: 1}}[:panels]
	if f == int4s && l.lanes == 16 {
		c.digits = l.reg(0)
		VMOVUPS(digitTable(), c.digits)
	}
	return c
}

// bytes of one row of a panel, or of what stands for a group of rows with 4 bits.
func (c *columns) row() int {
	return map[storage]int{whole: 8 * c.lanes, half: 4 * c.lanes, int8s: 2 * c.lanes, int4s: 8 * c.lanes}[c.f]
}

// head reads the scales and minima at the start of a block, two bytes each, and says how many bytes they take.
func (c *columns) head() int {
	size := 0
	read := func(into [][2]VecVirtual) {
		for p := range into {
			for j := range 2 {
				into[p][j] = c.reg(0)
				m := c.at[p]
				m.Disp = size + 2*c.lanes*j
				VPMOVZXWD(m, into[p][j])
				VPSLLD(Imm(16), into[p][j], into[p][j])
			}
		}
		size += 4 * c.lanes
	}
	read(c.scale)
	if c.f == int4s {
		read(c.lowest)
	}
	return size
}

// weight puts register j of panel p at step i of a round into a register.
func (c *columns) weight(p, j, i int) VecVirtual {
	r, m := c.reg(0), c.at[p]
	switch c.f {
	case whole:
		m.Disp = i*c.row() + j*c.bytes()
		VMOVUPS(m, r)
	case half:
		m.Disp = i*c.row() + 2*c.lanes*j
		VPMOVZXWD(m, r)
		VPSLLD(Imm(16), r, r)
	case int8s:
		m.Disp = i*c.row() + c.lanes*j
		VPMOVSXBD(m, r)
		VCVTDQ2PS(r, r)
		VMULPS(c.scale[p][j], r, r)
	case int4s:
		m.Disp = j * c.bytes()
		c.digit(m, i, r)
		VFMADD213PS(c.lowest[p][j], c.scale[p][j], r)
	}
	return r
}

// digit widens the four bits of step i: AVX-512 looks them up, AVX2 shifts the others out.
func (c *columns) digit(m Mem, i int, r VecVirtual) {
	if c.lanes == 16 {
		if i == 0 {
			VMOVUPS(m, r)
		} else {
			VPSRLD(Imm(uint64(4*i)), m, r)
		}
		VPERMPS(c.digits, r, r)
		return
	}
	VMOVUPS(m, r)
	if i < 7 {
		VPSLLD(Imm(uint64(28-4*i)), r, r)
	}
	VPSRLD(Imm(28), r, r)
	VCVTDQ2PS(r, r)
}

var digits Mem

func digitTable() Mem {
	if digits.Base == nil {
		digits = floatTable("digits", func(i int) float32 { return float32(i) })
	}
	return digits
}

// deep repeats step over the depth k, several steps a round, and moves the panels on. Integers come in blocks.
func (c *columns) deep(name string, b, k Register, step func(i int), next func(n int)) {
	if c.f == whole || c.f == half {
		c.rounds(name, b, k, 4, func(n int) {
			for i := range n {
				step(i)
			}
			next(n)
			ADDQ(U32(uint32(n*c.row())), b)
		}, true)
		return
	}
	Label("block" + name)
	n := GP64()
	ADDQ(U32(uint32(c.head())), b)
	MOVQ(k, n)
	CMPQ(k, Imm(blockDepth))
	JB(LabelRef("short" + name))
	MOVQ(U32(blockDepth), n)
	Label("short" + name)
	SUBQ(n, k)
	c.rounds(name, b, n, groupDepth, func(n int) {
		for i := range n {
			step(i)
		}
		next(n)
		if c.f == int4s {
			n = 1
		}
		ADDQ(U32(uint32(n*c.row())), b)
	}, false)
	TESTQ(k, k)
	JNZ(LabelRef("block" + name))
}

// rounds takes n steps a time while there are that many, and with rest the others one by one.
func (c *columns) rounds(name string, b, k Register, n int, round func(n int), rest bool) {
	Label("loop" + name)
	CMPQ(k, Imm(uint64(n)))
	JB(LabelRef("rest" + name))
	for _, m := range c.at { // few rows are bound by memory
		for line := 0; line < c.perRound(n); line += 64 {
			m.Disp = fetchAhead + line
			PREFETCHT0(m)
		}
	}
	round(n)
	SUBQ(Imm(uint64(n)), k)
	JMP(LabelRef("loop" + name))
	Label("rest" + name)
	if !rest {
		return
	}
	TESTQ(k, k)
	JZ(LabelRef("done" + name))
	round(1)
	DECQ(k)
	JMP(LabelRef("rest" + name))
	Label("done" + name)
}

// fetchAhead is how many bytes ahead a panel is fetched.
const fetchAhead = 2048

func (c *columns) perRound(n int) int {
	if c.f == int4s {
		return c.row()
	}
	return n * c.row()
}

// fewKernel is C (rows × panels) = or += A (rows × k) · B, each sum in order of the depth, whatever the number of rows.
func fewKernel(l level, f storage, rows, panels int) {
	name := fmt.Sprintf("few%dx%d%s%s", rows, panels, storageNames[f], l.name)
	open(name, "func(a *float32, rowStride uintptr, b *float32, step uintptr, c *float32, cStride, k, accumulate uintptr)")
	doc := fmt.Sprintf("%s multiplies %d rows with %d panels, step bytes apart; strides are in bytes.", name, rows, panels)
	if f == int8s || f == int4s {
		doc += fmt.Sprintf(" k is a multiple of %d.", groupDepth)
	}
	Doc(doc)
	a, rs := Load(Param("a"), GP64()), Load(Param("rowStride"), GP64())
	b, step := Load(Param("b"), GP64()), Load(Param("step"), GP64())
	bases := rowBases(a, rs, rows)
	sums := make([][][2]VecVirtual, panels)
	for p := range sums {
		sums[p] = make([][2]VecVirtual, rows)
		for r := range rows {
			for j := range 2 {
				sums[p][r][j] = l.reg(0)
				l.zero(sums[p][r][j])
			}
		}
	}
	w := newColumns(l, f, b, panels, step)
	k := Load(Param("k"), GP64())
	w.deep(name, b, k, func(i int) {
		at := func(r int) Mem {
			m := Mem{Base: bases[r/3], Disp: 4 * i}
			if r%3 > 0 {
				m.Index, m.Scale = rs, uint8(r%3)
			}
			return m
		}
		var x []VecVirtual
		for r := 0; r < rows && panels > 1; r++ {
			x = append(x, l.reg(0))
			VBROADCASTSS(at(r), x[r])
		}
		for p := range panels {
			v := [2]VecVirtual{w.weight(p, 0, i), w.weight(p, 1, i)}
			for r := range rows {
				if panels == 1 {
					one := l.reg(0)
					VBROADCASTSS(at(r), one)
					x = append(x, one)
				}
				for j := range 2 {
					VFMADD231PS(x[r], v[j], sums[p][r][j])
				}
			}
		}
	}, func(n int) {
		for _, base := range bases {
			ADDQ(Imm(uint64(4*n)), base)
		}
	})
	fewStore(l, name, sums)
}

// fewStore adds the sums to C or stores them.
func fewStore(l level, name string, sums [][][2]VecVirtual) {
	c, cs, acc := Load(Param("c"), GP64()), Load(Param("cStride"), GP64()), Load(Param("accumulate"), GP64())
	TESTQ(acc, acc)
	JZ(LabelRef("store" + name))
	from := GP64()
	MOVQ(c, from)
	each := func(at Register, do func(m Mem, sum VecVirtual)) {
		for r := range sums[0] {
			for p := range sums {
				for j := range 2 {
					do(Mem{Base: at, Disp: (2*p + j) * l.bytes()}, sums[p][r][j])
				}
			}
			if r+1 < len(sums[0]) {
				stride(at, cs)
			}
		}
	}
	each(from, func(m Mem, sum VecVirtual) { VADDPS(m, sum, sum) })
	Label("store" + name)
	each(c, func(m Mem, sum VecVirtual) { VMOVUPS(sum, m) })
	VZEROUPPER()
	RET()
}

// widen writes a panel of integers as float32.
func widen(l level, f storage) {
	name := "widen" + storageNames[f] + l.name
	open(name, "func(dst *float32, src *float32, k uintptr)")
	Doc(fmt.Sprintf("%s widens k rows of a panel, a multiple of %d.", name, groupDepth))
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	k := Load(Param("k"), GP64())
	w := newColumns(l, f, src, 1, nil)
	w.deep(name, src, k, func(i int) {
		for j := range 2 {
			VMOVUPS(w.weight(0, j, i), Mem{Base: dst, Disp: 2*i*l.bytes() + j*l.bytes()})
		}
	}, func(n int) { ADDQ(U32(uint32(2*n*l.bytes())), dst) })
	VZEROUPPER()
	RET()
}

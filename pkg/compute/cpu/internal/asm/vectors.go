package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// vectors writes the elementwise kernels of a level. All work on whole registers: n must be a multiple of the lanes,
// the Go side does the tail. Sums leave one partial sum a lane in out, so that Go adds them in a fixed order.
func vectors(l level) {
	dot(l)
	dots(l)
	axpy(l)
	scale(l)
	scaleMul(l)
	add(l)
	maximum(l)
	expSum(l)
	divergences(l)
	rmsBack(l)
	norms(l)
	silu(l)
	siluBack(l)
	swiglu(l)
	swigluBack(l)
	gelu(l)
	geluBack(l)
	geluTanh(l)
	geluTanhBack(l)
	dropout(l)
	rotate(l)
	adamw(l)
}

// kernel is one function under construction.
type kernel struct {
	level
	name string
	ptrs []Register
	n    Register
}

// begin opens a function whose parameters are the named *float32 pointers, then float32 scalars, then n.
func begin(l level, name, doc string, ptrs, scalars []string) (*kernel, []VecVirtual) {
	sig := "func("
	for _, p := range ptrs {
		sig += p + " *float32, "
	}
	for _, p := range scalars {
		sig += p + " float32, "
	}
	open(name+l.name, sig+"n uintptr)")
	Doc(name + l.name + " " + doc)
	k := &kernel{level: l, name: name + l.name}
	for _, p := range ptrs {
		k.ptrs = append(k.ptrs, Load(Param(p), GP64()))
	}
	var values []VecVirtual
	for _, p := range scalars {
		address, err := Param(p).Resolve()
		if err != nil {
			panic(err)
		}
		r := l.reg(0)
		VBROADCASTSS(address.Addr, r)
		values = append(values, r)
	}
	k.n = Load(Param("n"), GP64())
	return k, values
}

// at is the current register's worth of pointer i.
func (k *kernel) at(i int) Mem { return Mem{Base: k.ptrs[i]} }

func (k *kernel) load(i int) VecVirtual {
	r := k.reg(0)
	VMOVUPS(k.at(i), r)
	return r
}

// loop runs body once a register and moves the pointers, but not those named fixed.
func (k *kernel) loop(body func(), fixed ...int) {
	Label("loop_" + k.name)
	CMPQ(k.n, Imm(uint64(k.lanes)))
	JB(LabelRef("end_" + k.name))
	body()
next:
	for i, p := range k.ptrs {
		for _, f := range fixed {
			if f == i {
				continue next
			}
		}
		ADDQ(Imm(uint64(k.bytes())), p)
	}
	SUBQ(Imm(uint64(k.lanes)), k.n)
	JMP(LabelRef("loop_" + k.name))
	Label("end_" + k.name)
}

func (k *kernel) end() {
	VZEROUPPER()
	RET()
}

// tables are the constants made so far, by their bits.
var tables = map[uint32]Mem{}

// constant is v in every lane, in memory: AVX2 has only sixteen registers.
func constant(v float64) Mem { return pattern(math.Float32bits(float32(v))) }

// pattern is the same for bits.
func pattern(bits uint32) Mem {
	if m, ok := tables[bits]; ok {
		return m
	}
	tables[bits] = table(fmt.Sprintf("constant%d", len(tables)), func(int) uint32 { return bits })
	return tables[bits]
}

// floatTable is sixteen values in memory.
func floatTable(name string, value func(i int) float32) Mem {
	return table(name, func(i int) uint32 { return math.Float32bits(value(i)) })
}

func table(name string, bits func(i int) uint32) Mem {
	m := GLOBL(name, attr.RODATA|attr.NOPTR)
	for i := range 16 {
		DATA(4*i, U32(bits(i)))
	}
	return m
}

func axpy(l level) {
	k, s := begin(l, "axpy", "does y += a·x.", []string{"y", "x"}, []string{"a"})
	k.loop(func() {
		y := k.load(0)
		VFMADD231PS(k.at(1), s[0], y)
		VMOVUPS(y, k.at(0))
	})
	k.end()
}

func scale(l level) {
	k, s := begin(l, "scale", "does y = a·x.", []string{"y", "x"}, []string{"a"})
	k.loop(func() {
		r := k.load(1)
		VMULPS(s[0], r, r)
		VMOVUPS(r, k.at(0))
	})
	k.end()
}

func scaleMul(l level) {
	k, s := begin(l, "scaleMul", "does y = a·x·w.", []string{"y", "x", "w"}, []string{"a"})
	k.loop(func() {
		r := k.load(1)
		VMULPS(s[0], r, r)
		VMULPS(k.at(2), r, r)
		VMOVUPS(r, k.at(0))
	})
	k.end()
}

func add(l level) {
	k, _ := begin(l, "add", "does y = x + z.", []string{"y", "x", "z"}, nil)
	k.loop(func() {
		r := k.load(1)
		VADDPS(k.at(2), r, r)
		VMOVUPS(r, k.at(0))
	})
	k.end()
}

func maximum(l level) {
	k, s := begin(l, "maximum", "leaves the lane maxima of x, at least floor, in out.", []string{"x", "out"}, []string{"floor"})
	k.loop(func() { VMAXPS(k.at(0), s[0], s[0]) }, 1)
	VMOVUPS(s[0], k.at(1))
	k.end()
}

// exponential holds the constants of exp: range reduction by ln 2 in two parts (Cody and Waite), then a degree-6
// polynomial for 2^f on |f·ln2| ≤ ln2/2; relative error below 2e-7.
type exponential struct {
	l   level
	one VecVirtual // 1 in a register, for what needs it as a minuend or dividend
}

// factorials are the polynomial's coefficients 1/6! to 1/1!, then the constant term.
var factorials = []float64{1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1}

const roundToInteger = 12582912 // 1.5·2^23: adding it leaves the rounded integer in the low bits

// of replaces x by exp(x); x is clamped to the range where the result is a normal float32. NaN stays NaN, since a
// comparison with NaN gives the operand that comes first here: a run that diverged must show it.
func (e *exponential) of(x VecVirtual) {
	n, k, p := e.l.reg(0), e.l.reg(0), e.l.reg(0)
	VMOVUPS(constant(-87.3), n)
	VMAXPS(x, n, x)
	VMOVUPS(constant(88.3), n)
	VMINPS(x, n, x)
	VMOVUPS(constant(roundToInteger), n)
	VFMADD231PS(constant(math.Log2E), x, n)
	VSUBPS(constant(roundToInteger), n, k)
	VFNMADD231PS(constant(0.693359375), k, x)
	VFNMADD231PS(constant(-2.12194440e-4), k, x)
	VMOVUPS(constant(factorials[0]), p)
	for _, c := range factorials[1:] {
		VFMADD213PS(constant(c), x, p)
	}
	VPSLLD(Imm(23), n, n)
	VPADDD(n, p, x)
}

func newExp(l level) *exponential {
	e := &exponential{l: l, one: l.reg(0)}
	VMOVUPS(constant(1), e.one)
	return e
}

func expSum(l level) {
	k, s := begin(l, "expSum", "does y = exp(a·x − m) and out = the sum of y, four times over.", []string{"y", "x", "out"}, []string{"a", "m"})
	e := &exponential{l: l}
	sum := l.reg(0)
	l.zero(sum)
	k.loop(func() {
		x := k.load(1)
		VFMSUB213PS(s[1], s[0], x)
		e.of(x)
		VMOVUPS(x, k.at(0))
		VADDPS(x, sum, sum)
	}, 2)
	VMOVUPS(addLanes(l, []VecVirtual{sum, sum, sum, sum}), k.at(2))
	k.end()
}

func rmsBack(l level) {
	k, s := begin(l, "rmsBack", "does dx = r·dy·w − c·x and dw += r·dy·x.", []string{"dx", "dw", "dy", "x", "w"}, []string{"r", "c"})
	k.loop(func() {
		dy, x, t := k.load(2), k.load(3), l.reg(0)
		VMULPS(s[0], dy, dy)
		VMULPS(s[1], x, t)
		dw := k.load(1)
		VFMADD231PS(dy, x, dw)
		VMOVUPS(dw, k.at(1))
		VFMSUB231PS(k.at(4), dy, t)
		VMOVUPS(t, k.at(0))
	})
	k.end()
}

// sigmoid returns 1/(1+exp(-g)) and keeps g.
func (e *exponential) sigmoid(g VecVirtual) VecVirtual {
	s := e.l.reg(0)
	e.l.zero(s)
	VSUBPS(g, s, s)
	e.of(s)
	VADDPS(e.one, s, s)
	VDIVPS(s, e.one, s)
	return s
}

func silu(l level) {
	k, _ := begin(l, "silu", "does y = x·sigmoid(x).", []string{"y", "x"}, nil)
	e := newExp(l)
	k.loop(func() {
		x := k.load(1)
		s := e.sigmoid(x)
		VMULPS(x, s, s)
		VMOVUPS(s, k.at(0))
	})
	k.end()
}

// slope returns 1+x·(1−s), which times s is the derivative of x·s with s = sigmoid(x).
func (e *exponential) slope(x, s VecVirtual) VecVirtual {
	d := e.l.reg(0)
	VSUBPS(s, e.one, d)
	VFMADD213PS(e.one, x, d)
	return d
}

func siluBack(l level) {
	k, _ := begin(l, "siluBack", "does dx = dy·s·(1+x·(1−s)) with s = sigmoid(x).", []string{"dx", "dy", "x"}, nil)
	e := newExp(l)
	k.loop(func() {
		x := k.load(2)
		s := e.sigmoid(x)
		d := e.slope(x, s)
		VMULPS(s, d, d)
		VMULPS(k.at(1), d, d)
		VMOVUPS(d, k.at(0))
	})
	k.end()
}

func swiglu(l level) {
	k, _ := begin(l, "swiglu", "does y = g·sigmoid(g)·u.", []string{"y", "gate", "up"}, nil)
	e := newExp(l)
	k.loop(func() {
		g := k.load(1)
		s := e.sigmoid(g)
		VMULPS(g, s, s)
		VMULPS(k.at(2), s, s)
		VMOVUPS(s, k.at(0))
	})
	k.end()
}

func swigluBack(l level) {
	k, _ := begin(l, "swigluBack", "does dg = dy·u·s·(1+g·(1−s)) and du = dy·g·s with s = sigmoid(g).", []string{"dgate", "dup", "dy", "gate", "up"}, nil)
	e := newExp(l)
	k.loop(func() {
		g := k.load(3)
		s := e.sigmoid(g)
		dy, t := k.load(2), l.reg(0)
		VMULPS(s, dy, dy) // dy·s
		VMULPS(g, dy, t)
		d := e.slope(g, s)
		VMULPS(dy, d, d)
		VMULPS(k.at(4), d, d)
		VMOVUPS(t, k.at(1)) // only now: results may take the place of what was read
		VMOVUPS(d, k.at(0))
	})
	k.end()
}

func rotate(l level) {
	k, s := begin(l, "rotate", "turns the pairs (a, b) by the angles: a·cos − sign·b·sin, b·cos + sign·a·sin.", []string{"a", "b", "cos", "sin"}, []string{"sign"})
	k.loop(func() {
		a, b, c, sn := k.load(0), k.load(1), k.load(2), k.load(3)
		VMULPS(s[0], sn, sn)
		ac, bc := l.reg(0), l.reg(0)
		VMULPS(c, a, ac)
		VMULPS(c, b, bc)
		VFNMADD231PS(sn, b, ac)
		VFMADD231PS(sn, a, bc)
		VMOVUPS(ac, k.at(0))
		VMOVUPS(bc, k.at(1))
	})
	k.end()
}

// adamw is one step of Adam with decoupled weight decay: bias corrections are folded into rate and epsilon by the caller.
func adamw(l level) {
	k, s := begin(l, "adamw", "does m = b1·m + (1−b1)·g·clip, v = b2·v + (1−b2)·(g·clip)², p = keep·p − rate·m/(sqrt(v)·inv + eps).",
		[]string{"p", "grad", "m", "v"}, []string{"clip", "b1", "c1", "b2", "c2", "rate", "inv", "eps", "keep"})
	clip, b1, c1, b2, c2, rate, inv, eps, keep := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8]
	k.loop(func() {
		g, m, v := k.load(1), k.load(2), k.load(3)
		VMULPS(clip, g, g)
		VMULPS(b1, m, m)
		VFMADD231PS(c1, g, m)
		VMOVUPS(m, k.at(2))
		VMULPS(g, g, g)
		VMULPS(b2, v, v)
		VFMADD231PS(c2, g, v)
		VMOVUPS(v, k.at(3))
		VSQRTPS(v, v)
		VFMADD213PS(eps, inv, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		p := k.load(0)
		VFMSUB132PS(keep, m, p)
		VMOVUPS(p, k.at(0))
	})
	k.end()
}

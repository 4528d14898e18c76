package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	signBit = 1 << 31
	// farGELU is where the normal density is about the smallest normal float32: beyond it GELU is x or nothing.
	farGELU = 13.2
)

// normalTail are p and the coefficients of t¹, t², … in Φ(−a) ≈ exp(−a²/2)·(c₁·t + c₂·t² + …) with t = 1/(1+p·a), a ≥ 0: the
// form of Abramowitz and Stegun, 7.1.26, with more terms, fitted by fit.py. Its relative error is 1.1e-7 up to a = 6, where
// a·Φ(−a) is below 1e-8, and 8e-5 beyond.
var normalTail = struct {
	p float64
	c []float64
}{0.255, []float64{0.10100413816200034, 0.1111483780952277, 0.04366456270861025, 0.23458716068583058, -0.19920023473784093, 0.29374348559619584, -0.08494754549960859}}

// clamp returns x held to ±limit; NaN stays NaN, as in exponential.of.
func clamp(l level, x VecVirtual, limit float64) VecVirtual {
	r := l.reg(0)
	VMOVUPS(constant(-limit), r)
	VMAXPS(x, r, r)
	edge := l.reg(0)
	VMOVUPS(constant(limit), edge)
	VMINPS(r, edge, r)
	return r
}

// tail returns a = |x|, Φ(−a) and exp(−a²/2).
func (e *exponential) tail(x VecVirtual) (a, q, density VecVirtual) {
	a, q, density = e.l.reg(0), e.l.reg(0), e.l.reg(0)
	VANDPS(pattern(signBit-1), x, a)
	VMULPS(x, x, density)
	VMULPS(constant(-0.5), density, density)
	e.of(density)
	t := e.l.reg(0)
	VMOVUPS(constant(normalTail.p), t)
	VFMADD213PS(e.one, a, t)
	VDIVPS(t, e.one, t)
	last := len(normalTail.c) - 1
	VMOVUPS(constant(normalTail.c[last]), q)
	for i := last - 1; i >= 0; i-- {
		VFMADD213PS(constant(normalTail.c[i]), t, q)
	}
	VMULPS(t, q, q)
	VMULPS(density, q, q)
	return a, q, density
}

func gelu(l level) {
	k, _ := begin(l, "gelu", "does y = x·Φ(x) = max(x, 0) − |x|·Φ(−|x|).", []string{"y", "x"}, nil)
	e := newExp(l)
	k.loop(func() {
		x, y := k.load(1), l.reg(0)
		a, q, _ := e.tail(clamp(l, x, farGELU))
		l.zero(y)
		VMAXPS(x, y, y)
		VFNMADD231PS(q, a, y)
		VMOVUPS(y, k.at(0))
	})
	k.end()
}

func geluBack(l level) {
	k, _ := begin(l, "geluBack", "does dx = dy·(Φ(x) + x·φ(x)).", []string{"dx", "dy", "x"}, nil)
	e := newExp(l)
	k.loop(func() {
		x := clamp(l, k.load(2), farGELU)
		_, q, density := e.tail(x)
		VMULPS(constant(1/math.Sqrt(2*math.Pi)), density, density)
		VMULPS(x, density, density)
		// Φ(x) is 1 − q where x is positive and 0 + q elsewhere.
		sign, one := l.reg(0), l.reg(0)
		VPSRAD(Imm(31), x, one)
		VANDNPS(e.one, one, one)
		VANDPS(pattern(signBit), x, sign)
		l.xor(sign, q)
		VSUBPS(q, one, q)
		VADDPS(density, q, q)
		VMULPS(k.at(1), q, q)
		VMOVUPS(q, k.at(0))
	})
	k.end()
}

// tanh(z) is 2·sigmoid(2z) − 1, so (1 + tanh(z))/2 is sigmoid(2z), 2z = tanhLinear·x + tanhCubic·x³.
var (
	tanhLinear = 2 * math.Sqrt(2/math.Pi)
	tanhCubic  = tanhLinear * 0.044715
)

// gate returns sigmoid(2z) and exp(−2z).
func (e *exponential) gate(x VecVirtual) (s, power VecVirtual) {
	s, power = e.l.reg(0), e.l.reg(0)
	VMULPS(x, x, power)
	VMULPS(constant(-tanhCubic), power, power)
	VADDPS(constant(-tanhLinear), power, power)
	VMULPS(x, power, power)
	e.of(power)
	VADDPS(e.one, power, s)
	VDIVPS(s, e.one, s)
	return s, power
}

func geluTanh(l level) {
	k, _ := begin(l, "geluTanh", "does y = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.", []string{"y", "x"}, nil)
	e := newExp(l)
	k.loop(func() {
		x := k.load(1)
		s, _ := e.gate(x)
		VMULPS(x, s, s)
		VMOVUPS(s, k.at(0))
	})
	k.end()
}

func geluTanhBack(l level) {
	k, _ := begin(l, "geluTanhBack", "does dx = dy·s·(1 + x·(1−s)·u′) with geluTanh's s = sigmoid(u).", []string{"dx", "dy", "x"}, nil)
	e := newExp(l)
	k.loop(func() {
		x := clamp(l, k.load(2), farGELU)
		s, d := e.gate(x)
		u := l.reg(0)
		VMULPS(x, x, u)
		VMULPS(constant(3*tanhCubic), u, u)
		VADDPS(constant(tanhLinear), u, u)
		VMULPS(x, u, u)
		VMULPS(s, d, d) // 1 − s, which near 1 a subtraction would not have
		VFMADD213PS(e.one, u, d)
		VMULPS(s, d, d)
		VMULPS(k.at(1), d, d)
		VMOVUPS(d, k.at(0))
	})
	k.end()
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// divergences writes the kernels of the entropy of a row of logits and of what is between two rows. A row's log-probabilities
// are (a·x − m) − s, where a is one over the temperature, m the largest a·x and s the logarithm of Σ exp(a·x − m): near the
// largest logit, where the probability is, the difference is exact.
func divergences(l level) {
	e := &exponential{l: l}
	reduction(l, "expTotal", "gives Σ exp(a·x − m)", []string{"x"}, []string{"a", "m"}, 1, 1, func(_ *kernel, s []VecVirtual, at func(int) Mem, sums []VecVirtual) {
		x := shifted(l, at(1), s[0], s[1])
		e.of(x)
		VADDPS(x, sums[0], sums[0])
	})
	reduction(l, "entropySums", "gives Σ exp(x − m) and Σ exp(x − m)·(x − m), in turn", []string{"x"}, []string{"m"}, 1, 2, func(_ *kernel, s []VecVirtual, at func(int) Mem, sums []VecVirtual) {
		x := centred(l, at(1), s[0])
		p := power(e, x)
		VADDPS(p, sums[0], sums[0])
		VFMADD231PS(p, x, sums[1])
	})
	entropyBack(l, e)
	reduction(l, "relativeEntropy", "gives KL(p‖q) = Σ p·(log p − log q)", []string{"p", "q"}, []string{"a", "mp", "sp", "mq", "sq"}, 1, 1, func(_ *kernel, s []VecVirtual, at func(int) Mem, sums []VecVirtual) {
		p, q := logarithm(l, at(1), s[0], s[1], s[2]), logarithm(l, at(2), s[0], s[3], s[4])
		VSUBPS(q, p, q)
		e.of(p)
		VFMADD231PS(p, q, sums[0])
	})
	forwardBack(l, e)
	reverseBack(l, e)
	reduction(l, "mixedEntropies", "gives KL(p‖m) and KL(q‖m), in turn, for m = beta·p + rest·q", []string{"p", "q"}, []string{"a", "mp", "sp", "mq", "sq", "beta", "rest"}, 1, 2, func(_ *kernel, s []VecVirtual, at func(int) Mem, sums []VecVirtual) {
		p, q := logarithm(l, at(1), s[0], s[1], s[2]), logarithm(l, at(2), s[0], s[3], s[4])
		expP, expQ, m := e.mix(p, q, s[5], s[6])
		VSUBPS(m, p, p)
		VFMADD231PS(expP, p, sums[0])
		VSUBPS(m, q, q)
		VFMADD231PS(expQ, q, sums[1])
	})
	mixedBack(l, e)
}

// shifted returns a·x − m.
func shifted(l level, x Mem, a, m VecVirtual) VecVirtual {
	r := l.reg(0)
	VMOVUPS(x, r)
	VFMSUB213PS(m, a, r)
	return r
}

// logarithm returns the log-probabilities of logits.
func logarithm(l level, x Mem, a, m, s VecVirtual) VecVirtual {
	r := shifted(l, x, a, m)
	VSUBPS(s, r, r)
	return r
}

// power returns exp(x) and keeps x.
func power(e *exponential, x VecVirtual) VecVirtual {
	r := e.l.reg(0)
	VMOVUPS(x, r)
	e.of(r)
	return r
}

// mix returns p and q of their logarithms, and the logarithm of beta·p + rest·q.
func (e *exponential) mix(logP, logQ, beta, rest VecVirtual) (p, q, m VecVirtual) {
	p, q, m = power(e, logP), power(e, logQ), e.l.reg(0)
	VMULPS(beta, p, m)
	VFMADD231PS(rest, q, m)
	naturalLog(e.l, m)
	return p, q, m
}

// logSeries are the coefficients of P in log(1+f) ≈ f − f²/2 + f³·P(f) for 1+f from √½ to √2, highest power first: fitted by
// fit.py, 6e-9 of f off.
var logSeries = []float64{-0.07859545775761567, 0.1288162236409798, -0.1312876765177931, 0.14181196118723843, -0.16624553142943138, 0.2000228608385139, -0.25000810428087406, 0.33333316727465256}

// naturalLog replaces x by log(x): x = 2^k·(1+f), with k chosen so that 1+f is about one. x must be a positive normal
// float32; of a denormal it makes something near −88.
func naturalLog(l level, x VecVirtual) {
	const root = 0x3f3504f3 // √½
	k, r := l.reg(0), l.reg(0)
	VMOVUPS(pattern(root), r)
	VPSUBD(r, x, k)
	VPSRAD(Imm(23), k, k)
	VPSLLD(Imm(23), k, r)
	VPSUBD(r, x, x)
	VCVTDQ2PS(k, k)
	VSUBPS(constant(1), x, x)
	VMOVUPS(constant(logSeries[0]), r)
	for _, c := range append(append([]float64{}, logSeries[1:]...), -0.5) {
		VFMADD213PS(constant(c), x, r)
	}
	VMULPS(x, r, r)
	VFMADD213PS(x, x, r)
	VFMADD231PS(constant(-2.12194440e-4), k, r)
	VFMADD231PS(constant(0.693359375), k, r)
	VMOVUPS(r, x)
}

func entropyBack(l level, e *exponential) {
	k, s := begin(l, "entropyBack", "does dx = a·exp(x − m)·(x − m − c).", []string{"dx", "x"}, []string{"m", "a", "c"})
	k.loop(func() {
		x := centred(l, k.at(1), s[0])
		p := power(e, x)
		VMULPS(s[1], p, p)
		VSUBPS(s[2], x, x)
		VMULPS(p, x, x)
		VMOVUPS(x, k.at(0))
	})
	k.end()
}

func forwardBack(l level, e *exponential) {
	k, s := begin(l, "forwardBack", "does dx = by·(q − p), x the logits of q.", []string{"dx", "p", "x"}, []string{"a", "mp", "sp", "mq", "sq", "by"})
	k.loop(func() {
		p, q := logarithm(l, k.at(1), s[0], s[1], s[2]), logarithm(l, k.at(2), s[0], s[3], s[4])
		e.of(p)
		e.of(q)
		VSUBPS(p, q, q)
		VMULPS(s[5], q, q)
		VMOVUPS(q, k.at(0))
	})
	k.end()
}

func reverseBack(l level, e *exponential) {
	k, s := begin(l, "reverseBack", "does dx = by·q·(log q − log p − c), x the logits of q.", []string{"dx", "p", "x"}, []string{"a", "mp", "sp", "mq", "sq", "by", "c"})
	k.loop(func() {
		p, q := logarithm(l, k.at(1), s[0], s[1], s[2]), logarithm(l, k.at(2), s[0], s[3], s[4])
		VSUBPS(p, q, p)
		VSUBPS(s[6], p, p)
		e.of(q)
		VMULPS(s[5], q, q)
		VMULPS(p, q, q)
		VMOVUPS(q, k.at(0))
	})
	k.end()
}

func mixedBack(l level, e *exponential) {
	k, s := begin(l, "mixedBack", "does dx = by·q·(log q − log(beta·p + rest·q) − c), x the logits of q.", []string{"dx", "p", "x"}, []string{"a", "mp", "sp", "mq", "sq", "beta", "rest", "by", "c"})
	k.loop(func() {
		p, q := logarithm(l, k.at(1), s[0], s[1], s[2]), logarithm(l, k.at(2), s[0], s[3], s[4])
		_, expQ, m := e.mix(p, q, s[5], s[6])
		VSUBPS(m, q, q)
		VSUBPS(s[8], q, q)
		VMULPS(s[7], q, q)
		VMULPS(expQ, q, q)
		VMOVUPS(q, k.at(0))
	})
	k.end()
}

package cpu

import "math"

// sumBlock is how many values of a row a kernel sums before the rest is done in float64: of a large vocabulary most terms are
// so small that one long sum in float32 would not move.
const sumBlock = 512

// logarithm is ln x.
func logarithm(x float32) float32 { return float32(math.Log(float64(x))) }

// of is the log-probability of a logit.
func (n normalizer) of(x, a float32) float32 { return (a*x - n.m) - n.s }

// expTotal is Σ exp(a·x − m).
func (l Level) expTotal(x []float32, a, m float32) (sum float64) {
	n := l.whole(len(x))
	for i := 0; i < n; i += sumBlock {
		var out [4]float32
		if k := uintptr(min(sumBlock, n-i)); l == AVX512 {
			expTotalAVX512(&out[0], &x[i], a, m, k)
		} else {
			expTotalAVX2(&out[0], &x[i], a, m, k)
		}
		sum += float64(out[0])
	}
	for _, v := range x[n:] {
		sum += float64(exp(a*v - m))
	}
	return sum
}

// entropySums are Σ exp(x − m) and Σ exp(x − m)·(x − m).
func (l Level) entropySums(x []float32, m float32) (total, weighted float64) {
	n := l.whole(len(x))
	for i := 0; i < n; i += sumBlock {
		var out [4]float32
		if k := uintptr(min(sumBlock, n-i)); l == AVX512 {
			entropySumsAVX512(&out[0], &x[i], m, k)
		} else {
			entropySumsAVX2(&out[0], &x[i], m, k)
		}
		total += float64(out[0])
		weighted += float64(out[1])
	}
	for _, v := range x[n:] {
		e := exp(v - m)
		total += float64(e)
		weighted += float64(e * (v - m))
	}
	return total, weighted
}

// entropyBack does dx = a·exp(x − m)·(x − m − c).
func (l Level) entropyBack(dx, x []float32, m, a, c float32) {
	n := l.whole(len(dx))
	if n > 0 {
		if l == AVX512 {
			entropyBackAVX512(&dx[0], &x[0], m, a, c, uintptr(n))
		} else {
			entropyBackAVX2(&dx[0], &x[0], m, a, c, uintptr(n))
		}
	}
	for i := n; i < len(dx); i++ {
		dx[i] = a * exp(x[i]-m) * (x[i] - m - c)
	}
}

// relativeEntropy is KL(p‖q) of two rows of logits.
func (l Level) relativeEntropy(p, q []float32, a float32, np, nq normalizer) (sum float64) {
	n := l.whole(len(p))
	if n > 0 {
		_ = q[n-1]
	}
	for i := 0; i < n; i += sumBlock {
		var out [4]float32
		if k := uintptr(min(sumBlock, n-i)); l == AVX512 {
			relativeEntropyAVX512(&out[0], &p[i], &q[i], a, np.m, np.s, nq.m, nq.s, k)
		} else {
			relativeEntropyAVX2(&out[0], &p[i], &q[i], a, np.m, np.s, nq.m, nq.s, k)
		}
		sum += float64(out[0])
	}
	for i := n; i < len(p); i++ {
		u := np.of(p[i], a)
		sum += float64(exp(u) * (u - nq.of(q[i], a)))
	}
	return sum
}

// mixedEntropies are KL(p‖m) and KL(q‖m) of two rows of logits and m = beta·p + rest·q.
func (l Level) mixedEntropies(p, q []float32, a float32, np, nq normalizer, beta, rest float32) (fromP, fromQ float64) {
	n := l.whole(len(p))
	if n > 0 {
		_ = q[n-1]
	}
	for i := 0; i < n; i += sumBlock {
		var out [4]float32
		if k := uintptr(min(sumBlock, n-i)); l == AVX512 {
			mixedEntropiesAVX512(&out[0], &p[i], &q[i], a, np.m, np.s, nq.m, nq.s, beta, rest, k)
		} else {
			mixedEntropiesAVX2(&out[0], &p[i], &q[i], a, np.m, np.s, nq.m, nq.s, beta, rest, k)
		}
		fromP += float64(out[0])
		fromQ += float64(out[1])
	}
	for i := n; i < len(p); i++ {
		u, v := np.of(p[i], a), nq.of(q[i], a)
		m := logarithm(beta*exp(u) + rest*exp(v))
		fromP += float64(exp(u) * (u - m))
		fromQ += float64(exp(v) * (v - m))
	}
	return fromP, fromQ
}

// forwardBack does x = by·(q − p), x the logits of q.
func (l Level) forwardBack(x, p []float32, a float32, np, nq normalizer, by float32) {
	n := l.whole(len(x))
	if n > 0 {
		_ = p[n-1]
		if l == AVX512 {
			forwardBackAVX512(&x[0], &p[0], &x[0], a, np.m, np.s, nq.m, nq.s, by, uintptr(n))
		} else {
			forwardBackAVX2(&x[0], &p[0], &x[0], a, np.m, np.s, nq.m, nq.s, by, uintptr(n))
		}
	}
	for i := n; i < len(x); i++ {
		x[i] = by * (exp(nq.of(x[i], a)) - exp(np.of(p[i], a)))
	}
}

// reverseBack does x = by·q·(log q − log p − c), x the logits of q.
func (l Level) reverseBack(x, p []float32, a float32, np, nq normalizer, by, c float32) {
	n := l.whole(len(x))
	if n > 0 {
		_ = p[n-1]
		if l == AVX512 {
			reverseBackAVX512(&x[0], &p[0], &x[0], a, np.m, np.s, nq.m, nq.s, by, c, uintptr(n))
		} else {
			reverseBackAVX2(&x[0], &p[0], &x[0], a, np.m, np.s, nq.m, nq.s, by, c, uintptr(n))
		}
	}
	for i := n; i < len(x); i++ {
		v := nq.of(x[i], a)
		x[i] = by * exp(v) * (v - np.of(p[i], a) - c)
	}
}

// mixedBack does x = by·q·(log q − log(beta·p + rest·q) − c), x the logits of q.
func (l Level) mixedBack(x, p []float32, a float32, np, nq normalizer, beta, rest, by, c float32) {
	n := l.whole(len(x))
	if n > 0 {
		_ = p[n-1]
		if l == AVX512 {
			mixedBackAVX512(&x[0], &p[0], &x[0], a, np.m, np.s, nq.m, nq.s, beta, rest, by, c, uintptr(n))
		} else {
			mixedBackAVX2(&x[0], &p[0], &x[0], a, np.m, np.s, nq.m, nq.s, beta, rest, by, c, uintptr(n))
		}
	}
	for i := n; i < len(x); i++ {
		v := nq.of(x[i], a)
		m := logarithm(beta*exp(np.of(p[i], a)) + rest*exp(v))
		x[i] = by * exp(v) * (v - m - c)
	}
}

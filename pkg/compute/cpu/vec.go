package cpu

import "math"

// The vector helpers below run whole registers in assembly and the tail in Go. Their Go loops are the portable level.

// whole is how many of n elements the assembly takes.
func (l Level) whole(n int) int {
	if l == Portable {
		return 0
	}
	return n &^ (l.lanes() - 1)
}

func (l Level) dot(x, y []float32) float32 {
	n := l.whole(len(x))
	var sum float32
	if n > 0 {
		var out [16]float32
		_ = y[n-1]
		if l == AVX512 {
			dotAVX512(&x[0], &y[0], &out[0], uintptr(n))
		} else {
			dotAVX2(&x[0], &y[0], &out[0], uintptr(n))
		}
		sum = l.total(&out)
	}
	for i := n; i < len(x); i++ {
		sum += x[i] * y[i]
	}
	return sum
}

// total adds lane sums in pairs, a fixed order.
func (l Level) total(out *[16]float32) float32 {
	for half := l.lanes() / 2; half > 0; half /= 2 {
		for i := range half {
			out[i] += out[i+half]
		}
	}
	return out[0]
}

func (l Level) axpy(y, x []float32, a float32) {
	n := l.whole(len(y))
	if n > 0 {
		_ = x[n-1]
		if l == AVX512 {
			axpyAVX512(&y[0], &x[0], a, uintptr(n))
		} else {
			axpyAVX2(&y[0], &x[0], a, uintptr(n))
		}
	}
	for i := n; i < len(y); i++ {
		y[i] += a * x[i]
	}
}

// scale does y = a·x.
func (l Level) scale(y, x []float32, a float32) {
	n := l.whole(len(y))
	if n > 0 {
		_ = x[n-1]
		if l == AVX512 {
			scaleAVX512(&y[0], &x[0], a, uintptr(n))
		} else {
			scaleAVX2(&y[0], &x[0], a, uintptr(n))
		}
	}
	for i := n; i < len(y); i++ {
		y[i] = a * x[i]
	}
}

func (l Level) scaleMul(y, x, w []float32, a float32) {
	n := l.whole(len(y))
	if n > 0 {
		_, _ = x[n-1], w[n-1]
		if l == AVX512 {
			scaleMulAVX512(&y[0], &x[0], &w[0], a, uintptr(n))
		} else {
			scaleMulAVX2(&y[0], &x[0], &w[0], a, uintptr(n))
		}
	}
	for i := n; i < len(y); i++ {
		y[i] = a * x[i] * w[i]
	}
}

func (l Level) add(y, x, z []float32) {
	n := l.whole(len(y))
	if n > 0 {
		_, _ = x[n-1], z[n-1]
		if l == AVX512 {
			addAVX512(&y[0], &x[0], &z[0], uintptr(n))
		} else {
			addAVX2(&y[0], &x[0], &z[0], uintptr(n))
		}
	}
	for i := n; i < len(y); i++ {
		y[i] = x[i] + z[i]
	}
}

// maximum is the largest of x, or floor if that is larger.
func (l Level) maximum(x []float32, floor float32) float32 {
	n := l.whole(len(x))
	if n > 0 {
		var out [16]float32
		if l == AVX512 {
			maximumAVX512(&x[0], &out[0], floor, uintptr(n))
		} else {
			maximumAVX2(&x[0], &out[0], floor, uintptr(n))
		}
		for _, v := range out[:l.lanes()] {
			floor = max(floor, v)
		}
	}
	for _, v := range x[n:] {
		floor = max(floor, v)
	}
	return floor
}

// expSum does y = exp(a·x − m) and returns the sum of y.
func (l Level) expSum(y, x []float32, a, m float32) float32 {
	n := l.whole(len(y))
	var sum float32
	if n > 0 {
		_ = x[n-1]
		var out [16]float32
		if l == AVX512 {
			expSumAVX512(&y[0], &x[0], &out[0], a, m, uintptr(n))
		} else {
			expSumAVX2(&y[0], &x[0], &out[0], a, m, uintptr(n))
		}
		sum = l.total(&out)
	}
	for i := n; i < len(y); i++ {
		y[i] = exp(a*x[i] - m)
		sum += y[i]
	}
	return sum
}

// softmaxBack does d = a·p·(d − delta).
func (l Level) softmaxBack(d, p []float32, a, delta float32) {
	n := l.whole(len(d))
	if n > 0 {
		_ = p[n-1]
		if l == AVX512 {
			softmaxBackAVX512(&d[0], &p[0], a, delta, uintptr(n))
		} else {
			softmaxBackAVX2(&d[0], &p[0], a, delta, uintptr(n))
		}
	}
	for i := n; i < len(d); i++ {
		d[i] = a * p[i] * (d[i] - delta)
	}
}

// exp is e^x, clamped as in the vector kernels.
func exp(x float32) float32 {
	return float32(math.Exp(float64(min(max(x, -87.3), 88.3))))
}

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
		var out [4]float32
		_ = y[n-1]
		if l == AVX512 {
			dotAVX512(&out[0], &x[0], &y[0], uintptr(n))
		} else {
			dotAVX2(&out[0], &x[0], &y[0], uintptr(n))
		}
		sum = out[0]
	}
	for i := n; i < len(x); i++ {
		sum += x[i] * y[i]
	}
	return sum
}

func (l Level) sum(x []float32) float32 {
	n := l.whole(len(x))
	var sum float32
	if n > 0 {
		var out [4]float32
		if l == AVX512 {
			sumAVX512(&out[0], &x[0], uintptr(n))
		} else {
			sumAVX2(&out[0], &x[0], uintptr(n))
		}
		sum = out[0]
	}
	for _, v := range x[n:] {
		sum += v
	}
	return sum
}

// squares is Σ (x − m)².
func (l Level) squares(x []float32, m float32) float32 {
	n := l.whole(len(x))
	var sum float32
	if n > 0 {
		var out [4]float32
		if l == AVX512 {
			squaresAVX512(&out[0], &x[0], m, uintptr(n))
		} else {
			squaresAVX2(&out[0], &x[0], m, uintptr(n))
		}
		sum = out[0]
	}
	for _, v := range x[n:] {
		sum += (v - m) * (v - m)
	}
	return sum
}

// moment is Σ dy·w·(x − m).
func (l Level) moment(dy, w, x []float32, m float32) float32 {
	n := l.whole(len(dy))
	var sum float32
	if n > 0 {
		var out [4]float32
		_, _ = w[n-1], x[n-1]
		if l == AVX512 {
			momentAVX512(&out[0], &dy[0], &w[0], &x[0], m, uintptr(n))
		} else {
			momentAVX2(&out[0], &dy[0], &w[0], &x[0], m, uintptr(n))
		}
		sum = out[0]
	}
	for i := n; i < len(dy); i++ {
		sum += dy[i] * w[i] * (x[i] - m)
	}
	return sum
}

// dots does out[i] = w[i·stride:]·x for every i.
func (l Level) dots(out, w []float32, stride int, x []float32) {
	n, i := l.whole(len(x)), 0
	if n > 0 {
		for ; i+4 <= len(out); i += 4 {
			_ = w[(i+3)*stride+n-1]
			if l == AVX512 {
				dotsAVX512(&out[i], &w[i*stride], &x[0], uintptr(4*stride), uintptr(n))
			} else {
				dotsAVX2(&out[i], &w[i*stride], &x[0], uintptr(4*stride), uintptr(n))
			}
			for q := n; q < len(x); q++ {
				for r := range 4 {
					out[i+r] += w[(i+r)*stride+q] * x[q]
				}
			}
		}
	}
	for ; i < len(out); i++ {
		out[i] = l.dot(x, w[i*stride:i*stride+len(x)])
	}
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

// maximum is the largest of x, or floor if that is larger. NaN may be passed over: the exponentials that follow keep it.
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
			if v > floor {
				floor = v
			}
		}
	}
	for _, v := range x[n:] {
		if v > floor {
			floor = v
		}
	}
	return floor
}

// expSum does y = exp(a·x − m) and returns the sum of y.
func (l Level) expSum(y, x []float32, a, m float32) float32 {
	n := l.whole(len(y))
	var sum float32
	if n > 0 {
		_ = x[n-1]
		var out [4]float32
		if l == AVX512 {
			expSumAVX512(&y[0], &x[0], &out[0], a, m, uintptr(n))
		} else {
			expSumAVX2(&y[0], &x[0], &out[0], a, m, uintptr(n))
		}
		sum = out[0]
	}
	for i := n; i < len(y); i++ {
		y[i] = exp(a*x[i] - m)
		sum += y[i]
	}
	return sum
}

// exp is e^x, clamped as in the vector kernels.
func exp(x float32) float32 {
	return float32(math.Exp(float64(min(max(x, -87.3), 88.3))))
}

var hidden = float32(math.Inf(-1))

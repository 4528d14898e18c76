package cpu

import "math"

// geluKernel is one form of GELU, forward and backward: for whole registers, and for one value.
type geluKernel struct {
	avx2, avx512         func(y, x *float32, n uintptr)
	backAVX2, backAVX512 func(dx, dy, x *float32, n uintptr)
	value                func(x float64) float64
	slope                func(x float64) float64
}

var (
	geluErf = geluKernel{geluAVX2, geluAVX512, geluBackAVX2, geluBackAVX512,
		func(x float64) float64 { return x * normalBelow(x) },
		func(x float64) float64 { return normalBelow(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi) }}
	geluTanh = geluKernel{geluTanhAVX2, geluTanhAVX512, geluTanhBackAVX2, geluTanhBackAVX512,
		func(x float64) float64 { return x * geluGate(x) },
		func(x float64) float64 {
			x = min(max(x, -13.2), 13.2) // beyond, the slope is 1 or 0, and x² may be infinite
			s := geluGate(x)
			return s * (1 + x*(1-s)*2*math.Sqrt(2/math.Pi)*(1+3*0.044715*x*x))
		}}
)

// normalBelow is Φ(x), the share of a normal distribution below x.
func normalBelow(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// geluGate is (1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.
func geluGate(x float64) float64 {
	return 1 / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

type geluTask struct {
	level    Level
	kernel   *geluKernel
	y, dy, x []float32 // dy is nil in the forward pass
}

func (t *geluTask) part(_ *worker, lo, hi int) {
	y, x := t.y[lo:hi], t.x[lo:hi]
	if t.dy != nil {
		n, dy := t.level.whole(len(y)), t.dy[lo:hi]
		if n > 0 {
			if t.level == AVX512 {
				t.kernel.backAVX512(&y[0], &dy[0], &x[0], uintptr(n))
			} else {
				t.kernel.backAVX2(&y[0], &dy[0], &x[0], uintptr(n))
			}
		}
		for i := n; i < len(y); i++ {
			y[i] = dy[i] * float32(t.kernel.slope(float64(x[i])))
		}
		return
	}
	t.level.gelu(t.kernel, y, x)
}

func (l Level) gelu(k *geluKernel, y, x []float32) {
	n := l.whole(len(y))
	if n > 0 {
		_ = x[n-1]
		if l == AVX512 {
			k.avx512(&y[0], &x[0], uintptr(n))
		} else {
			k.avx2(&y[0], &x[0], uintptr(n))
		}
	}
	for i := n; i < len(y); i++ {
		y[i] = float32(k.value(float64(x[i])))
	}
}

func (d *Device) gelu(k *geluKernel, y, dy, x []float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.gelu
	*t = geluTask{d.level, k, y[:n], dy, x[:n]}
	d.pool.run(t, n, elements)
	*t = geluTask{}
}

// GELU does y = x·Φ(x), Φ the distribution function of the normal distribution, over n values (Hendrycks and Gimpel,
// arXiv:1606.08415, section 2): the form with erf. y may be x.
func (d *Device) GELU(y, x []float32, n int) { d.gelu(&geluErf, y, nil, x, n) }

// GELUBackward gives dx from dy and the forward input, n values each; dx may be dy.
func (d *Device) GELUBackward(dx, dy, x []float32, n int) { d.gelu(&geluErf, dx, dy[:n], x, n) }

// GELUTanh does y = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 over n values, the approximation of the same paper that
// GPT-2 uses. y may be x.
func (d *Device) GELUTanh(y, x []float32, n int) { d.gelu(&geluTanh, y, nil, x, n) }

// GELUTanhBackward gives dx from dy and the forward input, n values each; dx may be dy.
func (d *Device) GELUTanhBackward(dx, dy, x []float32, n int) { d.gelu(&geluTanh, dx, dy[:n], x, n) }

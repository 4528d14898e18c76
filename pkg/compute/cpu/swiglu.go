package cpu

// elements is the number of values one range of an elementwise operator takes.
const elements = 8192

type swigluTask struct {
	level   Level
	y, g, u []float32
}

func (t *swigluTask) part(_ *worker, lo, hi int) { t.level.swiglu(t.y[lo:hi], t.g[lo:hi], t.u[lo:hi]) }

func (l Level) swiglu(y, g, u []float32) {
	n := l.whole(len(y))
	if n > 0 {
		_, _ = g[n-1], u[n-1]
		if l == AVX512 {
			swigluAVX512(&y[0], &g[0], &u[0], uintptr(n))
		} else {
			swigluAVX2(&y[0], &g[0], &u[0], uintptr(n))
		}
	}
	for i := n; i < len(y); i++ {
		y[i] = g[i] / (1 + exp(-g[i])) * u[i]
	}
}

// SwiGLU does y = silu(gate) · up, elementwise over n values (Shazeer, arXiv:2002.05202, eq. 5).
func (d *Device) SwiGLU(y, gate, up []float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.swiglu
	*t = swigluTask{d.level, y[:n], gate[:n], up[:n]}
	d.pool.run(t, n, elements)
	*t = swigluTask{}
}

type swigluBackTask struct {
	level            Level
	dg, du, dy, g, u []float32
}

func (t *swigluBackTask) part(_ *worker, lo, hi int) {
	l, dg, du, dy, g, u := t.level, t.dg[lo:hi], t.du[lo:hi], t.dy[lo:hi], t.g[lo:hi], t.u[lo:hi]
	n := l.whole(len(dg))
	if n > 0 {
		if l == AVX512 {
			swigluBackAVX512(&dg[0], &du[0], &dy[0], &g[0], &u[0], uintptr(n))
		} else {
			swigluBackAVX2(&dg[0], &du[0], &dy[0], &g[0], &u[0], uintptr(n))
		}
	}
	for i := n; i < len(dg); i++ {
		s := 1 / (1 + exp(-g[i]))
		dg[i], du[i] = dy[i]*u[i]*s*(1+g[i]*(1-s)), dy[i]*g[i]*s
	}
}

// SwiGLUBackward gives the gradients of gate and up from dy and the forward inputs, n values each; dgate may be gate, and
// dup may be up.
func (d *Device) SwiGLUBackward(dgate, dup, dy, gate, up []float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.swigluBk
	*t = swigluBackTask{d.level, dgate[:n], dup[:n], dy[:n], gate[:n], up[:n]}
	d.pool.run(t, n, elements)
	*t = swigluBackTask{}
}

type addTask struct {
	level   Level
	y, a, b []float32
}

func (t *addTask) part(_ *worker, lo, hi int) { t.level.add(t.y[lo:hi], t.a[lo:hi], t.b[lo:hi]) }

// Add does y = a + b over n values; y may be a or b.
func (d *Device) Add(y, a, b []float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.add
	*t = addTask{d.level, y[:n], a[:n], b[:n]}
	d.pool.run(t, n, elements)
	*t = addTask{}
}

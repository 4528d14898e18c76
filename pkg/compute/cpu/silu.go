package cpu

type siluTask struct {
	level Level
	y, x  []float32
}

func (t *siluTask) part(_ *worker, lo, hi int) {
	t.level.silu(t.y[lo:hi], t.x[lo:hi])
}

func (l Level) silu(y, x []float32) {
	n := l.whole(len(y))
	if n > 0 {
		_ = x[n-1]
		if l == AVX512 {
			siluAVX512(&y[0], &x[0], uintptr(n))
		} else {
			siluAVX2(&y[0], &x[0], uintptr(n))
		}
	}
	for i := n; i < len(y); i++ {
		y[i] = x[i] / (1 + exp(-x[i]))
	}
}

// SiLU does y = x·sigmoid(x) over n values (Elfwing et al., arXiv:1702.03118); y may be x.
func (d *Device) SiLU(y, x []float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.silu
	*t = siluTask{d.level, y[:n], x[:n]}
	d.pool.run(t, n, elements)
	*t = siluTask{}
}

type siluBackTask struct {
	level     Level
	dx, dy, x []float32
}

func (t *siluBackTask) part(_ *worker, lo, hi int) {
	dx, dy, x := t.dx[lo:hi], t.dy[lo:hi], t.x[lo:hi]
	n := t.level.whole(len(dx))
	if n > 0 {
		if t.level == AVX512 {
			siluBackAVX512(&dx[0], &dy[0], &x[0], uintptr(n))
		} else {
			siluBackAVX2(&dx[0], &dy[0], &x[0], uintptr(n))
		}
	}
	for i := n; i < len(dx); i++ {
		s := 1 / (1 + exp(-x[i]))
		dx[i] = dy[i] * s * (1 + x[i]*(1-s))
	}
}

// SiLUBackward gives dx from dy and the forward input, n values each; dx may be dy.
func (d *Device) SiLUBackward(dx, dy, x []float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.siluBk
	*t = siluBackTask{d.level, dx[:n], dy[:n], x[:n]}
	d.pool.run(t, n, elements)
	*t = siluBackTask{}
}

package cpu

type blendTask struct {
	level   Level
	y, x    []float32
	keep, a float32
}

func (t *blendTask) part(_ *worker, lo, hi int) {
	y, x := t.y[lo:hi], t.x[lo:hi]
	switch t.keep {
	case 0: // what y held does not matter, be it NaN
		t.level.scale(y, x, t.a)
		return
	case 1:
	default:
		t.level.scale(y, y, t.keep)
	}
	t.level.axpy(y, x, t.a)
}

// Blend does y = keep·y + a·x over n values: a running mean of gradients, for one. With keep zero, y is not read.
func (d *Device) Blend(y, x []float32, keep, a float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.blend
	*t = blendTask{d.level, y[:n], x[:n], keep, a}
	d.pool.run(t, n, elements)
	*t = blendTask{}
}

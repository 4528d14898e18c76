package cpu

type softmaxTask struct {
	level Level
	y, x  []float32
	cols  int
}

func (t *softmaxTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		x, y := t.x[r*t.cols:(r+1)*t.cols], t.y[r*t.cols:(r+1)*t.cols]
		sum := t.level.expSum(y, x, 1, t.level.maximum(x, hidden))
		t.level.scale(y, y, 1/sum)
	}
}

// Softmax does y = exp(x − max x) / Σ exp(x − max x) for each row of x and y (rows, cols); y may be x.
func (d *Device) Softmax(y, x []float32, rows, cols int) {
	if cols == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.softmax
	*t = softmaxTask{d.level, y[:rows*cols], x[:rows*cols], cols}
	d.pool.run(t, rows, normRows)
	*t = softmaxTask{}
}

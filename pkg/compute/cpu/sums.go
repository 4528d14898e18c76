package cpu

type sumTask struct {
	level  Level
	x      []float32
	parts  []float32
	square bool
}

func (t *sumTask) part(_ *worker, lo, hi int) {
	x := t.x[lo:hi]
	if t.square {
		t.parts[lo/elements] = t.level.dot(x, x)
	} else {
		t.parts[lo/elements] = t.level.sum(x)
	}
}

func (d *Device) sum(x []float32, n int, square bool) float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	parts := d.scratch(0, (n+elements-1)/elements)
	t := &d.tasks.sums
	*t = sumTask{d.level, x[:n], parts, square}
	d.pool.run(t, n, elements)
	*t = sumTask{}
	var sum float64
	for _, v := range parts {
		sum += float64(v)
	}
	return sum
}

// Sum is Σ x over n values.
func (d *Device) Sum(x []float32, n int) float64 { return d.sum(x, n, false) }

// SumSquares is Σ x² over n values, for the global norm of gradients.
func (d *Device) SumSquares(x []float32, n int) float64 { return d.sum(x, n, true) }

// columnTask sums the columns of ranges of rows.
type columnTask struct {
	level    Level
	x, parts []float32
	cols     int
}

func (t *columnTask) part(_ *worker, lo, hi int) {
	sums := t.parts[lo/normRows*t.cols:][:t.cols]
	copy(sums, t.x[lo*t.cols:])
	for r := lo + 1; r < hi; r++ {
		t.level.axpy(sums, t.x[r*t.cols:(r+1)*t.cols], 1)
	}
}

// ColumnSums gives the sums of the columns of x (rows, cols): the gradient of a bias.
func (d *Device) ColumnSums(out, x []float32, rows, cols int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := (rows + normRows - 1) / normRows
	parts := d.scratch(0, n*cols)
	t := &d.tasks.columns
	*t = columnTask{d.level, x[:rows*cols], parts, cols}
	d.pool.run(t, rows, normRows)
	*t = columnTask{}
	clear(out[:cols])
	for i := range n {
		d.level.axpy(out[:cols], parts[i*cols:(i+1)*cols], 1)
	}
}

type fillTask struct {
	y []float32
	v float32
}

func (t *fillTask) part(_ *worker, lo, hi int) {
	y := t.y[lo:hi]
	y[0] = t.v
	for n := 1; n < len(y); n *= 2 { // copying moves registers, a loop single values
		copy(y[n:], y[:n])
	}
}

// Fill sets n values of y to v.
func (d *Device) Fill(y []float32, v float32, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.fill
	*t = fillTask{y[:n], v}
	d.pool.run(t, n, elements)
	*t = fillTask{}
}

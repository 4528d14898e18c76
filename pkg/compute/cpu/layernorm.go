package cpu

import "math"

type layerNormTask struct {
	level         Level
	y, x, w, bias []float32 // bias may be nil
	dim           int
	eps           float32
}

func (t *layerNormTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		x := t.x[r*t.dim : (r+1)*t.dim]
		mean, scale := t.level.standard(x, t.eps)
		t.level.layerNorm(t.y[r*t.dim:(r+1)*t.dim], x, t.w, t.bias, mean, scale)
	}
}

// standard is the mean of x and 1/sqrt(variance + eps). The variance is summed in a second pass, around the mean: a
// difference of sums would lose the digits that a large mean takes.
func (l Level) standard(x []float32, eps float32) (mean, scale float32) {
	n := float32(len(x))
	mean = l.sum(x) / n
	return mean, float32(1 / math.Sqrt(float64(l.squares(x, mean)/n+eps)))
}

// layerNorm does y = r·(x − m)·w + bias.
func (l Level) layerNorm(y, x, w, bias []float32, m, r float32) {
	n := l.whole(len(y))
	switch {
	case n == 0:
	case bias == nil && l == AVX512:
		layerNormAVX512(&y[0], &x[0], &w[0], m, r, uintptr(n))
	case bias == nil:
		layerNormAVX2(&y[0], &x[0], &w[0], m, r, uintptr(n))
	case l == AVX512:
		layerNormBiasAVX512(&y[0], &x[0], &w[0], &bias[0], m, r, uintptr(n))
	default:
		layerNormBiasAVX2(&y[0], &x[0], &w[0], &bias[0], m, r, uintptr(n))
	}
	for i := n; i < len(y); i++ {
		y[i] = r * (x[i] - m) * w[i]
		if bias != nil {
			y[i] += bias[i]
		}
	}
}

// LayerNorm does y = (x − mean(x)) / sqrt(var(x) + eps) · w + bias for each row, the variance divided by dim (Ba et al.,
// arXiv:1607.06450, eq. 4). x and y are (rows, dim), w is (dim), bias (dim) or nil.
func (d *Device) LayerNorm(y, x, w, bias []float32, rows, dim int, eps float32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if bias != nil {
		bias = bias[:dim]
	}
	t := &d.tasks.layerFwd
	*t = layerNormTask{d.level, y[:rows*dim], x[:rows*dim], w[:dim], bias, dim, eps}
	d.pool.run(t, rows, normRows)
	*t = layerNormTask{}
}

type layerNormBackTask struct {
	level     Level
	dx, parts []float32 // parts has dw and, with a bias, dbias of each range
	dy, x, w  []float32
	dim       int
	bias      bool
	eps       float32
}

func (t *layerNormBackTask) part(_ *worker, lo, hi int) {
	width := t.dim
	if t.bias {
		width *= 2
	}
	sums := t.parts[lo/normRows*width:][:width]
	clear(sums)
	dw, dbias := sums[:t.dim], sums[t.dim:]
	n := float32(t.dim)
	for i := lo; i < hi; i++ {
		row := i * t.dim
		dy, x := t.dy[row:row+t.dim], t.x[row:row+t.dim]
		m, r := t.level.standard(x, t.eps)
		a := r * t.level.dot(dy, t.w) / n
		c := r * r * r * t.level.moment(dy, t.w, x, m) / n
		t.level.layerNormBack(t.dx[row:row+t.dim], dw, dbias, dy, x, t.w, m, r, a, c)
	}
}

// layerNormBack does dx = r·dy·w − a − c·(x − m), dw += r·dy·(x − m) and, where dbias has room, dbias += dy.
func (l Level) layerNormBack(dx, dw, dbias, dy, x, w []float32, m, r, a, c float32) {
	n, bias := l.whole(len(dx)), len(dbias) > 0
	switch {
	case n == 0:
	case !bias && l == AVX512:
		layerNormBackAVX512(&dx[0], &dw[0], &dy[0], &x[0], &w[0], m, r, a, c, uintptr(n))
	case !bias:
		layerNormBackAVX2(&dx[0], &dw[0], &dy[0], &x[0], &w[0], m, r, a, c, uintptr(n))
	case l == AVX512:
		layerNormBiasBackAVX512(&dx[0], &dw[0], &dy[0], &x[0], &w[0], &dbias[0], m, r, a, c, uintptr(n))
	default:
		layerNormBiasBackAVX2(&dx[0], &dw[0], &dy[0], &x[0], &w[0], &dbias[0], m, r, a, c, uintptr(n))
	}
	for i := n; i < len(dx); i++ {
		g, d := r*dy[i], x[i]-m
		dw[i] += g * d
		if bias {
			dbias[i] += dy[i]
		}
		dx[i] = g*w[i] - (c*d + a)
	}
}

// LayerNormBackward gives dx (rows, dim), dw (dim) and, unless it is nil, dbias (dim) from dy, x (rows, dim) and w (dim). dx
// must not overlap dy or x.
func (d *Device) LayerNormBackward(dx, dw, dbias, dy, x, w []float32, rows, dim int, eps float32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, width := (rows+normRows-1)/normRows, dim
	if dbias != nil {
		width *= 2
	}
	parts := d.scratch(0, n*width)
	t := &d.tasks.layerBack
	*t = layerNormBackTask{d.level, dx[:rows*dim], parts, dy[:rows*dim], x[:rows*dim], w[:dim], dim, dbias != nil, eps}
	d.pool.run(t, rows, normRows)
	*t = layerNormBackTask{}
	clear(dw[:dim])
	if dbias != nil {
		clear(dbias[:dim])
	}
	for i := range n {
		part := parts[i*width:][:width]
		d.level.axpy(dw[:dim], part[:dim], 1)
		if dbias != nil {
			d.level.axpy(dbias[:dim], part[dim:], 1)
		}
	}
}

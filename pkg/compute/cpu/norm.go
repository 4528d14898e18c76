package cpu

import "math"

// normRows is the number of rows one range of a normalisation takes. The sum over rows in dw is cut at the same places,
// so its order does not depend on the workers.
const normRows = 64

type normTask struct {
	level   Level
	y, x, w []float32
	dim     int
	eps     float32
}

func (t *normTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		x := t.x[r*t.dim : (r+1)*t.dim]
		t.level.scaleMul(t.y[r*t.dim:(r+1)*t.dim], x, t.w, t.level.inverseRMS(x, t.eps))
	}
}

// inverseRMS is 1/sqrt(mean(x²) + eps).
func (l Level) inverseRMS(x []float32, eps float32) float32 {
	return float32(1 / math.Sqrt(float64(l.dot(x, x)/float32(len(x))+eps)))
}

// RMSNorm does y = x / sqrt(mean(x²) + eps) · w for each row (Zhang and Sennrich, arXiv:1910.07467, eq. 4).
// x and y are (rows, dim), w is (dim).
func (d *Device) RMSNorm(y, x, w []float32, rows, dim int, eps float32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.normFwd
	*t = normTask{d.level, y[:rows*dim], x[:rows*dim], w[:dim], dim, eps}
	d.pool.run(t, rows, normRows)
	*t = normTask{}
}

type normBackTask struct {
	level     Level
	dx, parts []float32
	to        []float32 // what dx is added to; nil for nothing
	dy, x, w  []float32
	dim       int
	eps       float32
}

func (t *normBackTask) part(w *worker, lo, hi int) {
	dw := t.parts[lo/normRows*t.dim:][:t.dim]
	clear(dw)
	both := w.floats(0, 2*t.dim)
	gw, own := both[:t.dim], both[t.dim:]
	for r := lo; r < hi; r++ {
		row := r * t.dim
		dy, x := t.dy[row:row+t.dim], t.x[row:row+t.dim]
		s := t.level.inverseRMS(x, t.eps)
		t.level.scaleMul(gw, dy, t.w, 1)
		c := t.level.dot(gw, x) * s * s * s / float32(t.dim)
		dx := t.dx[row : row+t.dim]
		if t.to == nil {
			t.level.rmsBack(dx, dw, dy, x, t.w, s, c)
			continue
		}
		t.level.rmsBack(own, dw, dy, x, t.w, s, c)
		t.level.add(dx, t.to[row:row+t.dim], own)
	}
}

// rmsBack does dx = r·dy·w − c·x and dw += r·dy·x.
func (l Level) rmsBack(dx, dw, dy, x, w []float32, r, c float32) {
	n := l.whole(len(dx))
	if n > 0 {
		_, _, _, _ = dw[n-1], dy[n-1], x[n-1], w[n-1]
		if l == AVX512 {
			rmsBackAVX512(&dx[0], &dw[0], &dy[0], &x[0], &w[0], r, c, uintptr(n))
		} else {
			rmsBackAVX2(&dx[0], &dw[0], &dy[0], &x[0], &w[0], r, c, uintptr(n))
		}
	}
	for i := n; i < len(dx); i++ {
		g := r * dy[i]
		dx[i] = g*w[i] - c*x[i]
		dw[i] += g * x[i]
	}
}

// RMSNormBackward gives dx (rows, dim) and dw (dim) from dy, x (rows, dim) and w (dim). dx must not overlap dy or x.
func (d *Device) RMSNormBackward(dx, dw, dy, x, w []float32, rows, dim int, eps float32) {
	d.normBackward(dx, dw, nil, dy, x, w, rows, dim, eps)
}

// RMSNormBackwardAdd is RMSNormBackward with dx added to the values to (rows, dim), as where a skip connection meets the
// norm that it passes: dx = to + …. dx may be to.
func (d *Device) RMSNormBackwardAdd(dx, dw, to, dy, x, w []float32, rows, dim int, eps float32) {
	d.normBackward(dx, dw, to[:rows*dim], dy, x, w, rows, dim, eps)
}

func (d *Device) normBackward(dx, dw, to, dy, x, w []float32, rows, dim int, eps float32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := (rows + normRows - 1) / normRows
	parts := d.scratch(0, n*dim)
	t := &d.tasks.normBack
	*t = normBackTask{d.level, dx[:rows*dim], parts, to, dy[:rows*dim], x[:rows*dim], w[:dim], dim, eps}
	d.pool.run(t, rows, normRows)
	*t = normBackTask{}
	clear(dw[:dim])
	for i := range n {
		d.level.axpy(dw[:dim], parts[i*dim:(i+1)*dim], 1)
	}
}

package cpu

import "math"

// maskedMean is the mean of the values whose label counts, 0 where none does.
func maskedMean(x []float32, labels []int32) float32 {
	var sum float64
	n := 0
	for i, label := range labels {
		if label != Ignore {
			sum += float64(x[i])
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return float32(sum / float64(n))
}

// distanceTask gives rows of distances or, with dy, of their gradients.
type distanceTask struct {
	out, dy, x, ref []float32
	dim             int
	cosine          bool
}

func (t *distanceTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		x, ref := t.x[r*t.dim:(r+1)*t.dim], t.ref[r*t.dim:(r+1)*t.dim]
		switch {
		case t.dy == nil && t.cosine:
			c, _, _ := cosine(x, ref)
			t.out[r] = float32(1 - c)
		case t.dy == nil:
			var sum float64
			for i, v := range x {
				d := float64(v - ref[i])
				sum += d * d
			}
			t.out[r] = float32(sum / float64(t.dim))
		case t.cosine:
			t.cosineBack(r, x, ref)
		default:
			by := 2 * t.dy[r] / float32(t.dim)
			out := t.out[r*t.dim:][:t.dim]
			for i, v := range x {
				out[i] = by * (v - ref[i])
			}
		}
	}
}

// cosineBack does dx = −dy·(ref/|ref| − c·x/|x|)/|x| with c the cosine.
func (t *distanceTask) cosineBack(r int, x, ref []float32) {
	out := t.out[r*t.dim:][:t.dim]
	c, nx, nr := cosine(x, ref)
	if nx == 0 || nr == 0 {
		clear(out)
		return
	}
	by := -float64(t.dy[r]) / nx
	for i, v := range x {
		out[i] = float32(by * (float64(ref[i])/nr - c*float64(v)/nx))
	}
}

// cosine is x·y/(|x|·|y|), with |x| and |y|; 0 where either is 0. Sums are in float64: distances between states that
// nearly agree are small differences.
func cosine(x, y []float32) (c, nx, ny float64) {
	for i, v := range x {
		a, b := float64(v), float64(y[i])
		c, nx, ny = c+a*b, nx+a*a, ny+b*b
	}
	nx, ny = math.Sqrt(nx), math.Sqrt(ny)
	if nx == 0 || ny == 0 {
		return 0, nx, ny
	}
	return c / (nx * ny), nx, ny
}

func (d *Device) distance(out, dy, x, ref []float32, rows, dim int, cosine bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.distance
	*t = distanceTask{out, dy, x[:rows*dim], ref[:rows*dim], dim, cosine}
	d.pool.run(t, rows, normRows)
	*t = distanceTask{}
}

// SquaredError gives each row's mean((x − ref)²). x and ref are (rows, dim), out (rows).
func (d *Device) SquaredError(out, x, ref []float32, rows, dim int) {
	d.distance(out[:rows], nil, x, ref, rows, dim, false)
}

// SquaredErrorBackward gives dx (rows, dim) from dy (rows) and the forward inputs; ref does not move.
func (d *Device) SquaredErrorBackward(dx, dy, x, ref []float32, rows, dim int) {
	d.distance(dx[:rows*dim], dy[:rows], x, ref, rows, dim, false)
}

// CosineDistance gives each row's 1 − x·ref/(|x|·|ref|), 1 where either is all zeros. x and ref are (rows, dim), out (rows).
func (d *Device) CosineDistance(out, x, ref []float32, rows, dim int) {
	d.distance(out[:rows], nil, x, ref, rows, dim, true)
}

// CosineDistanceBackward gives dx (rows, dim) from dy (rows) and the forward inputs; ref does not move.
func (d *Device) CosineDistanceBackward(dx, dy, x, ref []float32, rows, dim int) {
	d.distance(dx[:rows*dim], dy[:rows], x, ref, rows, dim, true)
}

package cpu

import "github.com/tunebook/tunebook/pkg/compute"

// fuseTask is attention of rows over a few candidates each; its ranges are rows.
type fuseTask struct {
	level   Level
	x       [][]float32 // q, then k and v of each candidate
	o       []float32
	weights []float32   // (rows, candidates), nil if nobody asks
	dx      [][]float32 // of x, nil in the forward pass
	do      []float32
	dim     int
}

func (t *fuseTask) part(w *worker, lo, hi int) {
	n, dim := len(t.x)/2, t.dim
	p := w.floats(0, 2*n)
	dp := p[n:]
	p = p[:n]
	for r := lo; r < hi; r++ {
		at := func(x []float32) []float32 { return x[r*dim : (r+1)*dim] }
		q := at(t.x[0])
		for i := range n {
			p[i] = t.level.dot(q, at(t.x[1+2*i]))
		}
		// A few values: the same instructions whatever stands beside the row.
		largest, sum := p[0], float32(0)
		for _, v := range p {
			largest = max(largest, v)
		}
		for i, v := range p {
			p[i] = exp(v - largest)
			sum += p[i]
		}
		for i := range p {
			p[i] /= sum
		}
		if t.weights != nil {
			copy(t.weights[r*n:(r+1)*n], p)
		}
		if t.dx == nil {
			for i := range n {
				if i == 0 {
					t.level.scale(at(t.o), at(t.x[2]), p[0])
					continue
				}
				t.level.axpy(at(t.o), at(t.x[2+2*i]), p[i])
			}
			continue
		}
		var mean float32
		for i := range n {
			dp[i] = t.level.dot(at(t.do), at(t.x[2+2*i]))
			mean += p[i] * dp[i]
		}
		for i := range n {
			ds := p[i] * (dp[i] - mean)
			t.level.scale(at(t.dx[2+2*i]), at(t.do), p[i])
			t.level.scale(at(t.dx[1+2*i]), q, ds)
			if i == 0 {
				t.level.scale(at(t.dx[0]), at(t.x[1]), ds)
				continue
			}
			t.level.axpy(at(t.dx[0]), at(t.x[1+2*i]), ds)
		}
	}
}

func (d *Device) fuse(t fuseTask, rows int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t.level = d.level
	d.tasks.fuse = t
	d.pool.run(&d.tasks.fuse, rows, 16)
	d.tasks.fuse = fuseTask{}
}

// Fuse does o = Σₙ softmaxₙ(q·kₙ)·vₙ for each of some rows of dim values; x is q, then k and v of each candidate.
// weights, nil for none, becomes the softmax (rows, candidates). A row does not depend on the others.
func (d *Device) Fuse(o, weights []float32, x [][]float32, rows, dim int) {
	d.fuse(fuseTask{o: o, weights: weights, x: x, dim: dim}, rows)
}

// FuseBackward gives the gradients dx of x from do; shapes as in Fuse.
func (d *Device) FuseBackward(dx [][]float32, do []float32, x [][]float32, rows, dim int) {
	d.fuse(fuseTask{dx: dx, do: do, x: x, dim: dim}, rows)
}

func (b *binding) fusion(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.Fuse:
		return func() { d.Fuse(out[0], nil, in, op.Rows, op.Dim) }
	case compute.FuseBack:
		return func() { d.FuseBackward(out, in[0], in[1:], op.Rows, op.Dim) }
	}
	return nil
}

package cpu

import "github.com/tunebook/tunebook/pkg/compute"

// Rotary holds the cosines and sines of rotary position embeddings for positions 0 to Positions-1
// (Su et al., arXiv:2104.09864, section 3.2.2), in the layout of Llama: value i of a head turns with value i+headDim/2.
type Rotary struct {
	Positions, HeadDim int
	cos, sin           []float32 // (Positions, HeadDim/2)
}

// NewRotary computes the table: angle = position · base^(−2i/headDim). headDim must be even.
func NewRotary(positions, headDim int, base float64) *Rotary {
	cos, sin := compute.RotaryTable(positions, headDim, base)
	return &Rotary{positions, headDim, cos, sin}
}

// Bytes is the size of the table in memory.
func (r *Rotary) Bytes() int { return 4 * (len(r.cos) + len(r.sin)) }

type ropeTask struct {
	level     Level
	y, x      []float32
	positions []int32
	heads     int
	table     *Rotary
	sign      float32
}

func (t *ropeTask) part(_ *worker, lo, hi int) {
	dim := t.table.HeadDim
	half, width := dim/2, dim*t.heads
	for r := lo; r < hi; r++ {
		at := int(t.positions[r]) * half
		cos, sin := t.table.cos[at:at+half], t.table.sin[at:at+half]
		row := t.y[r*width : (r+1)*width]
		if &t.x[0] != &t.y[0] {
			copy(row, t.x[r*width:(r+1)*width])
		}
		for h := range t.heads {
			t.level.rotate(row[h*dim:h*dim+half], row[h*dim+half:(h+1)*dim], cos, sin, t.sign)
		}
	}
}

// rotate turns the pairs (a, b).
func (l Level) rotate(a, b, cos, sin []float32, sign float32) {
	n := l.whole(len(a))
	if n > 0 {
		if l == AVX512 {
			rotateAVX512(&a[0], &b[0], &cos[0], &sin[0], sign, uintptr(n))
		} else {
			rotateAVX2(&a[0], &b[0], &cos[0], &sin[0], sign, uintptr(n))
		}
	}
	for i := n; i < len(a); i++ {
		s := sign * sin[i]
		a[i], b[i] = a[i]*cos[i]-b[i]*s, b[i]*cos[i]+a[i]*s
	}
}

// RoPE turns each head of x (rows, heads·headDim) by the angle of its row's position and writes y, which may be x.
// inverse turns back, which is also the backward pass. Positions must be below table.Positions.
func (d *Device) RoPE(y, x []float32, positions []int32, rows, heads int, table *Rotary, inverse bool) {
	if rows == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	sign := float32(1)
	if inverse {
		sign = -1
	}
	n := rows * heads * table.HeadDim
	t := &d.tasks.rope
	*t = ropeTask{d.level, y[:n], x[:n], positions[:rows], heads, table, sign}
	d.pool.run(t, rows, normRows)
	*t = ropeTask{}
}

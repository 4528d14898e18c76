package cpu

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// factors fills out with w/c of each column: w where c is nil, one where c is zero.
func factors(out, w, c []float32) {
	if c == nil {
		copy(out, w)
		return
	}
	for i, v := range c {
		out[i] = 1
		if v != 0 {
			out[i] = w[i] / v
		}
	}
}

type columnsTask struct {
	level         Level
	y, x, f, bias []float32
	dim           int
}

func (t *columnsTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		y := t.y[r*t.dim : (r+1)*t.dim]
		t.level.scaleMul(y, t.x[r*t.dim:(r+1)*t.dim], t.f, 1)
		if t.bias != nil {
			t.level.add(y, y, t.bias)
		}
	}
}

// ScaleColumns does y = x·w/c + bias for each row of x (rows, dim), with one factor and bias for each column; c and bias may
// be nil, and y may be x. Where c is zero the factor is one.
func (d *Device) ScaleColumns(y, x, w, c, bias []float32, rows, dim int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.scratch(0, dim)
	factors(f, w[:dim], c)
	t := &d.tasks.columnsBy
	*t = columnsTask{d.level, y[:rows*dim], x[:rows*dim], f, bias, dim}
	d.pool.run(t, rows, normRows)
	*t = columnsTask{}
}

type columnsBackTask struct {
	level               Level
	dx, parts, dy, x, f []float32
	dim                 int
}

func (t *columnsBackTask) part(_ *worker, lo, hi int) {
	dw := t.parts[lo/normRows*t.dim:][:t.dim]
	clear(dw)
	for r := lo; r < hi; r++ {
		row := r * t.dim
		t.level.rmsBack(t.dx[row:row+t.dim], dw, t.dy[row:row+t.dim], t.x[row:row+t.dim], t.f, 1, 0)
	}
}

// ScaleColumnsBackward gives dx (rows, dim) and dw (dim) from dy and x (rows, dim); c counts as a constant. dx must not
// overlap dy or x.
func (d *Device) ScaleColumnsBackward(dx, dw, dy, x, w, c []float32, rows, dim int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := (rows + normRows - 1) / normRows
	parts := d.scratch(0, (n+1)*dim)
	f := parts[n*dim:]
	factors(f, w[:dim], c)
	t := &d.tasks.columnsBack
	*t = columnsBackTask{d.level, dx[:rows*dim], parts, dy[:rows*dim], x[:rows*dim], f, dim}
	d.pool.run(t, rows, normRows)
	*t = columnsBackTask{}
	clear(dw[:dim])
	for i := range n {
		d.level.axpy(dw[:dim], parts[i*dim:(i+1)*dim], 1)
	}
	for i, v := range c {
		if v == 0 {
			dw[i] = 0
		} else {
			dw[i] /= v
		}
	}
}

type rowsByTask struct {
	level      Level
	y, x, gate []float32
	dim        int
}

func (t *rowsByTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		t.level.scale(t.y[r*t.dim:(r+1)*t.dim], t.x[r*t.dim:(r+1)*t.dim], t.gate[r])
	}
}

// ScaleRows does y = x·gate with one factor for each row of x (rows, dim); y may be x.
func (d *Device) ScaleRows(y, x, gate []float32, rows, dim int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.rowsBy
	*t = rowsByTask{d.level, y[:rows*dim], x[:rows*dim], gate[:rows], dim}
	d.pool.run(t, rows, normRows)
	*t = rowsByTask{}
}

type lowRankTask struct {
	c, p, g, b, squares []float32
	out, rank           int
	scale               float64
}

func (t *lowRankTask) part(_ *worker, lo, hi int) {
	for o := lo; o < hi; o++ {
		b := t.b[o*t.rank : (o+1)*t.rank]
		sum := float64(t.squares[o])
		for k, bk := range b {
			var cross float64
			for j, bj := range b {
				cross += float64(t.g[k*t.rank+j]) * float64(bj)
			}
			sum += t.scale * float64(bk) * (2*float64(t.p[k*t.out+o]) + t.scale*cross)
		}
		t.c[o] = float32(math.Sqrt(math.Max(0, sum)))
	}
}

// LowRankNorms gives the lengths of the rows of W + scale·B·A: see compute.LowRankNorms.
func (d *Device) LowRankNorms(c, p, g, b, squares []float32, out, rank int, scale float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.lowRank
	*t = lowRankTask{c[:out], p[:rank*out], g[:rank*rank], b[:out*rank], squares[:out], out, rank, scale}
	d.pool.run(t, out, normRows)
	*t = lowRankTask{}
}

// nf4Floats is about how many values of a weight of four bits are there as float32 at a time: they stay in a cache while
// they are multiplied, and memory holds the weight in four bits only.
const nf4Floats = 1 << 19

// nf4Rows is how many rows that is, a multiple of the tiles' width.
func nf4Rows(in, out int) int { return min(max(nf4Floats/in/64*64, 64), out) }

type nf4Task struct {
	w      []float32
	codes  []int32
	scales []float32
	from   int
}

func (t *nf4Task) part(_ *worker, lo, hi int) {
	compute.DequantizeNF4(t.w[lo:hi], t.codes, t.scales, t.from+lo)
}

// widenNF4 gives some rows of a weight as float32, in scratch memory.
func (d *Device) widenNF4(codes []int32, scales []float32, lo, hi, in int) Matrix {
	w := d.scratch(3, (hi-lo)*in)
	t := &d.tasks.nf4
	*t = nf4Task{w, codes, scales, lo * in}
	d.pool.run(t, len(w), 64*compute.NF4Block)
	*t = nf4Task{}
	return Matrix{Data: w, Rows: hi - lo, Cols: in}
}

// LinearNF4 does y = x·wᵀ for a weight (y.Cols, x.Cols) of four bits a value, see compute.LinearNF4. Some rows of it are
// widened at a time.
func (d *Device) LinearNF4(y, x Matrix, codes []int32, scales []float32, e Epilogue) {
	d.mu.Lock()
	defer d.mu.Unlock()
	step := nf4Rows(x.Cols, y.Cols)
	for lo := 0; lo < y.Cols; lo += step {
		hi := min(lo+step, y.Cols)
		w, c, part := d.widenNF4(codes, scales, lo, hi, x.Cols), columnsOf(y, lo, hi), e.columns(lo, hi)
		if c.Rows <= fewRows {
			d.fewRowsNT(c, x, w, part)
			continue
		}
		d.tasks.one[0] = Product{C: c, W: w, Epilogue: part}
		d.group(x, d.tasks.one[:])
		d.tasks.one[0] = Product{}
	}
}

// LinearInputNF4 does dx = dy·w for such a weight (dy.Cols, dx.Cols).
func (d *Device) LinearInputNF4(dx, dy Matrix, codes []int32, scales []float32, e Epilogue) {
	d.mu.Lock()
	defer d.mu.Unlock()
	step := nf4Rows(dx.Cols, dy.Cols)
	for lo := 0; lo < dy.Cols; lo += step {
		hi := min(lo+step, dy.Cols)
		w, part := d.widenNF4(codes, scales, lo, hi, dx.Cols), columnsOf(dy, lo, hi)
		d.multiply(dx, rowsOf(part), d.along(0, w, e.scale()), part.Cols, e)
		e = Epilogue{Accumulate: true}
	}
}

func (b *binding) adapters(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.ScaleColumns:
		c, bias := b.input(2, op.Over), b.input(len(in)-1, op.Bias)
		return func() { d.ScaleColumns(out[0], in[0], in[1], c, bias, op.Rows, op.Dim) }
	case compute.ScaleColumnsBack:
		c := b.input(3, op.Over)
		return func() { d.ScaleColumnsBackward(out[0], out[1], in[0], in[1], in[2], c, op.Rows, op.Dim) }
	case compute.ScaleRows:
		return func() { d.ScaleRows(out[0], in[0], in[1], op.Rows, op.Dim) }
	case compute.LowRankNorms:
		return func() { d.LowRankNorms(out[0], in[0], in[1], in[2], in[3], op.Out, op.Rank, op.Scale) }
	case compute.LinearNF4:
		y, x, codes, scales := matrix(out[0], op.Rows, op.Out), matrix(in[0], op.Rows, op.In), b.ints[1], in[2]
		e := b.onto(y, op.Add)
		e.Bias = b.input(3, op.Bias)
		return func() { d.LinearNF4(y, x, codes, scales, e) }
	case compute.LinearInputNF4:
		dx, dy, codes, scales := matrix(out[0], op.Rows, op.In), matrix(in[0], op.Rows, op.Out), b.ints[1], in[2]
		e := b.onto(dx, op.Add)
		return func() { d.LinearInputNF4(dx, dy, codes, scales, e) }
	}
	return nil
}

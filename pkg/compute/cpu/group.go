package cpu

import (
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Packed is a weight (out, in) laid out once for many products. It is a copy: it does not follow the weight.
type Packed struct {
	level      Level
	panels     panels
	rows, cols int
}

// Pack lays out a weight (out, in) for MatMulNTs on this device: generating text reads the same weights for every token,
// and packed they are read in order, at the speed of memory.
func (d *Device) Pack(w Matrix) *Packed {
	w.check("W")
	d.mu.Lock()
	defer d.mu.Unlock()
	p := &Packed{d.level, d.level.panelsIn(compute.Floats(d.level.panelFloats(w.Rows, w.Cols)), w.Cols), w.Rows, w.Cols}
	d.tasks.pack = packTask{d.level, w, p.panels, true, 1}
	d.pool.run(&d.tasks.pack, p.panels.count(w.Rows), 2)
	d.tasks.pack = packTask{}
	return p
}

// PackHalf is Pack with weights rounded to bfloat16, to the nearest and ties to even: half the memory to keep and to read,
// and about three decimal digits of each weight.
func (d *Device) PackHalf(w Matrix) *Packed {
	w.check("W")
	d.mu.Lock()
	defer d.mu.Unlock()
	p := &Packed{d.level, d.level.panelsIn(compute.Floats(d.level.panelFloats(w.Rows, w.Cols)/2), w.Cols), w.Rows, w.Cols}
	p.panels = p.panels.halved()
	t := &d.tasks.packHalf
	*t = packHalfTask{d.level, w, p.panels}
	d.pool.run(t, p.panels.count(w.Rows), 2)
	*t = packHalfTask{}
	return p
}

// packHalfTask packs panels of bfloat16.
type packHalfTask struct {
	level Level
	src   Matrix
	dst   panels
}

func (t *packHalfTask) part(w *worker, lo, hi int) {
	for p := lo; p < hi; p++ {
		j := p * t.dst.width
		n := min(t.dst.width, t.src.Rows-j)
		whole := t.level.panelsIn(w.floats(0, t.level.panelFloats(n, t.src.Cols)), t.src.Cols)
		whole.fillT(t.level, Matrix{Data: t.src.Data[j*t.src.stride():], Rows: n, Cols: t.src.Cols, Stride: t.src.stride()}, 0, 1)
		from, to := whole.packed(0, 0, t.src.Cols), t.dst.packed(p, 0, t.src.Cols)
		for i := range to {
			to[i] = math.Float32frombits(bfloat16(from[2*i]) | bfloat16(from[2*i+1])<<16)
		}
	}
}

// bfloat16 is the upper half of the nearest value that has no lower half.
func bfloat16(x float32) uint32 {
	bits := math.Float32bits(x)
	if x != x {
		return bits>>16 | 0x40 // rounding could make an infinity of it
	}
	return (bits + 0x7fff + bits>>16&1) >> 16
}

// Product is one of several products that share their left-hand side: C = A · Wᵀ and its Epilogue.
type Product struct {
	C        Matrix
	W        Matrix  // (out, in)
	Packed   *Packed // of W, which is then not read; Scale must be 1
	Epilogue Epilogue
}

// groupTask is some products with the same left-hand side; its ranges are blocks.
type groupTask struct {
	level  Level
	a      operand
	k      int
	list   []Product
	panels []panels // of each product
	blocks []block
	sides  [][]right // one list for each worker
}

func (t *groupTask) part(w *worker, from, to int) {
	for _, block := range t.blocks[from:to] {
		sides := t.sides[w.index][:0]
		first := 0
		for i, p := range t.list {
			b := t.panels[i]
			n := b.count(p.C.Cols)
			if lo, hi := max(block.panel, first), min(block.panel+block.panels, first+n); lo < hi {
				sides = append(sides, t.side(p, b, block, (lo-first)*b.width, min((hi-first)*b.width, p.C.Cols)))
			}
			first += n
		}
		t.level.product(w, t.a.from(block.row), block.rows, t.k, sides...)
		t.sides[w.index] = sides
	}
}

// side is columns lo to hi of a product as a right-hand side for the rows of a block. What the product is added to is there.
func (t *groupTask) side(p Product, b panels, block block, lo, hi int) right {
	c, e := columnsOf(p.C, lo, hi), p.Epilogue.columns(lo, hi)
	some := e.start(t.level, c, block.row, block.row+block.rows)
	return right{c.Data[block.row*c.Stride:], c.Stride, b.from(lo), 0, c.Cols, some}
}

// together runs the products of tasks.group, whose right-hand sides are in panels: they share m rows and k columns of A.
func (d *Device) together(a operand, m, k int) {
	t := &d.tasks.group
	t.level, t.a, t.k = d.level, a, k
	count := 0
	for i, p := range t.list {
		count += t.panels[i].count(p.C.Cols)
	}
	t.blocks = d.divide(m, count, k)
	d.runs++
	t.a.run = d.runs
	d.pool.run(t, len(t.blocks), 1)
	t.a, t.list, t.blocks = operand{}, nil, nil
	clear(t.panels)
}

func columnsOf(m Matrix, from, to int) Matrix {
	return Matrix{Data: m.Data[min(from, len(m.Data)):], Rows: m.Rows, Cols: to - from, Stride: m.stride()}
}

// columns is the epilogue of some columns.
func (e Epilogue) columns(from, to int) Epilogue {
	if e.Bias != nil {
		e.Bias = e.Bias[from:to]
	}
	if e.Residual.Data != nil {
		e.Residual = columnsOf(e.Residual, from, to)
	}
	return e
}

// groupPackTask packs the weights of a group; its ranges are panels counted through all products.
type groupPackTask struct{ *groupTask }

func (t groupPackTask) part(_ *worker, lo, hi int) {
	first := 0
	for i, p := range t.list {
		b := t.panels[i]
		n := b.count(p.C.Cols)
		if from, to := max(lo, first), min(hi, first+n); from < to && p.Packed == nil {
			b.fillT(t.level, p.W, from-first, to-first)
			b.scaleRows(t.level, p.Epilogue.scale(), from-first, to-first, 0, b.depth)
		}
		first += n
	}
}

// MatMulNTs does C[M,N] = A[M,K] · W[N,K]ᵀ for several weights: A is read, and packed where that pays, once for all.
func (d *Device) MatMulNTs(a Matrix, products []Product) {
	for _, p := range products {
		w := p.W
		if p.Packed != nil {
			w = Matrix{Rows: p.Packed.rows, Cols: p.Packed.cols}
			if p.Packed.level != d.level || p.Epilogue.scale() != 1 {
				panic(fmt.Sprintf("cpu: MatMulNTs: a weight packed for %v with scale %g on %v", p.Packed.level, p.Epilogue.scale(), d.level))
			}
		} else {
			w.check("W")
		}
		checkSizes("NT", p.C, a, w, p.Epilogue, sizes{a.Rows, w.Rows, a.Cols, w.Cols})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.group(a, products)
}

func (d *Device) group(a Matrix, products []Product) {
	t := &d.tasks.group
	t.level, t.list, t.panels = d.level, products, t.panels[:0]
	total, count, fresh := 0, 0, false
	for _, p := range products {
		if p.Packed == nil {
			total += d.level.panelFloats(p.C.Cols, a.Cols)
			fresh = true
		}
	}
	buffer := d.scratch(0, total)
	for _, p := range products {
		var b panels
		if p.Packed != nil {
			b = p.Packed.panels
		} else {
			n := d.level.panelFloats(p.C.Cols, a.Cols)
			b, buffer = d.level.panelsIn(buffer[:n], a.Cols), buffer[n:]
		}
		t.panels = append(t.panels, b)
		count += b.count(p.C.Cols)
	}
	if fresh {
		d.tasks.groupPack.groupTask = t
		d.pool.run(&d.tasks.groupPack, count, 2)
	}
	d.together(rowsOf(a), a.Rows, a.Cols)
}

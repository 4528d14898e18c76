package cpu

import "fmt"

// Product is one of several products that share their left-hand side: C = A · Wᵀ and its Epilogue.
type Product struct {
	C        Matrix
	W        Matrix  // (out, in)
	Packed   *Packed // of W, which is then not read; Scale must be 1
	Epilogue Epilogue
}

// columnRows is the number of rows up to which products are divided by columns: each worker then reads its part of the
// weights once. With more rows each reads all weights for its part of the rows.
const columnRows = 64

// groupTask is some products; its ranges are rows, or panels counted through all products.
type groupTask struct {
	level   Level
	a       Matrix
	list    []Product
	panels  []panels
	columns bool
	cuts    cuts
	sides   [][]right // one list for each worker
}

func (t *groupTask) part(w *worker, lo, hi int) {
	sides := t.sides[w.index][:0]
	if !t.columns {
		lo, hi = t.cuts.rows(lo, hi)
	}
	first := 0
	for i, p := range t.list {
		b := t.panels[i]
		if !t.columns {
			sides = append(sides, t.side(p, b, lo, hi))
			continue
		}
		n := b.count(p.C.Cols)
		if from, to := max(lo, first), min(hi, first+n); from < to {
			j, end := (from-first)*b.width, min((to-first)*b.width, p.C.Cols)
			p.C, p.Epilogue = columnsOf(p.C, j, end), p.Epilogue.columns(j, end)
			sides = append(sides, t.side(p, b.from(j), 0, p.C.Rows))
		}
		first += n
	}
	a, m := rowsOf(t.a), hi-lo
	if t.columns {
		m = t.a.Rows
	} else {
		a = a.from(lo)
	}
	t.level.product(w, a, m, t.a.Cols, sides...)
	t.sides[w.index] = sides
}

// side is the right-hand side of rows lo to hi of a product, whose result the epilogue has begun.
func (t *groupTask) side(p Product, b panels, lo, hi int) right {
	some := p.Epilogue.start(t.level, p.C, lo, hi)
	ldc := p.C.stride()
	return right{p.C.Data[lo*ldc:], ldc, b, 0, p.C.Cols, some}
}

func columnsOf(m Matrix, from, to int) Matrix {
	return Matrix{Data: m.Data[from:], Rows: m.Rows, Cols: to - from, Stride: m.stride()}
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
		if from, to := max(lo, first), min(hi, first+n); from < to {
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
	d.several(a, products)
}

func (d *Device) group(a Matrix, products []Product) {
	t := &d.tasks.group
	t.level, t.a, t.list, t.panels, t.columns = d.level, a, products, t.panels[:0], a.Rows <= columnRows
	total, count := 0, 0
	for _, p := range products {
		total += d.level.panelFloats(p.C.Cols, a.Cols)
	}
	buffer := d.scratch(0, total)
	for _, p := range products {
		n := d.level.panelFloats(p.C.Cols, a.Cols)
		b := d.level.panelsIn(buffer[:n], a.Cols)
		buffer = buffer[n:]
		t.panels = append(t.panels, b)
		count += b.count(p.C.Cols)
	}
	d.tasks.groupPack.groupTask = t
	d.pool.run(&d.tasks.groupPack, count, 2)
	if t.columns {
		d.pool.run(t, count, max(1, count/(4*d.Threads())))
	} else {
		t.cuts = d.cut(a.Rows)
		d.pool.run(t, t.cuts.count(), 1)
	}
	t.a, t.list = Matrix{}, nil
	clear(t.panels)
}

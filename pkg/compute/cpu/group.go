package cpu

import "fmt"

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
	for i, block := range t.blocks[from:to] {
		w.soon = t.next(from+i, len(t.sides))
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
		t.finish(block)
		t.sides[w.index] = sides
	}
	w.soon = stream{}
}

// finish activates what a block has computed, where that is wanted.
func (t *groupTask) finish(block block) {
	first := 0
	for i, p := range t.list {
		b := t.panels[i]
		n := b.count(p.C.Cols)
		if lo, hi := max(block.panel, first), min(block.panel+block.panels, first+n); lo < hi && p.Epilogue.Activation != Identity {
			from, to := (lo-first)*b.width, min((hi-first)*b.width, p.C.Cols)
			p.Epilogue.columns(from, to).finish(t.level, columnsOf(p.C, from, to), block.row, block.row+block.rows)
		}
		first += n
	}
}

// next is what a worker reads after block i, if the workers take turns.
func (t *groupTask) next(i, workers int) stream {
	if i+workers >= len(t.blocks) || t.blocks[i+workers].row == t.blocks[i].row {
		return stream{}
	}
	b := t.blocks[i+workers]
	return t.a.from(b.row).stream(b.rows, t.k, t.level.width())
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
	if e.Before.Data != nil {
		e.Before = columnsOf(e.Before, from, to)
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
	t.level, t.list, t.panels = d.level, products, t.panels[:0]
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
	d.together(rowsOf(a), a.Rows, a.Cols)
}

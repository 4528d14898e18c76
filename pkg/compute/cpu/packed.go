package cpu

import "unsafe"

// packedTask is some products with packed weights; its ranges are panels counted through all of them, so each worker reads
// its part of the weights once. Every row of a result is the same bits whatever rows stand beside it: each value is summed in
// order of the depth, depthBlock by depthBlock.
type packedTask struct {
	level Level
	a     Matrix
	list  []Product
	rest  []Product // those whose weights are not packed
}

// several does the products of one left-hand side.
func (d *Device) several(a Matrix, products []Product) {
	t := &d.tasks.several
	t.level, t.a = d.level, a
	count := 0
	for _, p := range products {
		if p.Packed == nil {
			t.rest = append(t.rest, p)
			continue
		}
		t.list = append(t.list, p)
		count += p.Packed.count()
	}
	if a.Rows > 0 {
		d.pool.run(t, count, t.share(count, d.Threads()))
	}
	if len(t.rest) > 0 {
		d.group(a, t.rest)
	}
	clear(t.list)
	clear(t.rest)
	t.a, t.list, t.rest = Matrix{}, t.list[:0], t.rest[:0]
}

// share is how many panels a range has: a few ranges for each worker, but not fewer than a kernel takes at once.
func (t *packedTask) share(count, workers int) int {
	together := t.level.fewPanels(t.a.Rows)
	if count < together*workers {
		together = 1
	}
	n := max(1, count/(4*workers))
	return (n + together - 1) / together * together
}

func (t *packedTask) part(w *worker, lo, hi int) {
	first := 0
	for _, p := range t.list {
		n := p.Packed.count()
		if from, to := max(lo, first), min(hi, first+n); from < to {
			t.columns(w, p, from-first, to-first)
		}
		first += n
	}
}

// columns multiplies with panels from to to of a weight.
func (t *packedTask) columns(w *worker, p Product, from, to int) {
	width := t.level.width()
	j, end := from*width, min(to*width, p.C.Cols)
	c := columnsOf(p.C, j, end)
	epilogue := p.Epilogue.columns(j, end)
	s := sums{c: c.Data, ldc: c.stride(), cols: c.Cols, accumulate: epilogue.start(t.level, c, 0, c.Rows)}
	if t.a.Cols == 0 && !s.accumulate {
		for r := range c.Rows {
			clear(c.row(r))
		}
	}
	together := manyPanels
	if t.level.direct(p.Packed, t.a.Rows) {
		together = t.level.fewPanels(t.a.Rows)
	}
	for n := from; n < to; n += together {
		here := s.from((n-from)*width, together*width)
		for k := 0; k < t.a.Cols; k += depthBlock {
			t.block(w, p.Packed, n, k, here)
			here.accumulate = true
		}
	}
	epilogue.finish(t.level, c, 0, c.Rows)
}

// sums is where products go: some columns of C.
type sums struct {
	c          []float32
	ldc, cols  int
	accumulate bool
}

// from is n columns from j on, or what there is of them.
func (s sums) from(j, n int) sums {
	s.c, s.cols = s.c[j:], min(n, s.cols-j)
	return s
}

// block adds the products of all rows with depthBlock values from k on of the panels from n on.
func (t *packedTask) block(w *worker, p *Packed, n, k int, s sums) {
	a := t.a.Data[k:]
	deep := min(depthBlock, t.a.Cols-k)
	b := side{p.format, p.data[p.offset(n, k):], p.step}
	if t.level.direct(p, t.a.Rows) {
		t.level.few(w, a, t.a.stride(), t.a.Rows, deep, b, s)
		return
	}
	r := right{depth: k, n: s.cols, ldc: s.ldc, accumulate: s.accumulate}
	if p.format.integer() {
		b = p.widePanels(w, n, k, deep, s.cols)
		r.b, r.depth = panels{data: b.data, width: t.level.width(), depth: deep, apart: t.level.width(), step: b.step}, 0
	} else {
		r.b = p.panels().from(n * t.level.width())
	}
	tile := t.level.rows()
	for i := 0; i < t.a.Rows; i += blockTiles * tile {
		rows := min(blockTiles*tile, t.a.Rows-i)
		last := rows % tile
		if last > fewest || t.level == Portable {
			last = 0 // the tiles add in order
		}
		from := a[i*t.a.stride():]
		r.c = s.c[i*s.ldc:]
		t.level.product(w, operand{data: from, tile: t.a.stride(), row: t.a.stride(), depth: 1}, rows-last, deep, r)
		if last > 0 {
			at := rows - last
			t.level.few(w, from[at*t.a.stride():], t.a.stride(), last, deep, b, sums{r.c[at*s.ldc:], s.ldc, s.cols, s.accumulate})
		}
	}
}

// manyPanels is how many panels are widened before all rows are multiplied with them: the second-level cache holds them.
const manyPanels = 4

// fewest is the number of rows up to which a tile has several sums for each value, in turns.
const fewest = 3

// side is some packed panels, step floats apart, from one depth on.
type side struct {
	format Format
	data   []float32
	step   int
}

// widePanels widens the panels of some columns, n values deep from k on.
func (p *Packed) widePanels(w *worker, panel, k, n, cols int) side {
	const line = 16 // panels do not start at the same set of the caches
	count, step := (cols+p.level.width()-1)/p.level.width(), p.widened(n)+line
	wide := w.floats(0, count*step)
	for i := range count {
		p.widen(wide[i*step:], panel+i, k, n)
	}
	return side{Float32, wide, step}
}

// direct says whether there are kernels for products of a few rows with such weights.
func (l Level) direct(p *Packed, rows int) bool {
	return l != Portable && rows <= len(fewKernels[l-AVX2][p.format]) && (!p.format.integer() || p.cols%groupDepth == 0)
}

// fewPanels is how many panels a kernel for that many rows takes at once.
func (l Level) fewPanels(rows int) int {
	if l != Portable && rows == 1 || l == AVX512 && rows <= fewest {
		return 2
	}
	return 1
}

// few multiplies a few rows with panels, k values deep.
func (l Level) few(w *worker, a []float32, lda, rows, k int, b side, s sums) {
	width, together := l.width(), l.fewPanels(rows)
	kernels := fewKernels[l-AVX2][b.format][rows-1]
	const size = unsafe.Sizeof(float32(0))
	_ = a[(rows-1)*lda+k-1]
	for j := 0; j < s.cols; {
		n := together
		if j+n*width > s.cols {
			n = 1
		}
		at, c, ldc, add := b.data[j/width*b.step:], s.c[j:], s.ldc, s.accumulate
		if j+width > s.cols { // the last panel, of which not all columns exist
			c, ldc, add = w.floats(3, rows*width), width, false
		}
		acc := uintptr(0)
		if add {
			acc = 1
		}
		_, _ = at[(n-1)*b.step], c[(rows-1)*ldc+n*width-1]
		kernels[n-1](&a[0], uintptr(lda)*size, &at[0], uintptr(b.step)*size, &c[0], uintptr(ldc)*size, uintptr(k), acc)
		if j+width > s.cols {
			for r := range rows {
				to, from := s.c[r*s.ldc+j:r*s.ldc+s.cols], c[r*width:]
				if !s.accumulate {
					copy(to, from)
					continue
				}
				for i := range to {
					to[i] += from[i]
				}
			}
		}
		j += n * width
	}
}

// fewKernel is the assembly for a few rows and panels: see its documentation there.
type fewKernel func(a *float32, rowStride uintptr, b *float32, step uintptr, c *float32, cStride, k, accumulate uintptr)

// The kernels for few rows, by level, format, rows less one, and one or two panels.
var fewKernels = [...][4][][2]fewKernel{
	{
		{{few1x1AVX2, few1x2AVX2}, {few2x1AVX2}, {few3x1AVX2}, {few4x1AVX2}},
		{{few1x1HalfAVX2, few1x2HalfAVX2}, {few2x1HalfAVX2}, {few3x1HalfAVX2}, {few4x1HalfAVX2}},
		{{few1x1Int8AVX2, few1x2Int8AVX2}, {few2x1Int8AVX2}, {few3x1Int8AVX2}, {few4x1Int8AVX2}},
		{{few1x1Int4AVX2, few1x2Int4AVX2}, {few2x1Int4AVX2}, {few3x1Int4AVX2}, {few4x1Int4AVX2}},
	},
	{
		{
			{few1x1AVX512, few1x2AVX512}, {few2x1AVX512, few2x2AVX512}, {few3x1AVX512, few3x2AVX512},
			{few4x1AVX512}, {few5x1AVX512}, {few6x1AVX512}, {few7x1AVX512}, {few8x1AVX512},
		},
		{
			{few1x1HalfAVX512, few1x2HalfAVX512}, {few2x1HalfAVX512, few2x2HalfAVX512}, {few3x1HalfAVX512, few3x2HalfAVX512},
			{few4x1HalfAVX512}, {few5x1HalfAVX512}, {few6x1HalfAVX512}, {few7x1HalfAVX512}, {few8x1HalfAVX512},
		},
		{
			{few1x1Int8AVX512, few1x2Int8AVX512}, {few2x1Int8AVX512, few2x2Int8AVX512}, {few3x1Int8AVX512, few3x2Int8AVX512},
			{few4x1Int8AVX512}, {few5x1Int8AVX512}, {few6x1Int8AVX512}, {few7x1Int8AVX512}, {few8x1Int8AVX512},
		},
		{
			{few1x1Int4AVX512, few1x2Int4AVX512}, {few2x1Int4AVX512, few2x2Int4AVX512}, {few3x1Int4AVX512, few3x2Int4AVX512},
			{few4x1Int4AVX512}, {few5x1Int4AVX512}, {few6x1Int4AVX512}, {few7x1Int4AVX512}, {few8x1Int4AVX512},
		},
	},
}

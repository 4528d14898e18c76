package cpu

import (
	"math"
	"unsafe"
)

// depthBlock is how deep one pass over the panels goes: a panel's slice then stays in the first-level cache. A weight
// gradient is deep and its result large, so there it pays to read the panels from the second level instead and to go
// over the result less often.
const (
	depthBlock     = 256
	depthBlockDeep = 1024
)

// right is one right-hand side of a product, and where the result goes: C (m × n, row length ldc) = or += A · B, with B
// in panels.
type right struct {
	c          []float32
	ldc        int
	b          panels
	depth      int // the row of b that meets the first column of A
	n          int
	accumulate bool
}

// product is the serial core of every matrix product: it multiplies A (m × k) with each of some right-hand sides.
// Partial sums along the depth are added block by block, always in the same order.
func (l Level) product(w *worker, a operand, m, k int, sides ...right) {
	if m == 0 {
		return
	}
	widest := 0
	for _, s := range sides {
		widest = max(widest, s.n)
		if s.n > 0 {
			_ = s.c[(m-1)*s.ldc+s.n-1]
		}
		if k == 0 && !s.accumulate {
			for r := range m {
				clear(s.c[r*s.ldc : r*s.ldc+s.n])
			}
		}
	}
	if k == 0 {
		return
	}
	rows := l.rows()
	last := (m - 1) / rows * rows
	_ = a.data[last*a.tile+(m-1-last)*a.row+(k-1)*a.depth]
	deep := depthBlock
	if a.depth != 1 {
		deep = depthBlockDeep
	}
	for k0 := 0; k0 < k; k0 += deep {
		kn := min(deep, k-k0)
		block := blockOf(a, k0)
		if widest >= stripColumns {
			block.whole = l.strips(w, block.whole, m, kn)
		}
		for _, s := range sides {
			l.columns(w, block, s, m, k0, kn)
		}
	}
}

// columns multiplies one block of the depth with one right-hand side.
func (l Level) columns(w *worker, block block, s right, m, k0, k int) {
	acc, width := s.accumulate || k0 > 0, l.width()
	for j := 0; j < s.n; j += width {
		panel := panel{half: s.b.half}
		panel.data, panel.apart = s.b.at(j/width, s.depth+k0, k)
		panel.ahead = panel.data
		if j+width > s.n {
			l.edge(w, s.c[j:], s.ldc, block, panel, m, s.n-j, k, acc)
			continue
		}
		if j+width < s.n {
			panel.ahead, _ = s.b.at(j/width+1, s.depth+k0, k)
		}
		l.tiles(s.c[j:], s.ldc, block, panel, m, k, acc)
	}
}

// panel is some rows of a panel, apart floats from one to the next, and what to fetch meanwhile: the next panel's.
type panel struct {
	data  []float32
	apart int
	half  bool
	ahead []float32
}

// block is a left-hand side from one depth on: its whole tiles, perhaps packed, and the rest below them as it was.
type block struct{ whole, rest operand }

func blockOf(a operand, k0 int) block {
	a.data = a.data[k0*a.depth:]
	return block{a, a}
}

// at is the operand that holds row i, the first of a tile of rows, and where that row starts.
func (b block) at(i, rows, tile int) (operand, []float32) {
	a := b.whole
	if rows < tile {
		a = b.rest
	}
	return a, a.data[i*a.tile:]
}

// stripColumns is the number of columns of C from which packing a left-hand side pays.
const stripColumns = 48

// strips packs the whole tiles of the first k columns of a matrix as it is, so that a tile reads its rows from one line
// of the cache after another. With rows far apart, two broadcasts a cycle often meet in the same bank of the
// first-level cache, and rows a multiple of 2 KiB apart push each other out of it: BenchmarkTile has half the speed there.
// AVX-512 has a broadcast for twice as many products and needs it less.
func (l Level) strips(w *worker, a operand, m, k int) operand {
	rows := l.rows()
	whole := m / rows * rows
	if l != AVX2 || a.depth != 1 || whole == 0 {
		return a
	}
	const slack = 2 // the last store of each strip reaches this far into the next
	packed := w.floats(4, whole*k+slack)
	for i := 0; i < whole; i += rows {
		turn(packed[i*k:], rows, a.data[i*a.tile:], a.row, rows, k)
	}
	return operand{packed, k, 1, rows}
}

// tiles computes m rows of one whole panel.
func (l Level) tiles(c []float32, ldc int, b block, panel panel, m, k int, accumulate bool) {
	rows := l.rows()
	if full := m / rows; full > 0 {
		l.tile(c, ldc, b.whole, b.whole.data, panel, rows, k, accumulate, full)
	}
	if rest := m % rows; rest > 0 {
		i := m - rest
		l.tile(c[i*ldc:], ldc, b.rest, b.rest.data[i*b.rest.tile:], panel, rest, k, accumulate, 1)
	}
}

// edge computes m rows of the last panel, of which only n columns exist, through a whole tile beside C.
func (l Level) edge(w *worker, c []float32, ldc int, b block, panel panel, m, n, k int, accumulate bool) {
	width, rows := l.width(), l.rows()
	beside := w.floats(3, rows*width)
	for i := 0; i < m; i += rows {
		here := min(rows, m-i)
		a, from := b.at(i, here, rows)
		l.tile(beside, width, a, from, panel, here, k, false, 1)
		for r := range here {
			to, from := c[(i+r)*ldc:(i+r)*ldc+n], beside[r*width:r*width+n]
			if !accumulate {
				copy(to, from)
				continue
			}
			for q, v := range from {
				to[q] += v
			}
		}
	}
}

// tile computes count groups of m ≤ rows() rows and width() columns of C; from is where the first group starts in a.
// Meanwhile it fetches what comes next into the second-level cache.
func (l Level) tile(c []float32, ldc int, a operand, from []float32, b panel, m, k int, accumulate bool, count int) {
	if l == Portable {
		for i := range count {
			tilePortable(c[i*m*ldc:], ldc, from[i*m*a.tile:], a.row, a.depth, b, m, k, accumulate)
		}
		return
	}
	acc := uintptr(0)
	if accumulate {
		acc = 1
	}
	const size = unsafe.Sizeof(float32(0))
	ap, bp, cp, np, n := &from[0], &b.data[0], &c[0], &b.ahead[0], uintptr(count)
	ts, rs, ks, bs, cs, kn := uintptr(m*a.tile)*size, uintptr(a.row)*size, uintptr(a.depth)*size, uintptr(b.apart)*size, uintptr(ldc)*size, uintptr(k)
	tiles := tilesAVX2[:]
	if l == AVX512 {
		tiles = tilesAVX512[:]
	}
	kernel := tiles[m-1].whole
	if b.half {
		kernel = tiles[m-1].half
	}
	kernel(ap, ts, rs, ks, bp, bs, cp, cs, kn, acc, n, np)
}

// tileKernel is the assembly of one tile: see its documentation there.
type tileKernel func(a *float32, tileStride, rowStride, depthStride uintptr, b *float32, bStride uintptr, c *float32, cStride, k, accumulate, count uintptr, ahead *float32)

// The tiles by number of rows, less one, for panels of float32 and of bfloat16.
var (
	tilesAVX2 = [...]struct{ whole, half tileKernel }{
		{tile1AVX2, tile1HalfAVX2}, {tile2AVX2, tile2HalfAVX2}, {tile3AVX2, tile3HalfAVX2},
		{tile4AVX2, tile4HalfAVX2}, {tile5AVX2, tile5HalfAVX2}, {tile6AVX2, tile6HalfAVX2},
	}
	tilesAVX512 = [...]struct{ whole, half tileKernel }{
		{tile1AVX512, tile1HalfAVX512}, {tile2AVX512, tile2HalfAVX512}, {tile3AVX512, tile3HalfAVX512},
		{tile4AVX512, tile4HalfAVX512}, {tile5AVX512, tile5HalfAVX512}, {tile6AVX512, tile6HalfAVX512},
		{tile7AVX512, tile7HalfAVX512}, {tile8AVX512, tile8HalfAVX512}, {tile9AVX512, tile9HalfAVX512},
		{tile10AVX512, tile10HalfAVX512}, {tile11AVX512, tile11HalfAVX512}, {tile12AVX512, tile12HalfAVX512},
	}
)

// tilePortable is the tile in plain Go: one row of sums at a time, which the compiler keeps in registers best.
func tilePortable(c []float32, ldc int, a []float32, row, depth int, b panel, m, k int, accumulate bool) {
	const width = 16
	for i := range m {
		var sums [width]float32
		for p := range k {
			x := a[i*row+p*depth]
			if b.half {
				for j, pair := range b.data[p*b.apart:][:width/2] {
					bits := math.Float32bits(pair)
					sums[2*j] += x * math.Float32frombits(bits<<16)
					sums[2*j+1] += x * math.Float32frombits(bits&0xffff0000)
				}
				continue
			}
			for j, v := range b.data[p*b.apart:][:width] {
				sums[j] += x * v
			}
		}
		out := c[i*ldc : i*ldc+width]
		for j := range out {
			if accumulate {
				out[j] += sums[j]
			} else {
				out[j] = sums[j]
			}
		}
	}
}

package cpu

import (
	"math"
	"unsafe"
)

const (
	// depthBlock is how deep one pass over a panel goes: its slice then stays in the first-level cache.
	depthBlock = 256
	// depthReach is how deep a range of rows of A is multiplied with panel after panel before it goes on: it then stays in
	// the second-level cache, and a tile of C in the first while the blocks of its panel pass.
	depthReach = 1024
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
	if a.far {
		_ = a.data[(k-1)*a.depth+m-1]
	} else {
		last := (m - 1) / l.rows() * l.rows()
		_ = a.data[last*a.tile+(m-1-last)*a.row+(k-1)*a.depth]
	}
	if rest := w.soon.left(); rest > 0 { // so late that all of it comes in time
		room := 0
		for _, s := range sides {
			room += s.b.count(s.n) * max(0, m/l.rows()-aheadTiles) * k / deepRound
		}
		w.soon.wait = room - room/8 - rest
	}
	for k0 := 0; k0 < k; k0 += depthReach {
		kn := min(depthReach, k-k0)
		left := l.left(w, a.deeper(k0), m, kn, widest)
		for _, s := range sides {
			l.columns(w, left, s, m, k0, kn)
		}
	}
}

// columns multiplies k columns of A with one right-hand side, from depth k0 on.
func (l Level) columns(w *worker, left left, s right, m, k0, k int) {
	width := l.width()
	for j := 0; j < s.n; j += width {
		for d := 0; d < k; d += depthBlock {
			kn, acc := min(depthBlock, k-d), s.accumulate || k0+d > 0
			panel := panel{half: s.b.half, pairs: s.b.pairs}
			panel.data, panel.apart = s.b.at(j/width, s.depth+k0+d, kn)
			switch { // what comes next
			case d+kn < k:
				panel.ahead.data, panel.ahead.apart = s.b.at(j/width, s.depth+k0+d+kn, 1)
			case j+width < s.n:
				panel.ahead.data, panel.ahead.apart = s.b.at(j/width+1, s.depth+k0, 1)
			default:
				panel.ahead = far{panel.data, panel.apart}
			}
			if j+width > s.n {
				l.edge(w, s.c[j:], s.ldc, left.deeper(d), panel, m, s.n-j, kn, acc)
				continue
			}
			l.tiles(w, s.c[j:], s.ldc, left.deeper(d), panel, m, kn, acc)
		}
	}
}

// panel is some rows of a panel, apart floats from one to the next, and what to fetch meanwhile: the rows of the next.
type panel struct {
	data  []float32
	apart int
	half  bool
	pairs bool
	slim  bool // only the first half of its columns exist
	ahead far
}

// far is memory to fetch in rows of a panel's width, apart floats from one to the next.
type far struct {
	data  []float32
	apart int
}

// A tile fetches a row of what comes next each deepRound steps along the depth, so a slice of a panel takes aheadTiles.
const (
	deepRound  = 4
	aheadTiles = deepRound
)

// stream is memory that is fetched a few rows at a time while other work goes on: the rows of A that a worker will
// probably multiply next. Each pass over its rows fetches a panel's width of them.
type stream struct {
	data                []float32
	apart, rows, passes int
	width               int
	row, pass           int
	wait                int // rows to let go by first
}

func (s *stream) left() int { return (s.passes-s.pass)*s.rows - s.row }

// next is where the next n rows are, if it is time for them.
func (s *stream) next(n int) (far, bool) {
	if s.left() <= 0 || n <= 0 {
		return far{}, false
	}
	if s.wait > 0 {
		s.wait -= n
		return far{}, false
	}
	out := far{s.data[s.pass*s.width+s.row*s.apart:], s.apart}
	if s.row += n; s.row >= s.rows {
		s.row, s.pass = 0, s.pass+1
	}
	return out, true
}

// stream is the first m rows and k columns of an operand, columns of a panel's width.
func (a operand) stream(m, k, width int) stream {
	k = min(k, depthReach)
	switch {
	case a.far:
		return stream{data: a.data, apart: a.depth, rows: k, passes: m / width, width: width}
	case a.row == a.tile && a.row == k: // one piece of memory
		return stream{data: a.data, apart: width, rows: m * k / width, passes: 1, width: width}
	}
	return stream{}
}

// left is a left-hand side as the tiles read it: its whole tiles, perhaps packed, and the rest below them.
type left struct{ whole, rest operand }

func (a left) deeper(k int) left { return left{a.whole.deeper(k), a.rest.deeper(k)} }

// at is the operand that holds row i, the first of a tile of rows, and where that row starts.
func (a left) at(i, rows, tile int) (operand, []float32) {
	o := a.whole
	if rows < tile {
		o = a.rest
	}
	return o, o.data[i*o.tile:]
}

// stripColumns is the number of columns of C from which packing a left-hand side pays.
const stripColumns = 48

// left lays out m rows and k columns of A. On AVX2 both sides are packed: with rows far apart, two broadcasts a cycle
// often meet in the same bank of the first-level cache, and rows a multiple of 2 KiB apart push each other out of it:
// BenchmarkTile has half the speed there. AVX-512 has a broadcast for twice as many products and needs no strips, but
// rows of a transposed matrix that are far apart must come together too, for the caches and for the translation of addresses.
func (l Level) left(w *worker, a operand, m, k, columns int) left {
	turn := l == AVX2 && a.depth == 1 && columns >= stripColumns && m >= l.rows()
	if !turn && !a.far {
		return left{a, a}
	}
	is := laid{run: a.run, data: &a.data[0], m: m, k: k}
	if a.run != 0 && w.laid.run == is.run && w.laid.data == is.data && w.laid.m == m && w.laid.k == k {
		return w.laid.left
	}
	switch {
	case turn:
		is.left = left{l.turned(w, a, m, k), a}
	case l == AVX2:
		s := l.stripsIn(w.floats(4, l.stripFloats(m, k)), k)
		s.fill(l, Matrix{Data: a.data, Rows: k, Cols: m, Stride: a.depth}, 0, k)
		is.left = left{s.operand(), s.operand()}
	default:
		packed := w.floats(4, m*k)
		for i := range k {
			copy(packed[i*m:(i+1)*m], a.data[i*a.depth:])
		}
		o := operand{data: packed, tile: 1, row: 1, depth: m}
		is.left = left{o, o}
	}
	w.laid = is
	return is.left
}

// laid is what a worker has laid out last, and of what: m rows and k columns from data on, for one product.
type laid struct {
	run  uint64
	data *float32
	m, k int
	left left
}

// turned packs the whole tiles of the first k columns of a matrix as it is into strips.
func (l Level) turned(w *worker, a operand, m, k int) operand {
	rows := l.rows()
	whole := m / rows * rows
	const slack = 2 // the last store of each strip reaches this far into the next
	packed := w.floats(4, whole*k+slack)
	for i := 0; i < whole; i += rows {
		turn(packed[i*k:], rows, a.data[i*a.tile:], a.row, rows, k)
	}
	return operand{data: packed, tile: k, row: 1, depth: rows}
}

// tiles computes m rows of one whole panel.
func (l Level) tiles(w *worker, c []float32, ldc int, a left, panel panel, m, k int, accumulate bool) {
	rows := l.rows()
	full := m / rows
	if full > aheadTiles && !panel.half { // the first tiles have fetched the next panel
		if soon, ok := w.soon.next((full - aheadTiles) * k / deepRound); ok {
			l.tile(c, ldc, a.whole, a.whole.data, panel, rows, k, accumulate, aheadTiles)
			i, then := aheadTiles*rows, panel
			then.ahead = soon
			l.tile(c[i*ldc:], ldc, a.whole, a.whole.data[i*a.whole.tile:], then, rows, k, accumulate, full-aheadTiles)
			full = 0
		}
	}
	if full > 0 {
		l.tile(c, ldc, a.whole, a.whole.data, panel, rows, k, accumulate, full)
	}
	if rest := m % rows; rest > 0 {
		i := m - rest
		l.tile(c[i*ldc:], ldc, a.rest, a.rest.data[i*a.rest.tile:], panel, rest, k, accumulate, 1)
	}
}

// edge computes m rows of the last panel, of which only n columns exist, through a whole tile beside C.
func (l Level) edge(w *worker, c []float32, ldc int, a left, panel panel, m, n, k int, accumulate bool) {
	width, rows := l.width(), l.rows()
	beside := w.floats(3, rows*width)
	panel.slim = l == AVX512 && n <= l.lanes() && !panel.half && !panel.pairs
	for i := 0; i < m; i += rows {
		here := min(rows, m-i)
		o, from := a.at(i, here, rows)
		l.tile(beside, width, o, from, panel, here, k, false, 1)
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
	ap, bp, cp, np, n := &from[0], &b.data[0], &c[0], &b.ahead.data[0], uintptr(count)
	ts, rs, ks, bs, cs, kn := uintptr(m*a.tile)*size, uintptr(a.row)*size, uintptr(a.depth)*size, uintptr(b.apart)*size, uintptr(ldc)*size, uintptr(k)
	tiles := tilesAVX2[:]
	if l == AVX512 {
		tiles = tilesAVX512[:]
	}
	kernel := tiles[m-1].whole
	switch {
	case b.half:
		kernel = tiles[m-1].half
	case b.pairs:
		kernel = tilesBF16[m-1]
	case b.slim:
		kernel = tilesSlim[m-1]
	}
	kernel(ap, ts, rs, ks, bp, bs, cp, cs, kn, acc, n, np, uintptr(b.ahead.apart)*size)
}

// tileKernel is the assembly of one tile: see its documentation there.
type tileKernel func(a *float32, tileStride, rowStride, depthStride uintptr, b *float32, bStride uintptr, c *float32, cStride, k, accumulate, count uintptr, ahead *float32, aheadStride uintptr)

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

// The tiles of a panel of which half would be empty, on AVX-512.
var tilesSlim = [...]tileKernel{
	tile1SlimAVX512, tile2SlimAVX512, tile3SlimAVX512, tile4SlimAVX512, tile5SlimAVX512, tile6SlimAVX512,
	tile7SlimAVX512, tile8SlimAVX512, tile9SlimAVX512, tile10SlimAVX512, tile11SlimAVX512, tile12SlimAVX512,
}

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

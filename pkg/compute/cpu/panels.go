package cpu

import "unsafe"

// panels is a right-hand side as the tiles read it: groups of width columns, each row of a group in one piece. Packed, all
// rows of a group follow one another, zeros beyond the last column, and there is room for one row more than the depth, so that
// panels do not start at the same set of the caches: packing writes to all of them in turn. Or the panels are columns of a
// matrix as it is (see asItIs).
type panels struct {
	data         []float32
	width, depth int
	apart, step  int       // floats from a row to the next, and from a panel to the next
	pairs        bool      // two values of bfloat16 along the depth in the place of one, for products in bfloat16
	half         bool      // two values of bfloat16 in the place of one, the first in the lower bits
	whole        int       // of a matrix as it is: the panels before the one in rest
	rest         []float32 // of a matrix as it is: its last columns, fewer than width, packed; nil where there are none
}

// row is how many floats a row of a panel takes.
func (b panels) row() int {
	if b.half {
		return b.width / 2
	}
	return b.width
}

// panelFloats is the size of n columns of the given depth, packed.
func (l Level) panelFloats(n, depth int) int {
	return (n + l.width() - 1) / l.width() * l.width() * (depth + 1)
}

// panelsIn are panels of the given depth in a buffer of panelFloats.
func (l Level) panelsIn(buffer []float32, depth int) panels {
	return panels{data: buffer, width: l.width(), depth: depth, apart: l.width(), step: (depth + 1) * l.width()}
}

// halved are the same panels for values of bfloat16.
func (b panels) halved() panels {
	b.half, b.apart, b.step = true, b.apart/2, b.step/2
	return b
}

// asItIs are the columns of a matrix (depth × n) in place, but for the last ones where they are no whole panel: those are
// packed into rest, which has room for a panel. Only AVX-512 multiplies so at full speed: it does twice as much with what it
// reads, so the second-level cache keeps up.
func (l Level) asItIs(src Matrix, rest []float32) panels {
	b := panels{data: src.Data, width: l.width(), depth: src.Rows, apart: src.stride(), step: l.width(), whole: src.Cols / l.width()}
	if n := src.Cols - b.whole*b.width; n > 0 {
		b.rest = rest[:b.depth*b.width]
		for k := range b.depth {
			to := b.rest[k*b.width : (k+1)*b.width]
			clear(to[copy(to, src.Data[k*b.apart+b.whole*b.width:][:n]):])
		}
	}
	return b
}

// at is panel p from row k on, n rows, and how far they are apart.
func (b panels) at(p, k, n int) ([]float32, int) {
	if b.rest != nil && p == b.whole {
		return b.rest[k*b.width:][:n*b.width], b.width
	}
	start := p*b.step + k*b.apart
	return b.data[start:][:(n-1)*b.apart+b.row()], b.apart
}

// packed is row k of panel p and n rows on, of panels that are packed.
func (b panels) packed(p, k, n int) []float32 {
	start := p*b.step + k*b.apart
	return b.data[start : start+n*b.apart]
}

// from are the panels from column j on, j a multiple of width.
func (b panels) from(j int) panels {
	p := j / b.width
	b.data = b.data[min(p*b.step, len(b.data)):]
	b.whole -= p
	return b
}

// packTask packs ranges of rows, or ranges of panels of the transpose.
type packTask struct {
	level     Level
	src       Matrix
	dst       panels
	transpose bool
	scale     float32
}

func (t *packTask) part(_ *worker, lo, hi int) {
	if t.transpose {
		t.dst.fillT(t.level, t.src, lo, hi)
		t.dst.scaleRows(t.level, t.scale, lo, hi, 0, t.dst.depth)
		return
	}
	t.dst.fill(t.level, t.src, lo, hi)
	t.dst.scaleRows(t.level, t.scale, 0, t.dst.count(t.src.Cols), lo, hi)
}

// count is how many panels n columns take.
func (b panels) count(n int) int { return (n + b.width - 1) / b.width }

// fill packs rows lo to hi of src (depth × n).
func (b panels) fill(l Level, src Matrix, lo, hi int) {
	ld, whole := src.stride(), src.Cols/b.width
	for k := lo; k < hi; k++ {
		row := src.Data[k*ld : k*ld+src.Cols]
		p := 0
		if l != Portable && whole > 0 {
			const size = unsafe.Sizeof(float32(0))
			_ = b.packed(whole-1, k, 1)
			if step := uintptr(b.step) * size; l == AVX512 {
				panelsAVX512(&b.data[k*b.width], step, &row[0], uintptr(whole))
			} else {
				panelsAVX2(&b.data[k*b.width], step, &row[0], uintptr(whole))
			}
			p = whole
		}
		for ; p < b.count(src.Cols); p++ {
			to := b.packed(p, k, 1)
			clear(to[copy(to, row[p*b.width:]):])
		}
	}
}

// scaleRows multiplies rows k0 to k1 of panels lo to hi. A scaled product scales the smaller side, the packed one.
func (b panels) scaleRows(l Level, by float32, lo, hi, k0, k1 int) {
	if by == 1 {
		return
	}
	for p := lo; p < hi; p++ {
		x := b.packed(p, k0, k1-k0)
		l.scale(x, x, by)
	}
}

// fillT packs rows of src (n × depth), its transpose, into panels lo to hi.
func (b panels) fillT(l Level, src Matrix, lo, hi int) {
	ld := src.stride()
	for p := lo; p < hi; p++ {
		j := p * b.width
		n := min(b.width, src.Rows-j)
		out := b.packed(p, 0, b.depth)
		if n < b.width {
			clear(out)
		}
		q := 0
		for ; l != Portable && q+8 <= n; q += 8 {
			turn(out[q:], b.width, src.Data[(j+q)*ld:], ld, 8, b.depth)
		}
		for ; q < n; q++ {
			for k, v := range src.Data[(j+q)*ld:][:b.depth] {
				out[k*b.width+q] = v
			}
		}
	}
}

// turn writes the transpose of 6 or 8 rows, stride apart, of n values: value k of row i goes to dst[k·step+i]. Six rows
// write two values more, which the next k covers; dst must have room for them after the last. It needs AVX2.
func turn(dst []float32, step int, src []float32, stride, rows, n int) {
	blocks := n / 4
	if blocks > 0 {
		const size = unsafe.Sizeof(float32(0))
		_, _ = dst[(4*blocks-1)*step+7], src[(rows-1)*stride+4*blocks-1]
		if rows == 6 {
			turn6AVX2(&dst[0], uintptr(step)*size, &src[0], uintptr(stride)*size, uintptr(blocks))
		} else {
			turn8AVX2(&dst[0], uintptr(step)*size, &src[0], uintptr(stride)*size, uintptr(blocks))
		}
	}
	for k := 4 * blocks; k < n; k++ {
		for i := range rows {
			dst[k*step+i] = src[i*stride+k]
		}
	}
}

// farRows is the row length from which a matrix is packed: its rows are then a page apart, and every step along the depth
// would need another entry of the table that translates addresses.
const farRows = 1024

// along are the panels of a matrix (depth × n), in place where that is as fast, else packed into scratch number slot.
func (d *Device) along(slot int, src Matrix, scale float32) panels {
	if d.level == AVX512 && scale == 1 && src.stride() < farRows {
		return d.level.asItIs(src, d.scratch(slot, d.level.width()*src.Rows))
	}
	b := d.level.panelsIn(d.scratch(slot, d.level.panelFloats(src.Cols, src.Rows)), src.Rows)
	d.tasks.pack = packTask{d.level, src, b, false, scale}
	d.pool.run(&d.tasks.pack, src.Rows, packDepth)
	return b
}

// across are the panels of the transpose of a matrix (n × depth), packed into scratch number slot.
func (d *Device) across(slot int, src Matrix, scale float32) panels {
	b := d.level.panelsIn(d.scratch(slot, d.level.panelFloats(src.Rows, src.Cols)), src.Cols)
	d.tasks.pack = packTask{d.level, src, b, true, scale}
	d.pool.run(&d.tasks.pack, b.count(src.Rows), 2)
	return b
}

package cpu

import "unsafe"

// panels is a right-hand side packed for the tiles: for each group of width columns, all its rows one after another,
// width values each, zeros beyond the last column. The tile then reads it in order. There is room for one row more than
// the depth, so that panels do not start at the same set of the caches: packing writes to all of them in turn.
type panels struct {
	data               []float32
	width, depth, room int  // room is how many rows lie between the starts of two panels
	half               bool // two values of bfloat16 in the place of one, the first in the lower bits
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
	return panels{data: buffer, width: l.width(), depth: depth, room: depth + 1}
}

// at is panel p from row k on, n rows.
func (b panels) at(p, k, n int) []float32 {
	start := (p*b.room + k) * b.row()
	return b.data[start : start+n*b.row()]
}

// from are the panels from column j on, j a multiple of width.
func (b panels) from(j int) panels {
	b.data = b.data[j/b.width*b.room*b.row():]
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
			_ = b.at(whole-1, k, 1)
			if step := uintptr(b.room*b.width) * size; l == AVX512 {
				panelsAVX512(&b.data[k*b.width], step, &row[0], uintptr(whole))
			} else {
				panelsAVX2(&b.data[k*b.width], step, &row[0], uintptr(whole))
			}
			p = whole
		}
		for ; p < b.count(src.Cols); p++ {
			to := b.at(p, k, 1)
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
		x := b.at(p, k0, k1-k0)
		l.scale(x, x, by)
	}
}

// fillT packs rows of src (n × depth), its transpose, into panels lo to hi.
func (b panels) fillT(l Level, src Matrix, lo, hi int) {
	ld := src.stride()
	for p := lo; p < hi; p++ {
		j := p * b.width
		n := min(b.width, src.Rows-j)
		out := b.at(p, 0, b.depth)
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

func (d *Device) pack(slot int, src Matrix, scale float32) panels {
	b := d.level.panelsIn(d.scratch(slot, d.level.panelFloats(src.Cols, src.Rows)), src.Rows)
	d.tasks.pack = packTask{d.level, src, b, false, scale}
	d.pool.run(&d.tasks.pack, src.Rows, packDepth)
	return b
}

func (d *Device) packT(slot int, src Matrix, scale float32) panels {
	b := d.level.panelsIn(d.scratch(slot, d.level.panelFloats(src.Rows, src.Cols)), src.Cols)
	d.tasks.pack = packTask{d.level, src, b, true, scale}
	d.pool.run(&d.tasks.pack, b.count(src.Rows), 2)
	return b
}

package cpu

import "unsafe"

// panels is a right-hand side packed for the tiles: for each group of width columns, all its rows one after another,
// width values each, zeros beyond the last column. The tile then reads it in order.
type panels struct {
	data         []float32
	width, depth int
}

// at is panel p from row k on, n rows.
func (b panels) at(p, k, n int) []float32 {
	start := (p*b.depth + k) * b.width
	return b.data[start : start+n*b.width]
}

// packTask packs ranges of panels.
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
	} else {
		t.dst.fill(t.level, t.src, lo, hi)
	}
	t.dst.scaleRows(t.level, t.scale, lo, hi, 0, t.dst.depth)
}

// fill packs columns of src (depth × n) into panels lo to hi.
func (b panels) fill(l Level, src Matrix, lo, hi int) { b.fillRows(l, src, lo, hi, 0, src.Rows) }

// fillRows is fill for rows k0 to k1 only.
func (b panels) fillRows(l Level, src Matrix, lo, hi, k0, k1 int) {
	ld := src.stride()
	if k0 == k1 {
		return
	}
	for p := lo; p < hi; p++ {
		j := p * b.width
		n := min(b.width, src.Cols-j)
		out := b.at(p, k0, k1-k0)
		if l != Portable && n == b.width {
			_ = src.Data[(k1-1)*ld+j+n-1]
			stride := uintptr(ld) * unsafe.Sizeof(src.Data[0])
			if l == AVX512 {
				panelAVX512(&out[0], &src.Data[k0*ld+j], stride, uintptr(k1-k0))
			} else {
				panelAVX2(&out[0], &src.Data[k0*ld+j], stride, uintptr(k1-k0))
			}
			continue
		}
		for k := k0; k < k1; k++ {
			to := out[(k-k0)*b.width : (k-k0+1)*b.width]
			copy(to, src.Data[k*ld+j:k*ld+j+n])
			clear(to[n:])
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

// panelFloats is the size of n columns of the given depth, packed.
func (l Level) panelFloats(n, depth int) int {
	return (n + l.width() - 1) / l.width() * l.width() * depth
}

func (d *Device) pack(slot int, src Matrix, scale float32) panels {
	b := panels{d.scratch(slot, d.level.panelFloats(src.Cols, src.Rows)), d.level.width(), src.Rows}
	d.tasks.pack = packTask{d.level, src, b, false, scale}
	d.pool.run(&d.tasks.pack, (src.Cols+b.width-1)/b.width, 1)
	return b
}

func (d *Device) packT(slot int, src Matrix, scale float32) panels {
	b := panels{d.scratch(slot, d.level.panelFloats(src.Rows, src.Cols)), d.level.width(), src.Cols}
	d.tasks.pack = packTask{d.level, src, b, true, scale}
	d.pool.run(&d.tasks.pack, (src.Rows+b.width-1)/b.width, 1)
	return b
}

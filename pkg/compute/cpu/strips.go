package cpu

import "unsafe"

// strips is a transposed left-hand side packed for the tiles: for each group of rows() columns, all its rows one after
// another. A weight gradient sums over thousands of tokens; unpacked, every step of that sum would touch a new cache
// line for six values.
type strips struct {
	data        []float32
	rows, depth int
}

// fill packs rows lo to hi of src (depth × m) into all strips.
func (s strips) fill(l Level, src Matrix, lo, hi int) {
	ld, lanes := src.stride(), l.lanes()
	for j := 0; j < src.Cols; j += s.rows {
		n := min(s.rows, src.Cols-j)
		out := s.data[(j*s.depth + lo*s.rows):][:(hi-lo)*s.rows]
		k := lo
		if l != Portable && j+lanes <= src.Cols && hi-lo > 1 {
			// The last row is left to Go: its store would reach into what another worker packs.
			k = hi - 1
			_ = src.Data[(k-1)*ld+j+lanes-1]
			stride := uintptr(ld) * unsafe.Sizeof(src.Data[0])
			if l == AVX512 {
				stripAVX512(&out[0], &src.Data[lo*ld+j], stride, uintptr(k-lo))
			} else {
				stripAVX2(&out[0], &src.Data[lo*ld+j], stride, uintptr(k-lo))
			}
		}
		for ; k < hi; k++ {
			copy(out[(k-lo)*s.rows:(k-lo)*s.rows+n], src.Data[k*ld+j:])
		}
	}
}

// bothTask packs both sides of a weight gradient; its ranges are tokens.
type bothTask struct {
	level Level
	a, b  Matrix
	left  strips
	right panels
	scale float32
}

func (t *bothTask) part(_ *worker, lo, hi int) {
	t.left.fill(t.level, t.a, lo, hi)
	n := (t.b.Cols + t.right.width - 1) / t.right.width
	t.right.fillRows(t.level, t.b, 0, n, lo, hi)
	t.right.scaleRows(t.level, t.scale, 0, n, lo, hi)
}

// packBoth packs a (k × m) into strips and b (k × n) into panels.
func (d *Device) packBoth(a, b Matrix, scale float32) (operand, panels) {
	rows, k := d.level.rows(), a.Rows
	left := strips{d.scratch(4, (a.Cols+rows-1)/rows*rows*k+d.level.lanes()), rows, k}
	right := panels{d.scratch(0, d.level.panelFloats(b.Cols, k)), d.level.width(), k}
	t := &d.tasks.both
	*t = bothTask{d.level, a, b, left, right, scale}
	d.pool.run(t, k, packDepth)
	*t = bothTask{}
	return operand{left.data, k, 1, rows}, right
}

// packDepth is how many tokens one range packs: whole rows, so that memory is read in order, and few enough that they
// stay in the first-level cache while strip after strip is cut from them.
const packDepth = 64

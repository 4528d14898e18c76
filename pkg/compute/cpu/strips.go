package cpu

import "unsafe"

// strips is a transposed left-hand side packed for the tiles: for each group of rows() columns, all its rows one after
// another. A weight gradient sums over thousands of tokens; unpacked, every step of that sum would touch a new cache
// line for six values. As in panels, there is room for a little more than the depth.
type strips struct {
	data              []float32
	rows, depth, room int
}

// stripRoom is how many rows are left free between two strips.
const stripRoom = 4

func (l Level) stripFloats(m, depth int) int {
	return (m+l.rows()-1)/l.rows()*l.rows()*(depth+stripRoom) + l.lanes()
}

func (l Level) stripsIn(buffer []float32, depth int) strips {
	return strips{buffer, l.rows(), depth, depth + stripRoom}
}

// operand shows the strips to the tiles.
func (s strips) operand() operand { return operand{s.data, s.room, 1, s.rows} }

// fill packs rows lo to hi of src (depth × m) into all strips.
func (s strips) fill(l Level, src Matrix, lo, hi int) {
	ld := src.stride()
	// A register is wider than a strip's row: the last ones of a source row would read past its end.
	whole := 0
	if lanes := l.lanes(); l != Portable && src.Cols >= lanes {
		whole = (src.Cols-lanes)/s.rows + 1
	}
	for k := lo; k < hi; k++ {
		row := src.Data[k*ld : k*ld+src.Cols]
		j := 0
		if whole > 0 && k+1 < hi { // the last row is left to Go: its store would reach into what another worker packs
			const size = unsafe.Sizeof(float32(0))
			_ = s.data[(whole-1)*s.room*s.rows+k*s.rows+l.lanes()-1]
			if step := uintptr(s.room*s.rows) * size; l == AVX512 {
				stripsAVX512(&s.data[k*s.rows], step, &row[0], uintptr(whole))
			} else {
				stripsAVX2(&s.data[k*s.rows], step, &row[0], uintptr(whole))
			}
			j = whole
		}
		for ; j*s.rows < len(row); j++ {
			copy(s.data[(j*s.room+k)*s.rows:][:s.rows], row[j*s.rows:])
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
	t.right.fill(t.level, t.b, lo, hi)
	t.right.scaleRows(t.level, t.scale, 0, t.right.count(t.b.Cols), lo, hi)
}

// packBoth packs a (k × m) into strips and b (k × n) into panels.
func (d *Device) packBoth(a, b Matrix, scale float32) (operand, panels) {
	l, k := d.level, a.Rows
	left := l.stripsIn(d.scratch(4, l.stripFloats(a.Cols, k)), k)
	right := l.panelsIn(d.scratch(0, l.panelFloats(b.Cols, k)), k)
	t := &d.tasks.both
	*t = bothTask{l, a, b, left, right, scale}
	d.pool.run(t, k, packDepth)
	*t = bothTask{}
	return left.operand(), right
}

// packDepth is how many rows one range packs.
const packDepth = 64

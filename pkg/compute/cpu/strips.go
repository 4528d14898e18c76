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
func (s strips) operand() operand { return operand{data: s.data, tile: s.room, row: 1, depth: s.rows} }

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

// packDepth is how many rows one range packs.
const packDepth = 64

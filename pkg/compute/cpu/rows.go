package cpu

import (
	"math"
	"unsafe"
)

// The helpers below work on several short rows in one call of the assembly. Their Go loops are the portable level.

// edge masks scores at the ends of what a row sees: the smaller of a score and +∞ is the score.
var edge = func() (e [48]float32) {
	for i := range e {
		e[i] = float32(math.Inf(1 - i/16%2*2))
	}
	return e
}()

// softmaxRows makes exp(a·(score − largest)) of columns first to last of each row of s, zeros of its other columns up to
// n, and inverse one over their sum; each row sees one column more than the one before. n is a multiple of the lanes.
func (l Level) softmaxRows(s []float32, stride, n, first, last, rows int, inverse []float32, a float32) {
	_, _ = s[(rows-1)*stride+n-1], inverse[rows-1]
	const size = unsafe.Sizeof(float32(0))
	switch l {
	case AVX512:
		softmaxRowsAVX512(&s[0], uintptr(stride)*size, uintptr(n), uintptr(first), uintptr(last), uintptr(rows), &inverse[0], &edge[0], a)
		return
	case AVX2:
		softmaxRowsAVX2(&s[0], uintptr(stride)*size, uintptr(n), uintptr(first), uintptr(last), uintptr(rows), &inverse[0], &edge[0], a)
		return
	}
	for r := range rows {
		row := s[r*stride : r*stride+n]
		seen := row[first : last+r]
		m, sum := float32(math.Inf(-1)), float32(0)
		for _, v := range seen {
			if v > m {
				m = v
			}
		}
		for i, v := range seen {
			seen[i] = exp(a * (v - m))
			sum += seen[i]
		}
		clear(row[:first])
		clear(row[last+r:])
		inverse[r] = 1 / sum
	}
}

// softmaxBackRows does p = inverse·p and d = a·p·(d − delta) for rows of n, a multiple of the lanes, one after another.
func (l Level) softmaxBackRows(d, p []float32, n, rows int, inverse, delta []float32, a float32) {
	_, _, _, _ = d[rows*n-1], p[rows*n-1], inverse[rows-1], delta[rows-1]
	switch l {
	case AVX512:
		softmaxBackRowsAVX512(&d[0], &p[0], uintptr(n), uintptr(rows), &inverse[0], &delta[0], a)
		return
	case AVX2:
		softmaxBackRowsAVX2(&d[0], &p[0], uintptr(n), uintptr(rows), &inverse[0], &delta[0], a)
		return
	}
	for r := range rows {
		for i := r * n; i < (r+1)*n; i++ {
			p[i] *= inverse[r]
			d[i] = a * p[i] * (d[i] - delta[r])
		}
	}
}

// scaleRows multiplies each row of a matrix with a number of its own.
func (l Level) scaleRows(y Matrix, by []float32) {
	if l != Portable && y.Rows > 0 && y.Cols > 0 && y.Cols%l.lanes() == 0 {
		_, _ = y.Data[(y.Rows-1)*y.stride()+y.Cols-1], by[y.Rows-1]
		stride := uintptr(y.stride()) * unsafe.Sizeof(float32(0))
		if l == AVX512 {
			scaleRowsAVX512(&y.Data[0], stride, uintptr(y.Cols), uintptr(y.Rows), &by[0])
		} else {
			scaleRowsAVX2(&y.Data[0], stride, uintptr(y.Cols), uintptr(y.Rows), &by[0])
		}
		return
	}
	for r := range y.Rows {
		l.scale(y.row(r), y.row(r), by[r])
	}
}

// dotRows does out[i] = x[i]·y[i] for the rows of two matrices with the same stride.
func (l Level) dotRows(out []float32, x, y Matrix) {
	if l != Portable && x.Rows > 0 && x.Cols > 0 && x.Cols%l.lanes() == 0 {
		end := (x.Rows-1)*x.stride() + x.Cols - 1
		_, _, _ = x.Data[end], y.Data[end], out[x.Rows-1]
		stride := uintptr(x.stride()) * unsafe.Sizeof(float32(0))
		if l == AVX512 {
			dotRowsAVX512(&out[0], &x.Data[0], &y.Data[0], stride, uintptr(x.Cols), uintptr(x.Rows))
		} else {
			dotRowsAVX2(&out[0], &x.Data[0], &y.Data[0], stride, uintptr(x.Cols), uintptr(x.Rows))
		}
		return
	}
	for r := range x.Rows {
		out[r] = l.dot(x.row(r), y.row(r))
	}
}

package reference

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// factor is w/c of a column: w where c is nil, one where c is zero.
func factor(w, c []float64, i int) float64 {
	switch {
	case c == nil:
		return w[i]
	case c[i] == 0:
		return 1
	}
	return w[i] / c[i]
}

// ScaleColumns does y = x·w/c + bias for each row of x (rows, dim); c and bias may be nil.
func ScaleColumns(y, x, w, c, bias []float64, rows, dim int) {
	for r := range rows {
		for i := range dim {
			y[r*dim+i] = x[r*dim+i] * factor(w, c, i)
			if bias != nil {
				y[r*dim+i] += bias[i]
			}
		}
	}
}

// ScaleColumnsBackward gives dx (rows, dim) and dw (dim); c counts as a constant.
func ScaleColumnsBackward(dx, dw, dy, x, w, c []float64, rows, dim int) {
	clear(dw)
	for r := range rows {
		for i := range dim {
			g := dy[r*dim+i]
			dx[r*dim+i] = g * factor(w, c, i)
			switch {
			case c == nil:
				dw[i] += g * x[r*dim+i]
			case c[i] != 0:
				dw[i] += g * x[r*dim+i] / c[i]
			}
		}
	}
}

// ScaleRows does y = x·gate, a factor for each row of x (rows, dim).
func ScaleRows(y, x, gate []float64, rows, dim int) {
	for r := range rows {
		for i := range dim {
			y[r*dim+i] = x[r*dim+i] * gate[r]
		}
	}
}

// LowRankNorms are the lengths of the rows of W + s·B·A from p = A·Wᵀ (rank, out), g = A·Aᵀ (rank, rank), b (out, rank) and
// the squared lengths of the rows of W.
func LowRankNorms(c, p, g, b, squares []float64, out, rank int, s float64) {
	for o := range out {
		sum := squares[o]
		for k := range rank {
			inner := 2 * p[k*out+o]
			for j := range rank {
				inner += s * g[k*rank+j] * b[o*rank+j]
			}
			sum += s * b[o*rank+k] * inner
		}
		c[o] = math.Sqrt(math.Max(0, sum))
	}
}

// NF4 are the n values that codes and scales stand for.
func NF4(codes []int32, scales []float64, n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = float64(compute.NF4[uint32(codes[i/8])>>(4*(i%8))&15]) * scales[i/compute.NF4Block]
	}
	return w
}

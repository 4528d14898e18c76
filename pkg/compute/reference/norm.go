package reference

import "math"

// RMSNorm does y = x / sqrt(mean(x²) + eps) · w for each row (arXiv:1910.07467, eq. 4).
func RMSNorm(y, x, w []float64, rows, dim int, eps float64) {
	for r := range rows {
		s := inverseRMS(x[r*dim:(r+1)*dim], eps)
		for i := range dim {
			y[r*dim+i] = x[r*dim+i] * s * w[i]
		}
	}
}

func inverseRMS(x []float64, eps float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	return 1 / math.Sqrt(sum/float64(len(x))+eps)
}

// RMSNormBackward gives dx and dw.
func RMSNormBackward(dx, dw, dy, x, w []float64, rows, dim int, eps float64) {
	clear(dw)
	for r := range rows {
		row := x[r*dim : (r+1)*dim]
		s := inverseRMS(row, eps)
		var inner float64
		for i, v := range row {
			inner += dy[r*dim+i] * w[i] * v
			dw[i] += dy[r*dim+i] * v * s
		}
		for i, v := range row {
			dx[r*dim+i] = s*dy[r*dim+i]*w[i] - s*s*s*inner/float64(dim)*v
		}
	}
}

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

// LayerNorm does y = (x − mean(x)) / sqrt(var(x) + eps) · w + bias for each row (arXiv:1607.06450, eq. 4). bias may be nil.
func LayerNorm(y, x, w, bias []float64, rows, dim int, eps float64) {
	for r := range rows {
		row := x[r*dim : (r+1)*dim]
		mean, scale := standard(row, eps)
		for i, v := range row {
			y[r*dim+i] = (v - mean) * scale * w[i]
			if bias != nil {
				y[r*dim+i] += bias[i]
			}
		}
	}
}

// standard is the mean and 1/sqrt(variance + eps).
func standard(x []float64, eps float64) (mean, scale float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	var sum float64
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return mean, 1 / math.Sqrt(sum/float64(len(x))+eps)
}

// LayerNormBackward gives dx, dw and, unless it is nil, dbias.
func LayerNormBackward(dx, dw, dbias, dy, x, w []float64, rows, dim int, eps float64) {
	clear(dw)
	clear(dbias)
	for r := range rows {
		row := x[r*dim : (r+1)*dim]
		mean, scale := standard(row, eps)
		var sum, inner float64 // of the gradient of the normed values z, and of its product with them
		for i, v := range row {
			z, g := (v-mean)*scale, dy[r*dim+i]*w[i]
			sum += g
			inner += g * z
			dw[i] += dy[r*dim+i] * z
			if dbias != nil {
				dbias[i] += dy[r*dim+i]
			}
		}
		for i, v := range row {
			dx[r*dim+i] = scale * (dy[r*dim+i]*w[i] - sum/float64(dim) - (v-mean)*scale*inner/float64(dim))
		}
	}
}

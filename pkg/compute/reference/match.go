package reference

import "math"

// MaskedMean is the mean of the values whose label is not Ignore, 0 where none counts.
func MaskedMean(x []float64, labels []int32) float64 {
	var sum, n float64
	for i, label := range labels {
		if label != Ignore {
			sum, n = sum+x[i], n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// MaskedMeanBackward gives each value that counts its share of dy.
func MaskedMeanBackward(dx []float64, dy float64, labels []int32) {
	n := 0.0
	for _, label := range labels {
		if label != Ignore {
			n++
		}
	}
	for i, label := range labels {
		dx[i] = 0
		if label != Ignore {
			dx[i] = dy / n
		}
	}
}

// SquaredError gives each row's mean((x − ref)²) (arXiv:1909.10351, eq. 8).
func SquaredError(y, x, ref []float64, rows, dim int) {
	for r := range rows {
		y[r] = 0
		for i := r * dim; i < (r+1)*dim; i++ {
			y[r] += (x[i] - ref[i]) * (x[i] - ref[i]) / float64(dim)
		}
	}
}

// SquaredErrorBackward gives dx.
func SquaredErrorBackward(dx, dy, x, ref []float64, rows, dim int) {
	for r := range rows {
		for i := r * dim; i < (r+1)*dim; i++ {
			dx[i] = dy[r] * 2 * (x[i] - ref[i]) / float64(dim)
		}
	}
}

// cosine is x·y/(|x|·|y|), with |x| and |y|; 0 where either is 0.
func cosine(x, y []float64) (c, nx, ny float64) {
	for i := range x {
		c, nx, ny = c+x[i]*y[i], nx+x[i]*x[i], ny+y[i]*y[i]
	}
	nx, ny = math.Sqrt(nx), math.Sqrt(ny)
	if nx == 0 || ny == 0 {
		return 0, nx, ny
	}
	return c / nx / ny, nx, ny
}

// CosineDistance gives each row's 1 − x·ref/(|x|·|ref|) (arXiv:1910.01108, section 3).
func CosineDistance(y, x, ref []float64, rows, dim int) {
	for r := range rows {
		c, _, _ := cosine(x[r*dim:(r+1)*dim], ref[r*dim:(r+1)*dim])
		y[r] = 1 - c
	}
}

// CosineDistanceBackward gives dx: −(ref/|ref| − c·x/|x|)/|x| with c the cosine.
func CosineDistanceBackward(dx, dy, x, ref []float64, rows, dim int) {
	for r := range rows {
		c, nx, nr := cosine(x[r*dim:(r+1)*dim], ref[r*dim:(r+1)*dim])
		for i := r * dim; i < (r+1)*dim; i++ {
			dx[i] = 0
			if nx > 0 && nr > 0 {
				dx[i] = -dy[r] * (ref[i]/nr - c*x[i]/nx) / nx
			}
		}
	}
}

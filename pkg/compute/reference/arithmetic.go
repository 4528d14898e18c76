package reference

import "math"

// Add does y = a + b.
func Add(y, a, b []float64) {
	for i := range y {
		y[i] = a[i] + b[i]
	}
}

// Scale does y = factor·x.
func Scale(y, x []float64, factor float64) {
	for i, v := range x {
		y[i] = factor * v
	}
}

// Mean is the mean of the values.
func Mean(x []float64) (mean float64) {
	for _, v := range x {
		mean += v
	}
	return mean / float64(len(x))
}

// MeanBackward gives each value its share of dy.
func MeanBackward(dx []float64, dy float64) {
	for i := range dx {
		dx[i] = dy / float64(len(dx))
	}
}

// Sum is the sum of the values.
func Sum(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

// SumBackward gives each value dy.
func SumBackward(dx []float64, dy float64) {
	for i := range dx {
		dx[i] = dy
	}
}

// BFloat16 rounds x to bfloat16: eight significant binary digits, ties to even; below the normal numbers of float32 to zero.
func BFloat16(y, x []float64) {
	for i, v := range x {
		fraction, exponent := math.Frexp(v)
		y[i] = math.Ldexp(math.RoundToEven(fraction*256), exponent-8)
		switch size := math.Abs(v); {
		case size < 0x1p-126:
			y[i] = 0
		case math.Abs(y[i]) >= 0x1p128:
			y[i] = math.Inf(int(math.Copysign(1, v)))
		}
	}
}

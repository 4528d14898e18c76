package reference

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

package plot

import "math"

// smooth is the exponential running mean over about window values, without the pull towards zero at the start
// (divided by 1-β^t as in Adam, arXiv:1412.6980, algorithm 1). Values that are not finite are passed over.
func smooth(ys []float64, window int) []float64 {
	beta := 1 - 2/(float64(window)+1)
	out := make([]float64, len(ys))
	mean, weight := 0.0, 0.0
	for i, y := range ys {
		if finite(y) {
			mean = beta*mean + (1-beta)*y
			weight = beta*weight + (1 - beta)
		}
		out[i] = math.NaN()
		if weight > 0 && finite(y) {
			out[i] = mean / weight
		}
	}
	return out
}

// window is how many values the strong line looks back over: a thirtieth of what there is, at most 50.
func window(n int) int { return max(1, min(n/30, 50)) }

// most is how many points a curve is drawn with: more than a figure has pixels only makes the file large.
const most = 700

// thin keeps the lowest and the highest value of each of most/2 equal pieces, so a spike never disappears.
func thin(xs, ys []float64) ([]float64, []float64) {
	n := min(len(xs), len(ys))
	if n <= most {
		return xs[:n], ys[:n]
	}
	var tx, ty []float64
	for piece := range most / 2 {
		lo, hi := piece*n/(most/2), (piece+1)*n/(most/2)
		low, high := lo, lo
		for i := lo; i < hi; i++ {
			if ys[i] < ys[low] {
				low = i
			}
			if ys[i] > ys[high] {
				high = i
			}
		}
		first, second := min(low, high), max(low, high)
		tx, ty = append(tx, xs[first]), append(ty, ys[first])
		if second != first {
			tx, ty = append(tx, xs[second]), append(ty, ys[second])
		}
	}
	return tx, ty
}

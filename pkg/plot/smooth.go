package plot

import "math"

// smooth is the mean over a window with y in its middle, so that the strong line lies on the light one and does not
// lag behind a steep descent, as a mean over the past alone would. At the start, where losses fall most steeply, the
// window shrinks to stay centred; at the end it looks back only, so that one last value does not bend the line. Values
// that are not finite are passed over.
func smooth(ys []float64, window int) []float64 {
	out := make([]float64, len(ys))
	for i, y := range ys {
		out[i] = math.NaN()
		if !finite(y) {
			continue
		}
		reach := min(window/2, i)
		sum, n := 0.0, 0
		for _, v := range ys[i-reach : min(i+reach+1, len(ys))] {
			if finite(v) {
				sum += v
				n++
			}
		}
		out[i] = sum / float64(n)
	}
	return out
}

// window is over how many values the strong line is a mean: a thirtieth of what there is, at most 50.
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

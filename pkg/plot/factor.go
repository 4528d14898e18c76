package plot

import (
	"math"
	"strconv"

	gonum "gonum.org/v1/plot"
)

// factors marks an axis of logarithms, base ten, at powers of ten, and between them where few powers are in sight.
type factors struct{}

var _ gonum.Ticker = factors{}

func (factors) Ticks(low, high float64) []gonum.Tick {
	var out []gonum.Tick
	for _, v := range rounds(low, high) {
		if at := math.Log10(v); at >= low-1e-9 && at <= high+1e-9 {
			out = append(out, gonum.Tick{Value: math.Min(math.Max(at, low), high), Label: factor(v)})
		}
	}
	return out
}

// rounds are the round numbers whose logarithms lie from low to high, from one before them to one after them.
func rounds(low, high float64) []float64 {
	leading := []float64{1}
	switch decades := high - low; {
	case decades <= 1.7:
		leading = []float64{1, 2, 5}
	case decades <= 4.2:
		leading = []float64{1, 3}
	}
	var out []float64
	for power := int(math.Floor(low - 1e-9)); power <= int(math.Ceil(high+1e-9)); power++ {
		for _, digit := range leading {
			out = append(out, digit*math.Pow10(power))
		}
	}
	return out
}

// roundFactors widens an axis of logarithms to the next round numbers.
func roundFactors(low, high float64) (float64, float64) {
	if low == high {
		low, high = low-0.3, high+0.3
	}
	below, above := low, high
	for _, v := range rounds(low, high) {
		at := math.Log10(v)
		if at <= low+1e-9 {
			below = at
		}
		if at >= high-1e-9 {
			above = at
			break
		}
	}
	return below, above
}

// factor writes a number of one digit without an exponent.
func factor(v float64) string {
	decimals := max(0, -int(math.Floor(math.Log10(v)+1e-9)))
	return grouped(strconv.FormatFloat(v, 'f', decimals, 64))
}

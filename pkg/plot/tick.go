package plot

import (
	"math"
	"strconv"

	gonum "gonum.org/v1/plot"
)

// ticks marks an axis at round values: steps of 1, 2 or 5 times a power of ten, about as many as asked for.
type ticks struct {
	count  int
	format func(v, step float64) string
	whole  bool // only whole numbers: steps, people, bytes
}

var _ gonum.Ticker = ticks{}

func (t ticks) Ticks(low, high float64) []gonum.Tick {
	step := roundStep(high-low, t.count)
	if t.whole {
		step = math.Max(1, step)
	}
	var out []gonum.Tick
	// The bounds carry rounding noise of their own, so a tick may stand a hair outside.
	first, last := math.Ceil(low/step-1e-9), math.Floor(high/step+1e-9)
	for i := first; i <= last; i++ {
		v := i*step + 0 // + 0 turns minus zero into zero
		out = append(out, gonum.Tick{Value: math.Min(math.Max(v, low), high), Label: t.format(v, step)})
	}
	return out
}

// roundStep is the smallest of 1, 2, 5 times a power of ten that divides span into at most count parts.
func roundStep(span float64, count int) float64 {
	if !(span > 0) || math.IsInf(span, 0) {
		return 1
	}
	raw := span / float64(count)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if step := m * power; step >= raw*(1-1e-9) {
			return step
		}
	}
	return 10 * power
}

// number writes v with as many decimals as the step needs, thousands with a thin comma.
func number(v, step float64) string {
	decimals := 0
	if step < 1 {
		decimals = int(math.Ceil(-math.Log10(step) - 1e-9))
	}
	return grouped(strconv.FormatFloat(v, 'f', decimals, 64))
}

// percent writes a share between 0 and 1 as per cent.
func percent(v, step float64) string { return number(v*100, step*100) + "%" }

// grouped puts a comma after every third digit before the decimal point.
func grouped(s string) string {
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole, rest := s, ""
	for i := range s {
		if s[i] == '.' {
			whole, rest = s[:i], s[i:]
			break
		}
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest
}

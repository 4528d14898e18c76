package reference

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Unary does y = f(x).
func Unary(y, x []float64, o compute.Unary) {
	for i, v := range x {
		switch o.Kind {
		case compute.Exp:
			y[i] = math.Exp(v)
		case compute.Log:
			y[i] = math.Log(v)
		case compute.Sigmoid:
			y[i] = 1 / (1 + math.Exp(-v))
		case compute.LogSigmoid:
			y[i] = math.Min(v, 0) - math.Log1p(math.Exp(-math.Abs(v)))
		case compute.Square:
			y[i] = v * v
		case compute.Log1mExp:
			y[i] = math.Log(-math.Expm1(v))
		case compute.Positive:
			y[i] = 0
			if v > 0 {
				y[i] = 1
			}
		case compute.Clamp:
			y[i] = math.Max(o.A, math.Min(o.B, v))
		case compute.Shift:
			y[i] = v + o.A
		}
	}
}

// UnaryBackward gives dx.
func UnaryBackward(dx, dy, x []float64, o compute.Unary) {
	for i, v := range x {
		slope := 0.0
		switch o.Kind {
		case compute.Exp:
			slope = math.Exp(v)
		case compute.Log:
			slope = 1 / v
		case compute.Sigmoid:
			slope = 1 / (2 + math.Exp(v) + math.Exp(-v))
		case compute.LogSigmoid:
			slope = 1 / (1 + math.Exp(v))
		case compute.Square:
			slope = 2 * v
		case compute.Log1mExp:
			slope = math.Exp(v) / math.Expm1(v)
		case compute.Clamp:
			if v >= o.A && v <= o.B {
				slope = 1
			}
		case compute.Shift:
			slope = 1
		}
		dx[i] = dy[i] * slope
	}
}

// Binary does y = f(a, b).
func Binary(y, a, b []float64, kind compute.BinaryKind) {
	for i, v := range a {
		switch w := b[i]; kind {
		case compute.Sub:
			y[i] = v - w
		case compute.Mul:
			y[i] = v * w
		case compute.Min:
			y[i] = math.Min(v, w)
		case compute.Max:
			y[i] = math.Max(v, w)
		}
	}
}

// BinaryBackward gives da, or with second db.
func BinaryBackward(dx, dy, a, b []float64, kind compute.BinaryKind, second bool) {
	for i, v := range a {
		w := b[i]
		da, db := 0.0, 0.0
		switch kind {
		case compute.Sub:
			da, db = 1, -1
		case compute.Mul:
			da, db = w, v
		case compute.Min, compute.Max:
			if v == w || v < w == (kind == compute.Min) {
				da = 1
			}
			db = 1 - da
		}
		if second {
			da = db
		}
		dx[i] = dy[i] * da
	}
}

// SumBy sums the values of each group; those whose group is Ignore count nowhere.
func SumBy(y, x []float64, groups []int32) {
	clear(y)
	for i, g := range groups {
		if g != Ignore {
			y[g] += x[i]
		}
	}
}

// SumByBackward gives dx.
func SumByBackward(dx, dy []float64, groups []int32) {
	for i, g := range groups {
		dx[i] = 0
		if g != Ignore {
			dx[i] = dy[g]
		}
	}
}

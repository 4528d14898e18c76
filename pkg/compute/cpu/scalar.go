package cpu

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// These work on one value a token, some thousands of them, so plain loops in float64 are nothing beside a product.

// unary does y = f(x).
func unary(y, x []float32, o compute.Unary) {
	a, b := float32(o.A), float32(o.B)
	for i, f := range x {
		v := float64(f)
		switch o.Kind {
		case compute.Exp:
			v = math.Exp(v)
		case compute.Log:
			v = math.Log(v)
		case compute.Sigmoid:
			v = sigmoid(v)
		case compute.LogSigmoid:
			v = logSigmoid(v)
		case compute.Square:
			v *= v
		case compute.Log1mExp:
			v = log1mExp(v)
		case compute.Positive:
			if v = 0; f > 0 {
				v = 1
			}
		case compute.Clamp:
			v = float64(min(b, max(a, f)))
		case compute.Shift:
			v += o.A
		}
		y[i] = float32(v)
	}
}

// unaryBack does dx = dy·f'(x).
func unaryBack(dx, dy, x []float32, o compute.Unary) {
	a, b := float32(o.A), float32(o.B)
	for i, f := range x {
		v, slope := float64(f), 0.0
		switch o.Kind {
		case compute.Exp:
			slope = math.Exp(v)
		case compute.Log:
			slope = 1 / v
		case compute.Sigmoid:
			slope = sigmoid(v) * sigmoid(-v)
		case compute.LogSigmoid:
			slope = sigmoid(-v)
		case compute.Square:
			slope = 2 * v
		case compute.Log1mExp:
			slope = -1 / math.Expm1(-v)
		case compute.Clamp:
			if f < a || f > b { // whatever comes from above, infinite or not
				dx[i] = 0
				continue
			}
			slope = 1
		case compute.Shift:
			slope = 1
		}
		dx[i] = float32(float64(dy[i]) * slope)
	}
}

// sigmoid is 1/(1 + e^−x), without overflow.
func sigmoid(x float64) float64 {
	if e := math.Exp(-math.Abs(x)); x < 0 {
		return e / (1 + e)
	} else {
		return 1 / (1 + e)
	}
}

// logSigmoid is ln(1/(1 + e^−x)), without overflow.
func logSigmoid(x float64) float64 {
	if x < 0 {
		return x - math.Log1p(math.Exp(x))
	}
	return -math.Log1p(math.Exp(-x))
}

// log1mExp is ln(1 − e^x) for x below 0, by the form that keeps digits on either side of −ln 2 (Mächler, Accurately computing
// log(1 − exp(−|a|)), 2012, eq. 7).
func log1mExp(x float64) float64 {
	if x > -math.Ln2 {
		return math.Log(-math.Expm1(x))
	}
	return math.Log1p(-math.Exp(x))
}

// binary does y = f(a, b).
func binary(y, a, b []float32, kind compute.BinaryKind) {
	for i, v := range a {
		switch w := b[i]; kind {
		case compute.Sub:
			v -= w
		case compute.Mul:
			v *= w
		case compute.Min:
			v = min(v, w)
		case compute.Max:
			v = max(v, w)
		}
		y[i] = v
	}
}

// binaryBack gives da, or with second db.
func binaryBack(dx, dy, a, b []float32, kind compute.BinaryKind, second bool) {
	for i, d := range dy {
		v, w := a[i], b[i]
		switch kind {
		case compute.Sub:
			if second {
				d = -d
			}
		case compute.Mul:
			if second {
				d *= v
			} else {
				d *= w
			}
		case compute.Min, compute.Max:
			first := v <= w
			if kind == compute.Max {
				first = v >= w
			}
			if first == second {
				d = 0
			}
		}
		dx[i] = d
	}
}

// sumBy sums the values of each group; wide has room for as many sums.
func sumBy(y, x []float32, groups []int32, wide []float64) {
	clear(wide)
	for i, g := range groups {
		if g != Ignore {
			wide[g] += float64(x[i])
		}
	}
	for g, sum := range wide {
		y[g] = float32(sum)
	}
}

// sumByBack gives each value its group's gradient.
func sumByBack(dx, dy []float32, groups []int32) {
	for i, g := range groups {
		dx[i] = 0
		if g != Ignore {
			dx[i] = dy[g]
		}
	}
}

func (b *binding) scalars(op compute.Op) func() {
	out, in := b.out, b.in
	switch op := op.(type) {
	case compute.Unary:
		return func() { unary(out[0], in[0], op) }
	case compute.UnaryBack:
		return func() { unaryBack(out[0], in[0], in[1], compute.Unary(op)) }
	case compute.Binary:
		return func() { binary(out[0], in[0], in[1], op.Kind) }
	case compute.BinaryBack:
		return func() { binaryBack(out[0], in[0], in[1], in[2], op.Kind, op.Second) }
	case compute.SumBy:
		groups, wide := b.ints[1], make([]float64, op.Groups)
		b.own += 8 * op.Groups
		return func() { sumBy(out[0], in[0], groups, wide) }
	case compute.SumByBack:
		groups := b.ints[1]
		return func() { sumByBack(out[0], in[0], groups) }
	}
	return nil
}

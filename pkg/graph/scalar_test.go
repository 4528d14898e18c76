package graph

import (
	"math"
	"testing"
)

// Values and gradients by arithmetic, where rounding would be seen, at kinks and at ends.
func TestScalarsByHand(t *testing.T) {
	const tiny = 1e-40 // for what is below the normal numbers of float32
	// ln(1 ± e⁻³⁰) and sigmoid(−30) differ from ±e⁻³⁰ and e⁻³⁰ by 1e-13 of them.
	e30, log3, inf := math.Exp(-30), math.Log(3), math.Inf(1)
	for name, c := range map[string]struct {
		f          func(x *Node) *Node
		x, want, d []float64
	}{
		"exp":     {Exp, []float64{0, log3, -100}, []float64{1, 3, 0}, []float64{1, 3, 0}},
		"log":     {Log, []float64{4, 1, 0}, []float64{math.Log(4), 0, -inf}, []float64{0.25, 1, inf}},
		"sigmoid": {Sigmoid, []float64{0, log3, -30, 30, -1000, 1000}, []float64{0.5, 0.75, e30, 1, 0, 1}, []float64{0.25, 0.1875, e30, e30, 0, 0}},
		// −LogSigmoid is DPO's loss of a margin: .6931, .3133 and .1269 at 0, 1 and 2.
		"log-sigmoid": {LogSigmoid,
			[]float64{0, 1, 2, 30, -30, 100, -100, 1e30, -1e30},
			[]float64{-math.Ln2, -0.3132616875, -0.1269280110, -e30, -30, 0, -100, 0, -1e30},
			[]float64{0.5, 0.2689414214, 0.1192029220, e30, 1, 0, 1, 0, 1}},
		// ln(1 − ½); near 0 ln(−x), with the derivative 1/x; far from it −eˣ, with the derivative −eˣ.
		"log1mexp": {Log1mExp,
			[]float64{-math.Ln2, -math.Log(4), -1e-10, -30, -1000, 0},
			[]float64{-math.Ln2, math.Log(0.75), math.Log(1e-10), -e30, 0, -inf},
			[]float64{-1, -1. / 3, -1e10, -e30, 0, -inf}},
		"square": {Square, []float64{-3, 0, 0.5}, []float64{9, 0, 0.25}, []float64{-6, 0, 1}},
		"clamp": {func(x *Node) *Node { return Clamp(x, 0.8, 1.2) },
			[]float64{0.79, 0.8, 1, 1.2, 1.21}, []float64{0.8, 0.8, 1, 1.2, 1.2}, []float64{0, 1, 1, 1, 0}},
		"shift": {func(x *Node) *Node { return Shift(x, -2) }, []float64{5, -5}, []float64{3, -7}, []float64{1, 1}},
		"mul":   {func(x *Node) *Node { return Mul(x, x) }, []float64{5, -5}, []float64{25, 25}, []float64{10, -10}},
		"sub":   {func(x *Node) *Node { return Sub(Scale(x, 3), x) }, []float64{5, -5}, []float64{10, -10}, []float64{2, 2}},
		// Of the ties only the first side has the gradient.
		"min": {func(x *Node) *Node { return Min(x, Scale(x, 3)) }, []float64{5, 0, -5}, []float64{5, 0, -15}, []float64{1, 1, 3}},
		"max": {func(x *Node) *Node { return Max(Scale(x, 3), x) }, []float64{5, 0, -5}, []float64{15, 0, -5}, []float64{3, 3, 1}},
		// The odds of ¾ are 3 to 1; d ln(p/(1−p))/d ln p = 1/(1−p).
		"odds": {func(x *Node) *Node { return Sub(x, Log1mExp(x)) }, []float64{math.Log(0.75)}, []float64{log3}, []float64{4}},
	} {
		for _, d := range devices(t) {
			g := New()
			data := make([]float32, len(c.x))
			for i, v := range c.x {
				data[i] = float32(v)
			}
			x := g.Param("x", vector(data...))
			y := c.f(x)
			grads, err := g.Grad(Sum(y), x)
			if err != nil {
				t.Fatal(err)
			}
			got := run(t, g, Options{Device: d}, y, grads[0])
			for i := range c.x {
				for k, want := range []float64{c.want[i], c.d[i]} {
					if v := float64(got[k][i]); v != want && !(math.Abs(v-want) <= 1e-6*math.Abs(want)+tiny) {
						t.Errorf("%v: %s of %g, derivative %d: %g, want %g", d, name, c.x[i], k, v, want)
					}
				}
			}
		}
	}
}

// The clipped objective of PPO, min(r·A, clamp(r, 0.8, 1.2)·A) (arXiv:1707.06347, eq. 7): it is flat in the ratio r where a
// step has gone too far the way that the advantage A wants, and nowhere else.
func TestClippedObjectiveByHand(t *testing.T) {
	g := New()
	r, a := g.Param("r", vector(1.5, 0.5, 1.5, 0.5, 1, 1)), g.Input("A", 6)
	y := Min(Mul(r, a), Mul(Clamp(r, 0.8, 1.2), a))
	grads, err := g.Grad(Sum(y), r)
	if err != nil {
		t.Fatal(err)
	}
	m, err := g.Compile(Options{}, y, grads[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetFloats(a, []float32{2, 2, -2, -2, 2, -2}); err != nil {
		t.Fatal(err)
	}
	if err := m.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[*Node][]float64{y: {2.4, 1, -3, -1.6, 2, -2}, grads[0]: {0, 2, -2, 0, 2, -2}} {
		v, err := m.Value(n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if math.Abs(float64(v.Data[i])-want[i]) > 1e-6 {
				t.Errorf("%v: %v, want %v", n, v.Data, want)
				break
			}
		}
	}
}

// A NaN is seen: neither bounds nor another value hide it.
func TestScalarsShowNaN(t *testing.T) {
	nan := float32(math.NaN())
	g := New()
	a, b := g.Param("a", vector(nan, 1)), g.Param("b", vector(1, nan))
	for _, values := range run(t, g, Options{}, Min(a, b), Max(a, b), Sub(a, b), Mul(a, b)) {
		for i, v := range values {
			if v == v {
				t.Errorf("value %d is %g", i, v)
			}
		}
	}
	if v := run(t, g, Options{}, Clamp(a, 0, 2))[0]; v[0] == v[0] || v[1] != 1 {
		t.Errorf("clamped: %v", v)
	}
}

// Groups outside their number are refused with the name of the operator, before anything is read.
func TestSumByLimitsGroups(t *testing.T) {
	g := New()
	groups := g.Ints("groups", 2)
	m, err := g.Compile(Options{}, SumBy(g.Input("x", 2), groups, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		values []int32
		ok     bool
	}{{[]int32{0, 2}, true}, {[]int32{off, 1}, true}, {[]int32{0, 3}, false}, {[]int32{-1, 0}, false}} {
		if err := m.SetInts(groups, c.values); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.values, err)
		}
	}
}

// In float32 the ones would be lost: 2²⁴ + 1 is 2²⁴ there.
func TestSumByAddsInFloat64(t *testing.T) {
	g := New()
	groups := g.Ints("groups", 5)
	x := g.Param("x", vector(1<<24, 1, 1, 1, -1<<24))
	if got := run(t, g, Options{}, SumBy(x, groups, 1))[0][0]; got != 3 {
		t.Errorf("2²⁴ + 1 + 1 + 1 − 2²⁴ = %g", got)
	}
}

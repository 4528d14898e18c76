package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Each test here is a way in which gorgonia gives wrong numbers, or crashes, without a word.

func vector(values ...float32) *compute.Tensor {
	return &compute.Tensor{Shape: []int{len(values)}, Data: values}
}

// run compiles, runs once and returns copies of the outputs' values.
func run(t *testing.T, g *Graph, o Options, outputs ...*Node) [][]float32 {
	t.Helper()
	m, err := g.Compile(o, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	return rerun(t, m, outputs...)
}

func rerun(t *testing.T, m *Machine, outputs ...*Node) [][]float32 {
	t.Helper()
	if err := m.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	out := make([][]float32, len(outputs))
	for i, n := range outputs {
		v, err := m.Value(n)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = slices.Clone(v.Data)
	}
	return out
}

func TestLeavesOfEqualNameStayApart(t *testing.T) {
	g := New()
	param := func(name string, v float32) *Node { return g.Param(name, vector(v)) }
	// gorgonia's own constant one, from which gradients start, is named 1; x#2 is a name that we would make.
	leaves := []*Node{param("x", 1), param("x#2", 2), param("x", 4), param("x", 8), param("1", 16), param("1", 32), param("1.000000", 64), param("grad", 128), param("add", 256)}
	sum := leaves[0]
	for _, n := range leaves[1:] {
		sum = Add(sum, n)
	}
	names := map[string]bool{}
	for _, n := range needed([]*Node{sum}) {
		if names[n.Name()] {
			t.Errorf("two nodes are named %s", n.Name())
		}
		names[n.Name()] = true
	}
	loss := Mean(Scale(sum, 3))
	grads, err := g.Grad(loss, leaves...)
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, g, Options{}, append(grads, loss)...)
	for i := range leaves {
		if got[i][0] != 3 {
			t.Errorf("the gradient of %v is %g, want 3", leaves[i], got[i][0])
		}
	}
	if loss := got[len(leaves)][0]; loss != 3*511 {
		t.Errorf("3·(1 + 2 + 4 + … + 256) = %g, want 1533", loss)
	}
}

func TestInputsAndIntsOfEqualNameStayApart(t *testing.T) {
	g := New()
	a, b, table := g.Input("x", 1), g.Input("x", 1), g.Param("table", &compute.Tensor{Shape: []int{2, 1}, Data: []float32{10, 20}})
	first, second := g.Ints("ids", 1), g.Ints("ids", 1)
	difference := Add(a, Scale(b, -1))
	rows := Add(Embedding(table, first), Scale(Embedding(table, second), -1))
	m, err := g.Compile(Options{}, difference, rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{m.SetFloats(a, []float32{5}), m.SetFloats(b, []float32{3}), m.SetInts(first, []int32{1}), m.SetInts(second, []int32{0})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := rerun(t, m, difference, rows); got[0][0] != 2 || got[1][0] != 10 {
		t.Errorf("5 − 3 = %g and 20 − 10 = %g", got[0][0], got[1][0])
	}
}

func TestConstantsOfEqualNameStayApart(t *testing.T) {
	g := New()
	sum := Add(g.Constant("c", vector(2, 2)), Scale(g.Constant("c", vector(3, 3)), 10))
	if got := run(t, g, Options{}, sum)[0]; !slices.Equal(got, []float32{32, 32}) {
		t.Errorf("2 + 10·3 = %v", got)
	}
}

// Operators of equal name and inputs that differ in an attribute are different; even equal ones are two nodes, since
// some keep state.
func TestOperatorsStayApart(t *testing.T) {
	g := New()
	x, w := g.Param("x", &compute.Tensor{Shape: []int{1, 2}, Data: []float32{3, 4}}), g.Param("w", vector(1, 1))
	position, target := g.Ints("position", 1), g.Ints("target", 1)
	position.ints[0] = 1
	nodes := []*Node{
		Scale(x, 2), Scale(x, 3), Scale(x, 2),
		RMSNorm(x, w, 0), RMSNorm(x, w, 12.5),
		RoPE(x, position, Rotation{Heads: 1, Context: 2, Base: 10}), RoPE(x, position, Rotation{Heads: 1, Context: 4, Base: 10}),
		CrossEntropy(x, target, nil), CrossEntropy(x, target, nil),
	}
	seen, hashes := map[int64]*Node{}, map[uint32]*Node{}
	for _, n := range nodes {
		if other := hashes[n.n.Op().Hashcode()]; other != nil {
			t.Errorf("%v and %v are one operator to gorgonia", n, other)
		}
		hashes[n.n.Op().Hashcode()] = n
		if other := seen[n.n.ID()]; other != nil {
			t.Errorf("%v and %v are one node", n, other)
		}
		seen[n.n.ID()] = n
	}
	sum := Add(nodes[7], Scale(nodes[8], 2))
	grads, err := g.Grad(sum, x)
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, g, Options{}, append(slices.Clone(nodes), grads...)...)
	// x = (3, 4), mean square 12.5; the target is 0, so the loss is log(1 + e) and its gradient ±1/(1 + 1/e).
	loss, slope := math.Log(1+math.E), 1/(1+1/math.E)
	sin, cos := math.Sincos(1)
	for i, want := range [][]float64{
		{6, 8}, {9, 12}, {6, 8},
		{3 / math.Sqrt(12.5), 4 / math.Sqrt(12.5)}, {3. / 5, 4. / 5},
		{3*cos - 4*sin, 4*cos + 3*sin}, {3*cos - 4*sin, 4*cos + 3*sin},
		{loss}, {loss}, {-3 * slope, 3 * slope},
	} {
		for j := range want {
			if math.Abs(float64(got[i][j])-want[j]) > 1e-5 {
				t.Errorf("output %d is %v, want %v", i, got[i], want)
				break
			}
		}
	}
}

// Rotations share their table of angles only where the angles are the same.
func TestRotationsStayApart(t *testing.T) {
	g := New()
	x, position := g.Param("x", &compute.Tensor{Shape: []int{1, 4}, Data: []float32{1, 1, 0, 0}}), g.Ints("position", 1)
	far := g.Ints("far", 1)
	position.ints[0], far.ints[0] = 3, 8
	var nodes []*Node
	for _, r := range []Rotation{{1, 4, 100}, {1, 4, 10000}, {2, 4, 100}} {
		nodes = append(nodes, RoPE(x, position, r))
	}
	nodes = append(nodes, RoPE(x, far, Rotation{1, 9, 100})) // needs a longer table
	got := run(t, g, Options{}, nodes...)
	// One head of 4 turns values 0 and 2 by 3, values 1 and 3 by 3/√base; two heads of 2 turn both pairs by 3.
	turned := func(first, second float64) []float64 {
		return []float64{math.Cos(first), math.Cos(second), math.Sin(first), math.Sin(second)}
	}
	for i, want := range [][]float64{turned(3, 0.3), turned(3, 0.03), {math.Cos(3) - math.Sin(3), math.Cos(3) + math.Sin(3), 0, 0}, turned(8, 0.8)} {
		for j := range want {
			if math.Abs(float64(got[i][j])-want[j]) > 1e-6 {
				t.Errorf("rotation %d gives %v, want %v", i, got[i], want)
				break
			}
		}
	}
}

// gorgonia's BindDualValues adds each run's gradient to the one before.
func TestGradientsDoNotAccumulateOverRuns(t *testing.T) {
	for _, device := range devices(t) {
		for _, s := range catalog() {
			x := s.trial(t)
			m, err := x.g.Compile(Options{Device: device}, x.all()...)
			if err != nil {
				t.Fatal(err)
			}
			first := rerun(t, m, x.all()...)
			old := slices.Clone(x.moving[0].floats)
			for i := range x.moving[0].floats { // a run on other values in between leaves nothing behind
				x.moving[0].floats[i] *= -2
			}
			rerun(t, m, x.all()...)
			copy(x.moving[0].floats, old)
			for i, again := range rerun(t, m, x.all()...) {
				if !slices.Equal(first[i], again) {
					t.Errorf("%v, %v: output %d was %v and is %v", device, s, i, first[i], again)
				}
			}
		}
	}
}

func TestGradRefuses(t *testing.T) {
	g := New()
	x, unused, ids, weights := g.Param("x", &compute.Tensor{Shape: []int{1, 2}, Data: []float32{1, 2}}), g.Param("unused", vector(1)), g.Ints("ids", 1), g.Param("weights", vector(1))
	loss := CrossEntropy(x, ids, weights)
	double := Scale(x, 2)
	foreign := New().Param("foreign", vector(1))
	for name, c := range map[string]struct {
		loss *Node
		wrt  []*Node
		want []string
	}{
		"unused parameter":         {loss, []*Node{x, unused}, []string{"unused", "[1]", "leave it out"}},
		"integers":                 {loss, []*Node{ids}, []string{"ids", "no gradient"}},
		"what has no gradient":     {loss, []*Node{weights}, []string{"weights", "no gradient"}},
		"computed node":            {Mean(double), []*Node{double}, []string{"scale", "computed"}},
		"node of another graph":    {loss, []*Node{foreign}, []string{"foreign", "another graph"}},
		"loss of another graph":    {Mean(foreign), []*Node{x}, []string{"mean", "another graph"}},
		"loss that is not scalar":  {double, []*Node{x}, []string{"scale", "[1 2]", "scalar"}},
		"nothing":                  {loss, nil, []string{"at least one"}},
		"nil node":                 {loss, []*Node{nil}, []string{"nil"}},
		"nil loss":                 {nil, []*Node{x}, []string{"nil"}},
		"parameter after the loss": {loss, []*Node{g.Param("late", vector(1))}, []string{"late"}},
	} {
		_, err := g.Grad(c.loss, c.wrt...)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one with %q", name, err, want)
			}
		}
	}
	// None of these used up the one Grad that a graph has.
	grads, err := g.Grad(loss, x, x)
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, g, Options{}, grads...); !slices.Equal(got[0], got[1]) || got[0][0] == 0 {
		t.Errorf("one parameter twice has the gradients %v", got)
	}
	if _, err := g.Grad(loss, x); !errors.Is(err, ErrGraded) {
		t.Errorf("second Grad: %v, want ErrGraded", err)
	}
}

// Weights may be computed from what is differentiated: the gradient does not flow through them.
func TestNoGradientFlowsThroughWeights(t *testing.T) {
	g := New()
	x, ids := g.Param("x", &compute.Tensor{Shape: []int{2, 2}, Data: []float32{0, 0, 0, 0}}), g.Ints("ids", 2)
	w := g.Param("w", vector(1, 3))
	grads, err := g.Grad(CrossEntropy(x, ids, Scale(w, 2)), x)
	if err != nil {
		t.Fatal(err)
	}
	// Even logits: the gradient of a row is its share, ¼ or ¾, times (½ − 1, ½).
	if got := run(t, g, Options{}, grads...)[0]; !slices.Equal(got, []float32{-0.125, 0.125, -0.375, 0.375}) {
		t.Errorf("gradient %v", got)
	}
}

// A teacher may be computed from what is differentiated, as in self-distillation: the gradient does not flow through it, be it
// the whole head or one side of it.
func TestNoGradientFlowsToTheTeacher(t *testing.T) {
	build := func(shared bool) [][]float32 {
		b := &bench{g: New(), rng: rand.New(rand.NewPCG(5, 5)), ints: map[*Node][]int32{}}
		x, w := b.x(3, 4), b.x(5, 4)
		xRef, wRef := b.g.Constant("xRef", &compute.Tensor{Shape: x.shape, Data: x.floats}), b.g.Constant("wRef", &compute.Tensor{Shape: w.shape, Data: w.floats})
		if shared {
			xRef, wRef = x, w
		}
		grads, err := b.g.Grad(Mean(LinearDivergence(Scale(x, 0.5), w, Scale(xRef, 2), wRef, Divergence{})), x, w)
		if err != nil {
			t.Fatal(err)
		}
		return run(t, b.g, Options{}, grads...)
	}
	one, other := build(true), build(false)
	for i := range one {
		if !slices.Equal(one[i], other[i]) || !slices.ContainsFunc(one[i], func(v float32) bool { return v != 0 }) {
			t.Errorf("gradient %d is %v, with the teacher apart %v", i, one[i], other[i])
		}
	}
	g := New()
	x, w := g.Input("x", 2, 3), g.Input("w", 4, 3)
	teacher := g.Input("teacher", 2, 3)
	if _, err := g.Grad(Mean(LinearDivergence(x, w, teacher, w, Divergence{})), teacher); err == nil || !strings.Contains(err.Error(), "teacher") {
		t.Errorf("the gradient of the teacher: %v", err)
	}
}

// Derivatives that nobody asked for are in gorgonia's graph and not in the plan.
func TestPlanIsPruned(t *testing.T) {
	steps := func(m *Machine) (ops []string) {
		for _, s := range m.Plan().Steps {
			ops = append(ops, s.Op)
		}
		return ops
	}
	for _, c := range []struct {
		by   string
		want []string
	}{
		{"x", []string{"linear.dx"}}, {"w", []string{"linear.dw"}}, {"bias", []string{"linear.dbias"}},
	} {
		g := New()
		leaves := map[string]*Node{"x": g.Input("x", 2, 3), "w": g.Input("w", 4, 3), "bias": g.Input("bias", 4)}
		y := Linear(leaves["x"], leaves["w"], leaves["bias"])
		Scale(y, 2) // looked at by nobody
		loss := Mean(y)
		grads, err := g.Grad(loss, leaves["x"], leaves["w"], leaves["bias"])
		if err != nil {
			t.Fatal(err)
		}
		by := slices.Index([]string{"x", "w", "bias"}, c.by)
		m, err := g.Compile(Options{}, grads[by])
		if err != nil {
			t.Fatal(err)
		}
		// The gradient of a mean of a product needs neither the mean nor the product.
		if got, want := steps(m), append([]string{"mean.dx"}, c.want...); !slices.Equal(got, want) {
			t.Errorf("the gradient of %s alone runs %v, want %v", c.by, got, want)
		}
		if m, err = g.Compile(Options{}, loss); err != nil {
			t.Fatal(err)
		}
		if got := steps(m); !slices.Equal(got, []string{"linear", "mean"}) {
			t.Errorf("the loss alone runs %v", got)
		}
	}
}

// Ints that several operators read are held to what all of them take, in whatever order they came.
func TestIntsMeetAllReaders(t *testing.T) {
	build := map[string]func(g *Graph, ids *Node){
		"embedding": func(g *Graph, ids *Node) { Embedding(g.Input("table", 5, 1), ids) },
		"rope": func(g *Graph, ids *Node) {
			RoPE(g.Input("x", 1, 2), ids, Rotation{Heads: 1, Context: 3, Base: 10})
		},
		"cross-entropy": func(g *Graph, ids *Node) { CrossEntropy(g.Input("logits", 1, 4), ids, nil) },
	}
	for first := range build {
		for second := range build {
			g := New()
			ids := g.Ints("ids", 1)
			build[first](g, ids)
			build[second](g, ids)
			m, err := g.Compile(Options{}, Mean(g.Input("x", 1)))
			if err != nil {
				t.Fatal(err)
			}
			limits := map[string]int32{"embedding": 5, "rope": 3, "cross-entropy": 4}
			high := min(limits[first], limits[second])
			ignored := first == second && first == "cross-entropy"
			for v, ok := range map[int32]bool{0: true, high - 1: true, high: false, -1: false, -100: ignored} {
				err := m.SetInts(ids, []int32{v})
				if (err == nil) != ok {
					t.Errorf("%s then %s: SetInts(%d) gives %v", first, second, v, err)
				}
				if err != nil && !strings.Contains(err.Error(), fmt.Sprintf("ids[0] is %d", v)) {
					t.Errorf("the error does not say what is wrong: %v", err)
				}
			}
		}
	}
}

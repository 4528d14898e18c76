package graph

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// A mistake gives an error that names the operator, the shapes and the nodes; building goes on, and whoever asks later
// gets the first mistake.
func TestBadShapes(t *testing.T) {
	constructors, _ := declared(t)
	for _, name := range constructors {
		if len(bad[name]) == 0 {
			t.Errorf("%s has no bad shapes in this table", name)
		}
	}
	for constructor, calls := range bad {
		for title, call := range calls {
			t.Run(constructor+"/"+title, func(t *testing.T) {
				s := &shelf{g: New()}
				ok := Mean(s.g.Input("ok", 2))
				out := call(s)
				err := s.g.Err()
				if len(s.made) == 0 { // all nil: there is no graph to blame
					err = out.graph.Err()
				}
				if err == nil {
					t.Fatal("no error")
				}
				name := written[constructor]
				if name == "" {
					name = strings.ToLower(constructor)
				}
				if !strings.HasPrefix(err.Error(), "graph: "+name) {
					t.Errorf("%q does not begin with the operator, %s", err, name)
				}
				if missing := strings.Contains(err.Error(), "is nil"); missing != strings.HasPrefix(title, "nil") {
					t.Errorf("%q", err)
				} else if !missing {
					for _, n := range s.made {
						if !strings.Contains(err.Error(), n.String()) {
							t.Errorf("%q does not name %v", err, n)
						}
					}
				}
				if len(s.made) == 0 {
					return
				}
				for range 2 { // sticky: what comes after is built on sand
					out = Scale(Add(out, s.g.Input("later", 3)), 2)
				}
				Linear(out, out, Embedding(out, out))
				CrossEntropy(out, out, out)
				if again := s.g.Err(); !errors.Is(again, err) {
					t.Errorf("the first error was replaced by %v", again)
				}
				if _, again := s.g.Grad(ok, out); !errors.Is(again, err) {
					t.Errorf("Grad answers %v", again)
				}
				if _, again := s.g.Compile(Options{}, ok); !errors.Is(again, err) {
					t.Errorf("Compile answers %v", again)
				}
			})
		}
	}
}

func TestNodesOfAnotherGraph(t *testing.T) {
	g, other := New(), New()
	Add(g.Input("mine", 2), other.Input("theirs", 2))
	if err := g.Err(); err == nil || !strings.Contains(err.Error(), "add") || !strings.Contains(err.Error(), "theirs") {
		t.Errorf("error %v", err)
	}
	if _, err := New().Compile(Options{}, other.Input("theirs", 2)); err == nil || !strings.Contains(err.Error(), "theirs") {
		t.Errorf("error %v", err)
	}
}

func TestBadLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		make func(g *Graph) *Node
		want string
	}{
		"zero":        {func(g *Graph) *Node { return g.Input("leaf", 2, 0) }, "[2 0]"},
		"negative":    {func(g *Graph) *Node { return g.Input("leaf", -1) }, "[-1]"},
		"no tensor":   {func(g *Graph) *Node { return g.Param("leaf", nil) }, "nil"},
		"no constant": {func(g *Graph) *Node { return g.Constant("leaf", nil) }, "nil"},
		"short": {func(g *Graph) *Node {
			return g.Param("leaf", &compute.Tensor{Shape: []int{2, 2}, Data: make([]float32, 3)})
		}, "needs 4 values, got 3"},
		"empty":       {func(g *Graph) *Node { return g.Param("leaf", compute.New(0)) }, "[0]"},
		"no integers": {func(g *Graph) *Node { return g.Ints("leaf", 0) }, "0 integers"},
	} {
		g := New()
		c.make(g)
		if err := g.Err(); err == nil || !strings.Contains(err.Error(), "leaf") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with leaf and %q", name, err, c.want)
		}
	}
}

// Random nodes into every constructor: it refuses them with an error, or what it makes runs and differentiates.
func TestAnyShapesAreRefusedOrRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var pick func(fitting ...int) *Node // mostly of a shape that fits; one dimension below zero asks for Ints
	size := func() int { return max(rng.IntN(40)-36, 0)*-1 + 1 + rng.IntN(3) }
	calls := map[string]func(a, b, c int) *Node{
		"Add":          func(a, b, _ int) *Node { return Add(pick(a, b), pick(a, b)) },
		"Scale":        func(a, b, _ int) *Node { return Scale(pick(a, b), 2) },
		"Mean":         func(a, b, _ int) *Node { return Mean(pick(a, b)) },
		"Sum":          func(a, b, _ int) *Node { return Sum(pick(a, b)) },
		"GELU":         func(a, b, _ int) *Node { return GELU(pick(a, b)) },
		"GELUTanh":     func(a, b, _ int) *Node { return GELUTanh(pick(a, b)) },
		"SwiGLU":       func(a, b, _ int) *Node { return SwiGLU(pick(a, b), pick(a, b)) },
		"Linear":       func(a, b, c int) *Node { return Linear(pick(a, b), pick(c, b), pick(c)) },
		"ScaleColumns": func(a, b, _ int) *Node { return ScaleColumns(pick(a, b), pick(b), pick(b), pick(b)) },
		"ScaleRows":    func(a, b, _ int) *Node { return ScaleRows(pick(a, b), pick(a)) },
		"LowRankNorms": func(a, b, c int) *Node {
			return ScaleColumns(pick(a, b), pick(b), LowRankNorms(pick(c, b), pick(c, c), pick(b, c), pick(b), 0.1), nil)
		},
		"LinearNF4": func(a, b, c int) *Node { return LinearNF4(pick(a, b), pick(-(c*b+7)/8), pick(1), pick(c), c) },
		"RMSNorm":   func(a, b, _ int) *Node { return RMSNorm(pick(a, b), pick(b), 1e-3) },
		"LayerNorm": func(a, b, _ int) *Node { return LayerNorm(pick(a, b), pick(b), pick(b), 1e-3) },
		"Embedding": func(a, b, c int) *Node { return Embedding(pick(a, b), pick(-c)) },
		"RoPE":      func(a, b, c int) *Node { return RoPE(pick(a, 2*b*c), pick(-a), Rotation{b, size(), 10}) },
		"Dropout":   func(a, b, _ int) *Node { return Dropout(pick(a, b), pick(-3), 0.5) },
		"Attention": func(a, b, c int) *Node {
			return Attention(pick(2*a, 2*c*b), pick(2*a, c*b), pick(2*a, c*b), pick(-2*a), heads(2, a, 2*c, c, b))
		},
		"LinearCrossEntropy": func(a, b, c int) *Node { return LinearCrossEntropy(pick(a, b), pick(c, b), pick(-a), pick(a)) },
		"LinearLogProb":      func(a, b, c int) *Node { return LinearLogProb(pick(a, b), pick(c, b), pick(-a)) },
		"LinearEntropy":      func(a, b, c int) *Node { return LinearEntropy(pick(a, b), pick(c, b)) },
		"LinearDivergence": func(a, b, c int) *Node {
			return LinearDivergence(pick(a, b), pick(c, b), pick(a, c), pick(c, c), Divergence{Kind: cpu.DivergenceKind(rng.IntN(3))})
		},
		"CrossEntropy": func(a, b, _ int) *Node { return CrossEntropy(pick(a, b), pick(-a), pick(a)) },
		"ReLU":         func(a, b, _ int) *Node { return ReLU(pick(a, b)) },
		"SiLU":         func(a, b, _ int) *Node { return SiLU(pick(a, b)) },
		"Tanh":         func(a, b, _ int) *Node { return Tanh(pick(a, b)) },
		"Fuse": func(a, b, _ int) *Node {
			return Fuse(pick(a, b), []*Node{pick(a, b), pick(a, b)}, []*Node{pick(a, b), pick(a, b)})
		},
		"EmbeddingWith": func(a, b, c int) *Node { return EmbeddingWith(pick(a, b), pick(c, b), pick(-c)) },
		"RoPEFrom":      func(a, b, c int) *Node { return RoPEFrom(pick(a, 2*b*c), pick(-a), Rotation{b, size(), 10}, c) },
		"PrefixAttention": func(a, b, c int) *Node {
			return PrefixAttention(pick(2*a, 2*c*b), pick(2*a, c*b), pick(2*a, c*b), pick(b, c*b), pick(b, c*b), pick(-2*a), heads(2, a, 2*c, c, b))
		},
		"Exp":            func(a, b, _ int) *Node { return Exp(pick(a, b)) },
		"Log":            func(a, b, _ int) *Node { return Log(pick(a, b)) },
		"Sigmoid":        func(a, b, _ int) *Node { return Sigmoid(pick(a, b)) },
		"LogSigmoid":     func(a, b, _ int) *Node { return LogSigmoid(pick(a, b)) },
		"Square":         func(a, b, _ int) *Node { return Square(pick(a, b)) },
		"Log1mExp":       func(a, b, _ int) *Node { return Log1mExp(pick(a, b)) },
		"Positive":       func(a, b, _ int) *Node { return Positive(pick(a, b)) },
		"Sub":            func(a, b, _ int) *Node { return Sub(pick(a, b), pick(a, b)) },
		"Mul":            func(a, b, _ int) *Node { return Mul(pick(a, b), pick(a, b)) },
		"Min":            func(a, b, _ int) *Node { return Min(pick(a, b), pick(a, b)) },
		"Max":            func(a, b, _ int) *Node { return Max(pick(a, b), pick(a, b)) },
		"Clamp":          func(a, b, _ int) *Node { return Clamp(pick(a, b), 0, 1) },
		"Shift":          func(a, b, _ int) *Node { return Shift(pick(a, b), 1) },
		"SumBy":          func(a, _, c int) *Node { return SumBy(pick(a), pick(-a), c) },
		"Everywhere":     func(a, b, c int) *Node { return Mul(pick(c), Everywhere(Mean(pick(a, b)), c)) },
		"Reshape":        func(a, b, _ int) *Node { return Reshape(pick(a, b), b, a) },
		"MaskedMean":     func(a, _, _ int) *Node { return MaskedMean(pick(a), pick(-a)) },
		"SquaredError":   func(a, b, _ int) *Node { return SquaredError(pick(a, b), pick(a, b)) },
		"CosineDistance": func(a, b, _ int) *Node { return CosineDistance(pick(a, b), pick(a, b)) },
	}
	constructors, _ := declared(t)
	for _, name := range constructors {
		call := calls[name]
		if call == nil {
			t.Errorf("%s is not tried with random shapes", name)
			continue
		}
		ran := 0
		for range 500 {
			g := New()
			var floats []*Node
			pick = func(fitting ...int) *Node {
				switch k := rng.IntN(16); {
				case k == 0:
					return nil
				case k == 1:
					return g.Ints("i", 1+rng.IntN(3))
				case k == 2:
					fitting = []int{1 + rng.IntN(3), 1 + rng.IntN(3), 1}[:rng.IntN(4)]
				case k == 3 && len(floats) > 0:
					return floats[rng.IntN(len(floats))]
				case len(fitting) == 1 && fitting[0] < 0:
					return g.Ints("i", -fitting[0])
				}
				n := g.Input("x", fitting...)
				floats = append(floats, n)
				return n
			}
			out := call(size(), size(), size())
			if g.Err() != nil || out.graph != g {
				continue
			}
			ran++
			loss := Mean(out)
			moving := map[*Node]bool{}
			markMoving(loss, moving)
			floats = slices.DeleteFunc(floats, func(n *Node) bool { return !moving[n] })
			slices.SortFunc(floats, func(a, b *Node) int { return int(a.n.ID() - b.n.ID()) })
			grads, err := g.Grad(loss, slices.Compact(floats)...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			m, err := g.Compile(Options{}, append(grads, loss)...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := m.Run(context.Background()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if ran < 10 || ran > 490 {
			t.Errorf("%s: %d of 500 random calls fitted: one side is hardly tried", name, ran)
		}
	}
}

// Values that do not fit an input are refused before anything is copied.
func TestSetRefuses(t *testing.T) {
	g := New()
	x, ids := g.Input("x", 2, 3), g.Ints("ids", 2)
	y := Embedding(x, ids)
	m, err := g.Compile(Options{}, y)
	if err != nil {
		t.Fatal(err)
	}
	foreign := New()
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"too few floats":      {m.SetFloats(x, make([]float32, 5)), []string{"x", "[2 3]", "5"}},
		"floats for integers": {m.SetFloats(ids, make([]float32, 2)), []string{"ids"}},
		"floats for computed": {m.SetFloats(y, make([]float32, 6)), []string{"embedding"}},
		"integers for floats": {m.SetInts(x, make([]int32, 6)), []string{"x"}},
		"too many integers":   {m.SetInts(ids, make([]int32, 3)), []string{"ids", "2", "3"}},
		"out of range":        {m.SetInts(ids, []int32{1, 2}), []string{"ids[1] is 2", "embedding", "0 to 1"}},
		"nil floats":          {m.SetFloats(nil, nil), []string{"nil"}},
		"nil integers":        {m.SetInts(nil, nil), []string{"nil"}},
		"foreign floats":      {m.SetFloats(foreign.Input("far", 1), []float32{1}), []string{"far", "another graph"}},
		"foreign integers":    {m.SetInts(foreign.Ints("far", 1), []int32{1}), []string{"far", "another graph"}},
	} {
		for _, want := range c.want {
			if c.err == nil || !strings.Contains(c.err.Error(), want) {
				t.Errorf("%s: error %v, want one with %q", name, c.err, want)
			}
		}
	}
	if ids.ints[0] != 0 {
		t.Error("a refused SetInts changed the values")
	}
}

func ExampleGraph_Err() {
	g := New()
	Linear(g.Input("x", 2, 3), g.Input("w", 4, 5), nil)
	fmt.Println(g.Err())
	_, err := g.Compile(Options{}, g.Input("other", 1))
	fmt.Println(errors.Is(err, g.Err()))
	// Output:
	// graph: linear(x [2 3], w [4 5]): want x (rows, in) and w (out, in), got [2 3] and [4 5]
	// true
}

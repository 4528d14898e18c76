package graph

import (
	"math"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Each operator by hand, so that its reference and its fast form cannot be wrong together.
func TestByHand(t *testing.T) {
	third := math.Log(3)
	matrix := func(g *Graph, rows, cols int, values ...float32) *Node {
		return g.Param("x", &compute.Tensor{Shape: []int{rows, cols}, Data: values})
	}
	whole := func(g *Graph, values ...int32) *Node {
		n := g.Ints("i", len(values))
		copy(n.ints, values)
		return n
	}
	list := func(g *Graph, values ...float32) *Node { return g.Param("x", vector(values...)) }
	log3 := float32(third)
	apart := func(g *Graph, size float32, d Divergence) (x, w, xRef, wRef *Node, _ Divergence) {
		return matrix(g, 1, 1, 0), matrix(g, 2, 1, 1, 2), matrix(g, 1, 2, size, 0), matrix(g, 2, 2, 0, 9, log3, 9), d
	}
	// Two classes with logits 0 and ln 3 have the probabilities ¼ and ¾.
	quarter, most := math.Log(4), math.Log(4./3)
	type call func(g *Graph) *Node
	cases := map[string][]struct {
		call call
		want []float64
	}{
		"Add":        {{func(g *Graph) *Node { return Add(list(g, 1, 2), list(g, 10, 20)) }, []float64{11, 22}}},
		"Scale":      {{func(g *Graph) *Node { return Scale(list(g, 1, -2), -3) }, []float64{-3, 6}}},
		"MaskedMean": {{func(g *Graph) *Node { return MaskedMean(list(g, 1, 9, 6), whole(g, 5, compute.Ignore, 0)) }, []float64{3.5}}},
		// ((3−1)² + (4−4)²)/2 and 1 − (3·1 + 4·4)/(5·√17); a row of zeros is 1 from everything.
		"SquaredError":   {{func(g *Graph) *Node { return SquaredError(matrix(g, 2, 2, 3, 4, 0, 0), matrix(g, 2, 2, 1, 4, 1, -1)) }, []float64{2, 1}}},
		"CosineDistance": {{func(g *Graph) *Node { return CosineDistance(matrix(g, 2, 2, 3, 4, 0, 0), matrix(g, 2, 2, 1, 4, 1, -1)) }, []float64{1 - 19/(5*math.Sqrt(17)), 1}}},
		"Mean":           {{func(g *Graph) *Node { return Mean(matrix(g, 2, 2, 1, 2, 3, 6)) }, []float64{3}}},
		"Sum":            {{func(g *Graph) *Node { return Sum(matrix(g, 2, 2, 1, 2, 3, -7)) }, []float64{-1}}},
		// silu(ln 3) = ¾·ln 3
		"SwiGLU": {{func(g *Graph) *Node { return SwiGLU(list(g, log3, 0), list(g, 4, 9)) }, []float64{3 * third, 0}}},
		// Φ(1) = 0.841344746 and Φ(−1) = 0.158655254; with tanh, from PyTorch in float64: see gelu_test.go in compute/cpu.
		"GELU":     {{func(g *Graph) *Node { return GELU(list(g, 0, 1, -1)) }, []float64{0, 0.841344746, -0.158655254}}},
		"GELUTanh": {{func(g *Graph) *Node { return GELUTanh(list(g, 0, 1, -1)) }, []float64{0, 0.841191991, -0.158808009}}},
		"Linear": {
			{func(g *Graph) *Node { return Linear(matrix(g, 1, 2, 1, 2), matrix(g, 3, 2, 3, 4, 5, 6, 7, 8), nil) }, []float64{11, 17, 23}},
			{func(g *Graph) *Node {
				return Linear(matrix(g, 2, 1, 1, 2), matrix(g, 2, 1, 3, 4), list(g, 10, 20))
			}, []float64{13, 24, 16, 28}},
		},
		"ScaleColumns": {
			{func(g *Graph) *Node { return ScaleColumns(matrix(g, 2, 2, 1, 2, 3, 4), list(g, 10, -1), nil, nil) }, []float64{10, -2, 30, -4}},
			// Divided by 5 and, where the length is zero, not scaled.
			{func(g *Graph) *Node {
				return ScaleColumns(matrix(g, 1, 2, 1, 2), list(g, 10, -1), list(g, 5, 0), list(g, 100, 200))
			}, []float64{102, 202}},
		},
		"ScaleRows": {{func(g *Graph) *Node { return ScaleRows(matrix(g, 2, 2, 1, 2, 3, 4), list(g, 10, 0)) }, []float64{10, 20, 0, 0}}},
		// W = [(3, 4), (1, 0)], A = (1, 2), B = (1, 0): with scale 2, W + 2·B·A is [(5, 8), (1, 0)].
		"LowRankNorms": {{func(g *Graph) *Node {
			return LowRankNorms(matrix(g, 1, 2, 11, 1), matrix(g, 1, 1, 5), matrix(g, 2, 1, 1, 0), list(g, 25, 1), 2)
		}, []float64{math.Sqrt(89), 1}}},
		// Codes 15 and 0 are 1 and −1, 7 is 0; the scale is 3: w = [(3, −3), (0, 3)].
		"LinearNF4": {{func(g *Graph) *Node {
			return LinearNF4(matrix(g, 1, 2, 1, 2), g.Codes("codes", []int32{0xf70f}), list(g, 3), list(g, 10, 20), 2)
		}, []float64{7, 26}}},
		// The mean of squares of (3, 4) is 12.5.
		"RMSNorm": {
			{func(g *Graph) *Node { return RMSNorm(matrix(g, 1, 2, 3, 4), list(g, 1, 2), 0) }, []float64{3 / math.Sqrt(12.5), 8 / math.Sqrt(12.5)}},
			{func(g *Graph) *Node { return RMSNorm(matrix(g, 1, 2, 3, 4), list(g, 5, 5), 12.5) }, []float64{3, 4}},
		},
		// Mean 5 and variance 4: with eps 12 the root is 4.
		"LayerNorm": {
			{func(g *Graph) *Node { return LayerNorm(matrix(g, 1, 2, 3, 7), list(g, 1, 2), nil, 0) }, []float64{-1, 2}},
			{func(g *Graph) *Node { return LayerNorm(matrix(g, 1, 2, 3, 7), list(g, 1, 2), list(g, 10, 20), 12) }, []float64{9.5, 21}},
		},
		"Embedding": {{func(g *Graph) *Node { return Embedding(matrix(g, 3, 2, 1, 2, 3, 4, 5, 6), whole(g, 2, 0)) }, []float64{5, 6, 1, 2}}},
		"RoPE":      {{func(g *Graph) *Node { return RoPE(matrix(g, 1, 2, 1, 0), whole(g, 2), Rotation{1, 3, 10}) }, []float64{math.Cos(2), math.Sin(2)}}},
		// The words of counter 0 and key 0 begin with 6627e8d5, 0.399 of 2³², which a rate of 0.3 keeps and one
		// of 0.4 drops; see dropout_test.go in compute/cpu.
		"Dropout": {
			{func(g *Graph) *Node { return Dropout(list(g, 7), whole(g, DropoutKey(0, 0)...), 0.3) }, []float64{10}},
			{func(g *Graph) *Node { return Dropout(list(g, 7), whole(g, DropoutKey(0, 0)...), 0.4) }, []float64{0}},
			{func(g *Graph) *Node { return Dropout(list(g, 7), whole(g, DropoutKey(0, -1)...), 0.4) }, []float64{7}},
		},
		"Attention": {
			// The second row scores 0 and ln 3: it weighs 10 by ¼ and 20 by ¾.
			{func(g *Graph) *Node {
				return Attention(matrix(g, 2, 1, 5, 1), matrix(g, 2, 1, 0, log3), matrix(g, 2, 1, 10, 20), nil, heads(1, 2, 1, 1, 1))
			}, []float64{10, 17.5}},
			// In a segment of its own, or as the first of its sequence, a row sees itself.
			{func(g *Graph) *Node {
				return Attention(matrix(g, 2, 1, 5, 1), matrix(g, 2, 1, 0, log3), matrix(g, 2, 1, 10, 20), whole(g, 0, 1), heads(1, 2, 1, 1, 1))
			}, []float64{10, 20}},
			{func(g *Graph) *Node {
				return Attention(matrix(g, 2, 1, 5, 1), matrix(g, 2, 1, 0, log3), matrix(g, 2, 1, 10, 20), nil, heads(2, 1, 1, 1, 1))
			}, []float64{10, 20}},
			// Query heads 0 and 1 share the first key-value head, 2 and 3 the second.
			{func(g *Graph) *Node {
				return Attention(matrix(g, 1, 4, 1, 1, 1, 1), matrix(g, 1, 2, 1, 1), matrix(g, 1, 2, 10, 20), nil, heads(1, 1, 4, 2, 1))
			}, []float64{10, 10, 20, 20}},
		},
		// The row sees its own key, score 0, and behind it the prefix's, score ln 3, whatever the segments.
		"PrefixAttention": {{func(g *Graph) *Node {
			one := func(a float32) *Node { return matrix(g, 1, 1, a) }
			return PrefixAttention(matrix(g, 2, 1, 1, 1), matrix(g, 2, 1, 0, 0), matrix(g, 2, 1, 10, 30), one(log3), one(20), whole(g, 0, 1), heads(1, 2, 1, 1, 1))
		}, []float64{17.5, 22.5}}},
		"EmbeddingWith": {{func(g *Graph) *Node {
			return EmbeddingWith(matrix(g, 2, 2, 1, 2, 3, 4), matrix(g, 1, 2, 5, 6), whole(g, 2, 0))
		}, []float64{5, 6, 1, 2}}},
		"RoPEFrom": {{func(g *Graph) *Node { return RoPEFrom(matrix(g, 1, 2, 1, 0), whole(g, 2), Rotation{1, 3, 10}, 4) }, []float64{math.Cos(6), math.Sin(6)}}},
		"ReLU":     {{func(g *Graph) *Node { return ReLU(list(g, 2, 0, -3)) }, []float64{2, 0, 0}}},
		// sigmoid(ln 3) = ¾, tanh(ln 3) = (3 − ⅓)/(3 + ⅓)
		"SiLU":    {{func(g *Graph) *Node { return SiLU(list(g, log3, 0)) }, []float64{0.75 * math.Log(3), 0}}},
		"Tanh":    {{func(g *Graph) *Node { return Tanh(list(g, log3, 0)) }, []float64{0.8, 0}}},
		"Exp":     {{func(g *Graph) *Node { return Exp(list(g, log3, 0)) }, []float64{3, 1}}},
		"Log":     {{func(g *Graph) *Node { return Log(list(g, 3, 1)) }, []float64{math.Log(3), 0}}},
		"Sigmoid": {{func(g *Graph) *Node { return Sigmoid(list(g, log3, 0, -100, 100)) }, []float64{0.75, 0.5, 0, 1}}},
		// A choice at differences of 0, 1 and 2: DPO's loss is .6931, .3133 and .1269.
		"LogSigmoid": {{func(g *Graph) *Node { return LogSigmoid(list(g, 0, 1, 2, -100, 100)) }, []float64{-math.Ln2, -0.3132616875, -0.1269280110, -100, 0}}},
		"Square":     {{func(g *Graph) *Node { return Square(list(g, 3, -2)) }, []float64{9, 4}}},
		// 1 − ½, and 1 − ⅓.
		"Log1mExp":   {{func(g *Graph) *Node { return Log1mExp(list(g, -math.Ln2, -log3, -100)) }, []float64{-math.Ln2, math.Log(2. / 3), 0}}},
		"Positive":   {{func(g *Graph) *Node { return Positive(list(g, 3, 0, -2)) }, []float64{1, 0, 0}}},
		"Clamp":      {{func(g *Graph) *Node { return Clamp(list(g, 3, 1, 0.9, -2), 0.8, 1.2) }, []float64{1.2, 1, 0.9, 0.8}}},
		"Shift":      {{func(g *Graph) *Node { return Shift(list(g, 3, -2), -1) }, []float64{2, -3}}},
		"Sub":        {{func(g *Graph) *Node { return Sub(list(g, 3, -2), list(g, 1, 5)) }, []float64{2, -7}}},
		"Mul":        {{func(g *Graph) *Node { return Mul(list(g, 3, -2), list(g, 1, 5)) }, []float64{3, -10}}},
		"Min":        {{func(g *Graph) *Node { return Min(list(g, 3, -2), list(g, 1, 5)) }, []float64{1, -2}}},
		"Max":        {{func(g *Graph) *Node { return Max(list(g, 3, -2), list(g, 1, 5)) }, []float64{3, 5}}},
		"SumBy":      {{func(g *Graph) *Node { return SumBy(list(g, 1, 9, 6, 2), whole(g, 2, compute.Ignore, 0, 2), 4) }, []float64{6, 0, 3, 0}}},
		"Everywhere": {{func(g *Graph) *Node { return Everywhere(Mean(list(g, 1, 5)), 3) }, []float64{3, 3, 3}}},
		"Reshape":    {{func(g *Graph) *Node { return Reshape(matrix(g, 3, 1, 5, 6, 7), 3) }, []float64{5, 6, 7}}},
		// Scores 0 and ln 3.
		"Fuse": {{func(g *Graph) *Node {
			one := func(a float32) *Node { return matrix(g, 1, 1, a) }
			return Fuse(one(1), []*Node{one(0), one(log3)}, []*Node{one(10), one(20)})
		}, []float64{17.5}}},
		"CrossEntropy": {
			{func(g *Graph) *Node { return CrossEntropy(matrix(g, 1, 2, 0, log3), whole(g, 1), nil) }, []float64{most}},
			// A row that does not count is not among those that the mean divides by.
			{func(g *Graph) *Node {
				return CrossEntropy(matrix(g, 3, 2, 0, log3, 9, -9, 0, log3), whole(g, 1, off, 0), nil)
			}, []float64{(most + quarter) / 2}},
			{func(g *Graph) *Node {
				return CrossEntropy(matrix(g, 3, 2, 0, log3, 9, -9, 0, log3), whole(g, 1, off, 0), list(g, 1, 100, 3))
			}, []float64{(most + 3*quarter) / 4}},
			{func(g *Graph) *Node { return CrossEntropy(matrix(g, 1, 2, 0, log3), whole(g, off), nil) }, []float64{0}},
		},
		"LinearCrossEntropy": {{func(g *Graph) *Node {
			return LinearCrossEntropy(matrix(g, 2, 1, 1, 2), matrix(g, 2, 1, 0, log3), whole(g, 0, off), nil)
		}, []float64{quarter}}},
		"LinearEntropy": {{func(g *Graph) *Node {
			return LinearEntropy(matrix(g, 2, 1, 0, 1), matrix(g, 2, 1, 0, log3))
		}, []float64{math.Log(2), quarter/4 + 3*most/4}}},
		// The teacher has ¼ and ¾, the student one half each, and their even mixture ⅜ and ⅝.
		"LinearDivergence": {
			{func(g *Graph) *Node { return LinearDivergence(apart(g, 1, Divergence{})) }, []float64{math.Log(0.5)/4 + 3*math.Log(1.5)/4}},
			{func(g *Graph) *Node { return LinearDivergence(apart(g, 1, Divergence{Kind: ReverseKL})) }, []float64{math.Log(2)/2 + math.Log(2./3)/2}},
			{func(g *Graph) *Node { return LinearDivergence(apart(g, 1, Divergence{Kind: JensenShannon})) }, []float64{(math.Log(2./3)/4 + 3*math.Log(1.2)/4 + math.Log(4./3)/2 + math.Log(0.8)/2) / 2}},
			{func(g *Graph) *Node { return LinearDivergence(apart(g, 5, Divergence{Temperature: 5})) }, []float64{math.Log(0.5)/4 + 3*math.Log(1.5)/4}},
		},
		"LinearLogProb": {{func(g *Graph) *Node {
			return LinearLogProb(matrix(g, 3, 1, 1, 2, 1), matrix(g, 2, 1, 0, log3), whole(g, 0, off, 1))
		}, []float64{-quarter, 0, -most}}},
	}
	constructors, _ := declared(t)
	for _, name := range constructors {
		if len(cases[name]) == 0 {
			t.Errorf("%s has no case worked by hand", name)
		}
	}
	for _, device := range devices(t) {
		for name, some := range cases {
			for i, c := range some {
				g := New()
				out := c.call(g)
				got := run(t, g, Options{Device: device}, out)[0]
				for j, want := range c.want {
					if len(got) != len(c.want) || math.Abs(float64(got[j])-want) > 1e-5 {
						t.Errorf("%v: %s, case %d: %v, want %v", device, name, i, got, c.want)
						break
					}
				}
			}
		}
	}
}

// A value that one operator reads twice gives its place back once: two later values would get the same otherwise.
func TestValueReadTwiceIsFreedOnce(t *testing.T) {
	g := New()
	four := Scale(g.Param("x", vector(2)), 2)
	eight := Add(four, four)
	sum := Add(Scale(eight, 3), Scale(eight, 5))
	if got := run(t, g, Options{}, sum)[0][0]; got != 64 {
		t.Errorf("3·8 + 5·8 = %g", got)
	}
}

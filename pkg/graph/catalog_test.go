package graph

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// specimen is one operator on one choice of shapes. Every check that all operators must pass loops over specimens, and
// TestEveryOperatorIsInTheCatalog fails when an exported constructor has none.
type specimen struct {
	constructor string
	title       string
	terms       int // of the longest sum that a value or a gradient is, which says how far float32 may be off
	build       func(b *bench) *Node
}

func (s specimen) String() string { return strings.TrimSuffix(s.constructor+"/"+s.title, "/") }

// bench builds one specimen.
type bench struct {
	g      *Graph
	rng    *rand.Rand
	moving []*Node // what is differentiated
	ints   map[*Node][]int32
}

func newBench(s specimen) (*bench, *Node) {
	b := &bench{g: New(), rng: rand.New(rand.NewPCG(3, uint64(len(s.title)))), ints: map[*Node][]int32{}}
	return b, s.build(b)
}

// tensor has values between ½ and 1½ of either sign: far from zero, where a norm is steep and float32 loses digits.
func (b *bench) tensor(shape ...int) *compute.Tensor {
	t := compute.New(shape...)
	for i := range t.Data {
		t.Data[i] = 0.5 + b.rng.Float32()
		if b.rng.IntN(2) == 0 {
			t.Data[i] = -t.Data[i]
		}
	}
	return t
}

// x is an input that a gradient is asked for.
func (b *bench) x(shape ...int) *Node {
	n := b.g.Param("x", b.tensor(shape...))
	b.moving = append(b.moving, n)
	return n
}

func (b *bench) fixed(values ...float32) *Node {
	return b.g.Constant("fixed", &compute.Tensor{Shape: []int{len(values)}, Data: values})
}

func (b *bench) integers(values ...int32) *Node {
	n := b.g.Ints("ints", len(values))
	copy(n.ints, values)
	b.ints[n] = values
	return n
}

// some gives n integers below high.
func (b *bench) some(n, high int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(b.rng.IntN(high))
	}
	return out
}

func (b *bench) attention(s AttentionShape, segments ...int32) *Node {
	rows := s.Batch * s.Length
	q, k, v := b.x(rows, s.Heads*s.HeadDim), b.x(rows, s.KVHeads*s.HeadDim), b.x(rows, s.KVHeads*s.HeadDim)
	if segments == nil {
		return Attention(q, k, v, nil, s)
	}
	return Attention(q, k, v, b.integers(segments...), s)
}

func (b *bench) rope(rows, context int, r Rotation, dim int) *Node {
	r.Context = context
	return RoPE(b.x(rows, r.Heads*dim), b.integers(b.some(rows, context)...), r)
}

func heads(batch, length, heads, kvHeads, dim int) AttentionShape {
	return AttentionShape{Batch: batch, Length: length, Heads: heads, KVHeads: kvHeads, HeadDim: dim}
}

const off = cpu.Ignore

// catalog has the sizes where kernels change their way: one row, one column, odd sizes, just over a tile (6 × 16 and
// 12 × 32), over a chunk of the output layer (256 tokens) and of attention (48 rows).
func catalog() []specimen {
	var list []specimen
	add := func(constructor, title string, terms int, build func(b *bench) *Node) {
		list = append(list, specimen{constructor, title, terms, build})
	}
	for _, shape := range [][]int{nil, {1}, {37}, {3, 5}, {2, 3, 7}} {
		title, size := fmt.Sprint(shape), (&Node{shape: shape}).size()
		add("Add", title, 1, func(b *bench) *Node { return Add(b.x(shape...), b.x(shape...)) })
		add("Scale", title, 1, func(b *bench) *Node { return Scale(b.x(shape...), -0.7) })
		add("Mean", title, size, func(b *bench) *Node { return Mean(b.x(shape...)) })
		add("Sum", title, size, func(b *bench) *Node { return Sum(b.x(shape...)) })
		add("GELU", title, 4, func(b *bench) *Node { return GELU(b.x(shape...)) })
		add("GELUTanh", title, 4, func(b *bench) *Node { return GELUTanh(b.x(shape...)) })
		add("SwiGLU", title, 4, func(b *bench) *Node { return SwiGLU(b.x(shape...), b.x(shape...)) })
	}
	add("Add", "one node twice", 1, func(b *bench) *Node { x := b.x(3, 5); return Add(x, x) })
	add("SwiGLU", "one node twice", 4, func(b *bench) *Node { x := b.x(3, 5); return SwiGLU(x, x) })

	for _, s := range [][3]int{{1, 1, 1}, {1, 5, 3}, {7, 17, 33}, {13, 3, 35}, {50, 2, 3}} {
		rows, in, out := s[0], s[1], s[2]
		terms := max(rows, in, out)
		add("Linear", fmt.Sprint(s), terms, func(b *bench) *Node { return Linear(b.x(rows, in), b.x(out, in), nil) })
		add("Linear", fmt.Sprint(s, " bias"), terms, func(b *bench) *Node { return Linear(b.x(rows, in), b.x(out, in), b.x(out)) })
	}
	for _, s := range [][2]int{{1, 1}, {3, 5}, {7, 33}, {71, 6}} {
		rows, dim := s[0], s[1]
		add("ScaleColumns", fmt.Sprint(s), rows+2, func(b *bench) *Node { return ScaleColumns(b.x(rows, dim), b.x(dim), nil, nil) })
		add("ScaleColumns", fmt.Sprint(s, " over, bias"), rows+2, func(b *bench) *Node {
			return ScaleColumns(b.x(rows, dim), b.x(dim), b.fixed(b.tensor(dim).Data...), b.x(dim))
		})
		add("ScaleRows", fmt.Sprint(s), 2, func(b *bench) *Node { return ScaleRows(b.x(rows, dim), b.fixed(b.tensor(rows).Data...)) })
		// The lengths have no gradient: a factor beside them has.
		add("LowRankNorms", fmt.Sprint(s), rows+2*dim, func(b *bench) *Node {
			constant := func(shape ...int) *Node { return b.g.Constant("c", b.tensor(shape...)) }
			squares := b.tensor(dim)
			for i, v := range squares.Data {
				squares.Data[i] = 1 + v*v
			}
			c := LowRankNorms(constant(2, dim), constant(2, 2), constant(dim, 2), b.g.Constant("squares", squares), 0.01)
			return ScaleColumns(b.x(rows, dim), b.x(dim), c, nil)
		})
		nf4 := func(b *bench, bias *Node) *Node {
			codes, scales := compute.QuantizeNF4(b.tensor(9, dim).Data)
			return LinearNF4(b.x(rows, dim), b.g.Codes("codes", codes), b.fixed(scales...), bias, 9)
		}
		add("LinearNF4", fmt.Sprint(s), dim+9, func(b *bench) *Node { return nf4(b, nil) })
		add("LinearNF4", fmt.Sprint(s, " bias"), dim+9+rows, func(b *bench) *Node { return nf4(b, b.x(9)) })
	}
	add("Linear", "one node twice", 5, func(b *bench) *Node { x := b.x(5, 3); return Linear(x, x, nil) })

	for _, s := range [][2]int{{1, 1}, {1, 7}, {5, 1}, {9, 33}, {71, 6}} {
		add("RMSNorm", fmt.Sprint(s), s[0]+s[1], func(b *bench) *Node { return RMSNorm(b.x(s[0], s[1]), b.x(s[1]), 1e-5) })
		// Two values may be close together, where the norm of a row is steep; eps keeps its derivatives within bounds.
		add("LayerNorm", fmt.Sprint(s), s[0]+4*s[1], func(b *bench) *Node { return LayerNorm(b.x(s[0], s[1]), b.x(s[1]), nil, 1) })
		add("LayerNorm", fmt.Sprint(s, " bias"), s[0]+4*s[1], func(b *bench) *Node { return LayerNorm(b.x(s[0], s[1]), b.x(s[1]), b.x(s[1]), 1) })
	}
	for _, s := range [][2]int{{1, 1}, {1, 7}, {9, 33}, {71, 6}} {
		ref := func(b *bench) *Node { return b.g.Constant("ref", b.tensor(s[0], s[1])) }
		add("SquaredError", fmt.Sprint(s), s[1], func(b *bench) *Node { return SquaredError(b.x(s[0], s[1]), ref(b)) })
		add("CosineDistance", fmt.Sprint(s), 3*s[1], func(b *bench) *Node { return CosineDistance(b.x(s[0], s[1]), ref(b)) })
	}
	add("MaskedMean", "one", 1, func(b *bench) *Node { return MaskedMean(b.x(1), b.integers(3)) })
	add("MaskedMean", "masked", 4, func(b *bench) *Node { return MaskedMean(b.x(4), b.integers(off, 7, off, 0)) })
	add("MaskedMean", "nothing counts", 2, func(b *bench) *Node { return MaskedMean(b.x(2), b.integers(off, off)) })
	add("SumBy", "one", 1, func(b *bench) *Node { return SumBy(b.x(1), b.integers(0), 1) })
	add("SumBy", "some", 4, func(b *bench) *Node { return SumBy(b.x(5), b.integers(2, off, 0, 2, off), 4) })
	add("SumBy", "nothing counts", 2, func(b *bench) *Node { return SumBy(b.x(2), b.integers(off, off), 2) })
	add("Everywhere", "as a baseline", 3, func(b *bench) *Node { return Mul(b.x(3), Everywhere(Mean(b.fixed(2, 5)), 3)) })
	add("Reshape", "column", 1, func(b *bench) *Node { return Reshape(b.x(5, 1), 5) })
	add("Reshape", "matrix", 1, func(b *bench) *Node { return Reshape(b.x(2, 6), 3, 2, 2) })
	add("RMSNorm", "large eps", 9, func(b *bench) *Node { return RMSNorm(b.x(4, 5), b.x(5), 0.5) })

	add("LayerNorm", "small eps", 16, func(b *bench) *Node { return LayerNorm(b.x(4, 9), b.x(9), b.x(9), 1e-5) })

	add("Embedding", "one row", 1, func(b *bench) *Node { return Embedding(b.x(3, 5), b.integers(2)) })
	add("Embedding", "repeated ids", 30, func(b *bench) *Node { return Embedding(b.x(4, 9), b.integers(b.some(30, 4)...)) })
	add("Embedding", "unused rows", 3, func(b *bench) *Node { return Embedding(b.x(40, 1), b.integers(39, 0, 0)) })

	// The angle is position·base^(−2i/dim): rounding it to float32 costs up to 2⁻²⁴ of the position.
	add("RoPE", "one row", 8, func(b *bench) *Node { return b.rope(1, 8, Rotation{Heads: 1, Base: 10000}, 2) })
	add("RoPE", "odd heads", 30, func(b *bench) *Node { return b.rope(7, 30, Rotation{Heads: 3, Base: 10000}, 6) })
	add("RoPE", "wide heads, small base", 20, func(b *bench) *Node { return b.rope(5, 20, Rotation{Heads: 2, Base: 100}, 34) })

	for _, n := range []int{1, 63, 64, 77, 131} {
		add("Dropout", fmt.Sprint(n), 2, func(b *bench) *Node { return Dropout(b.x(n), b.integers(DropoutKey(5, 3)...), 0.4) })
	}
	add("Dropout", "matrix", 2, func(b *bench) *Node {
		return Dropout(b.x(5, 30), b.integers(DropoutKey(1<<40+7, 1<<20)...), 0.9)
	})
	add("Dropout", "off", 1, func(b *bench) *Node { return Dropout(b.x(5, 30), b.integers(DropoutKey(5, -1)...), 0.4) })
	add("Dropout", "rate zero", 1, func(b *bench) *Node { return Dropout(b.x(3, 5), b.integers(DropoutKey(5, 3)...), 0) })
	add("Dropout", "twice", 3, func(b *bench) *Node {
		key := b.integers(DropoutKey(5, 3)...)
		return Dropout(Dropout(b.x(70), key, 0.3), key, 0.3)
	})

	attention := func(title string, s AttentionShape, segments ...int32) {
		add("Attention", title, s.HeadDim+s.Length*s.Heads/s.KVHeads, func(b *bench) *Node { return b.attention(s, segments...) })
	}
	attention("one row", heads(1, 1, 1, 1, 2))
	attention("odd sizes", heads(3, 5, 3, 3, 7))
	attention("grouped heads", heads(2, 5, 6, 2, 3))
	attention("one key-value head", heads(1, 9, 4, 1, 4))
	attention("more rows than a block", heads(1, 61, 2, 1, 2))
	attention("packed", heads(2, 6, 2, 1, 4), 0, 0, 0, 1, 1, 2, 5, 6, 6, 6, 6, 6)
	attention("segments of one row", heads(1, 4, 1, 1, 3), 3, 1, 2, 0)
	attention("same number in both sequences", heads(2, 2, 1, 1, 3), 4, 4, 4, 4)
	add("Attention", "one node three times", 3*9, func(b *bench) *Node {
		x := b.x(5, 4)
		return Attention(x, x, x, nil, heads(1, 5, 1, 1, 4))
	})

	head := func(title string, rows, dim, vocab int, targets []int32, weights ...float32) {
		terms := rows + dim + vocab
		scale := func(b *bench) *Node {
			if weights == nil {
				return nil
			}
			return b.fixed(weights...)
		}
		labels := func(b *bench) *Node {
			if targets == nil {
				return b.integers(b.some(rows, vocab)...)
			}
			return b.integers(targets...)
		}
		add("LinearCrossEntropy", title, terms, func(b *bench) *Node {
			return LinearCrossEntropy(b.x(rows, dim), b.x(vocab, dim), labels(b), scale(b))
		})
		if weights == nil {
			add("LinearLogProb", title, terms, func(b *bench) *Node { return LinearLogProb(b.x(rows, dim), b.x(vocab, dim), labels(b)) })
		}
		add("CrossEntropy", title, terms, func(b *bench) *Node { return CrossEntropy(b.x(rows, vocab), labels(b), scale(b)) })
	}
	for _, s := range [][3]int{{1, 3, 2}, {3, 2, 1}, {7, 5, 11}, {13, 4, 35}, {261, 2, 3}} {
		rows, dim, vocab := s[0], s[1], s[2]
		terms := 3 * (rows + dim + vocab)
		add("LinearEntropy", fmt.Sprint(s), terms, func(b *bench) *Node { return LinearEntropy(b.x(rows, dim), b.x(vocab, dim)) })
		for _, d := range []Divergence{{}, {Kind: ReverseKL}, {Kind: JensenShannon}, {Kind: ForwardKL, Temperature: 3}, {Kind: ReverseKL, Temperature: 0.7}, {Kind: JensenShannon, Beta: 0.1, Temperature: 2}} {
			add("LinearDivergence", fmt.Sprint(s, d), terms, func(b *bench) *Node {
				teacher, table := b.g.Constant("teacher", b.tensor(rows, dim+1)), b.g.Constant("table", b.tensor(vocab, dim+1))
				return LinearDivergence(b.x(rows, dim), b.x(vocab, dim), teacher, table, d)
			})
		}
	}
	add("LinearEntropy", "one node twice", 20, func(b *bench) *Node { x := b.x(5, 3); return LinearEntropy(x, x) })

	for _, shape := range [][]int{nil, {37}, {2, 3, 7}} {
		title := fmt.Sprint(shape)
		add("ReLU", title, 1, func(b *bench) *Node { return ReLU(b.x(shape...)) })
		add("SiLU", title, 4, func(b *bench) *Node { return SiLU(b.x(shape...)) })
		add("Tanh", title, 4, func(b *bench) *Node { return Tanh(b.x(shape...)) })
		add("Exp", title, 4, func(b *bench) *Node { return Exp(b.x(shape...)) })
		add("Log", title, 4, func(b *bench) *Node { return Log(Square(b.x(shape...))) })
		add("Sigmoid", title, 4, func(b *bench) *Node { return Sigmoid(b.x(shape...)) })
		add("LogSigmoid", title, 4, func(b *bench) *Node { return LogSigmoid(b.x(shape...)) })
		add("Square", title, 4, func(b *bench) *Node { return Square(b.x(shape...)) })
		add("Log1mExp", title, 4, func(b *bench) *Node { return Log1mExp(Scale(Square(b.x(shape...)), -1)) })
		add("Positive", title, 4, func(b *bench) *Node { x := b.x(shape...); return Mul(x, Positive(x)) })
		add("Clamp", title, 4, func(b *bench) *Node { return Clamp(b.x(shape...), -2, 0.1) })
		add("Shift", title, 4, func(b *bench) *Node { return Shift(b.x(shape...), -0.3) })
		add("Sub", title, 4, func(b *bench) *Node { return Sub(b.x(shape...), b.x(shape...)) })
		add("Mul", title, 4, func(b *bench) *Node { return Mul(b.x(shape...), b.x(shape...)) })
		add("Min", title, 4, func(b *bench) *Node { return Min(b.x(shape...), b.x(shape...)) })
		add("Max", title, 4, func(b *bench) *Node { return Max(b.x(shape...), b.x(shape...)) })
	}
	add("EmbeddingWith", "ids of both", 30, func(b *bench) *Node { return EmbeddingWith(b.x(4, 9), b.x(3, 9), b.integers(b.some(30, 7)...)) })
	add("EmbeddingWith", "none of the second", 3, func(b *bench) *Node { return EmbeddingWith(b.x(4, 3), b.x(1, 3), b.integers(3, 0, 3)) })
	add("RoPEFrom", "behind a prefix", 30, func(b *bench) *Node {
		return RoPEFrom(b.x(7, 18), b.integers(b.some(7, 20)...), Rotation{Heads: 3, Context: 20, Base: 10000}, 10)
	})
	for _, s := range [][3]int{{1, 1, 1}, {5, 3, 1}, {3, 17, 2}, {40, 6, 3}} {
		add("Fuse", fmt.Sprint(s), 4*(s[1]+s[2]), func(b *bench) *Node {
			q := b.x(s[0], s[1])
			var keys, values []*Node
			for range s[2] {
				keys, values = append(keys, b.x(s[0], s[1])), append(values, b.x(s[0], s[1]))
			}
			return Fuse(q, keys, values)
		})
	}
	add("Fuse", "one node five times", 40, func(b *bench) *Node { x := b.x(4, 5); return Fuse(x, []*Node{x, x}, []*Node{x, x}) })
	behind := func(title string, s AttentionShape, prefix int, segments ...int32) {
		add("PrefixAttention", title, s.HeadDim+(prefix+s.Length)*s.Batch*s.Heads/s.KVHeads, func(b *bench) *Node {
			rows, width := s.Batch*s.Length, s.KVHeads*s.HeadDim
			var numbers *Node
			if segments != nil {
				numbers = b.integers(segments...)
			}
			return PrefixAttention(b.x(rows, s.Heads*s.HeadDim), b.x(rows, width), b.x(rows, width), b.x(prefix, width), b.x(prefix, width), numbers, s)
		})
	}
	behind("one row", heads(1, 1, 1, 1, 2), 1)
	behind("grouped heads", heads(2, 5, 6, 2, 3), 3)
	behind("packed", heads(2, 6, 2, 1, 4), 2, 0, 0, 0, 1, 1, 2, 5, 6, 6, 6, 6, 6)
	behind("more rows than a block", heads(1, 61, 2, 1, 2), 20)

	head("one row", 1, 3, 2, nil)
	head("vocabulary of one", 3, 2, 1, nil)
	head("odd sizes", 7, 5, 11, nil)
	head("over a tile", 13, 4, 35, nil)
	head("masked", 4, 3, 5, []int32{off, 4, off, 0})
	head("masked, weighted", 4, 3, 5, []int32{2, off, 4, 0}, 0.5, 9, 2, 0)
	head("nothing counts", 2, 3, 5, []int32{off, off})
	head("all weights zero", 2, 3, 5, []int32{1, 2}, 0, 0)
	head("more rows than a chunk", 261, 2, 3, nil)
	return list
}

// The catalog is complete: a new operator joins it, or this fails. Derivatives count too: each type of operator in the
// package is met by some specimen's forward or backward pass.
func TestEveryOperatorIsInTheCatalog(t *testing.T) {
	have, met := map[string]bool{}, map[string]bool{}
	for _, s := range catalog() {
		have[s.constructor] = true
		for _, n := range needed(s.trial(t).all()) {
			if n.op != nil {
				met[strings.TrimPrefix(strings.TrimPrefix(fmt.Sprintf("%T", n.op), "*"), "graph.")] = true
			}
		}
	}
	// Those that fusing makes are in the plan of a decoder.
	d, outputs := trained(t, 2)
	for _, step := range d.compile(t, Options{}, outputs...).steps {
		met[strings.TrimPrefix(fmt.Sprintf("%T", step.node.op), "graph.")] = true
	}
	constructors, operators := declared(t)
	if len(constructors) < 8 || len(operators) < 8 {
		t.Fatalf("the package's source shows only the constructors %v and operators %v", constructors, operators)
	}
	for _, name := range constructors {
		if !have[name] {
			t.Errorf("%s makes a node and has no specimen in catalog: add shapes for it", name)
		}
	}
	for _, name := range operators {
		if !met[name] {
			t.Errorf("%s is an operator that no specimen in catalog reaches", name)
		}
	}
	for name := range have {
		if !slices.Contains(constructors, name) {
			t.Errorf("catalog has specimens of %s, which the package does not export", name)
		}
	}
}

// declared reads from the package's source the exported functions that make one node out of others, and the types with a
// Bind method.
func declared(t *testing.T) (constructors, operators []string) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case f.Recv != nil && f.Name.Name == "Bind":
				operators = append(operators, typeName(f.Recv.List[0].Type))
			case f.Recv == nil && f.Name.IsExported() && takesNode(f.Type.Params) && f.Type.Results != nil && typeName(f.Type.Results.List[0].Type) == "Node":
				constructors = append(constructors, f.Name.Name)
			}
		}
	}
	return constructors, operators
}

func takesNode(fields *ast.FieldList) bool {
	return slices.ContainsFunc(fields.List, func(f *ast.Field) bool { return typeName(f.Type) == "Node" })
}

// typeName of T, *T, []T or ...T.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ArrayType:
		return typeName(e.Elt)
	case *ast.Ellipsis:
		return typeName(e.Elt)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

package reference_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// operator is one operator for the check of its gradient. inputs are differentiated; forward writes output; backward
// writes one gradient for each input from the gradient of the output.
type operator struct {
	name     string
	inputs   [][]float64
	output   int
	forward  func(y []float64, x [][]float64)
	backward func(dx [][]float64, dy []float64, x [][]float64)
}

func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// operators are all on rows of dim values and a vocabulary; one row in three does not count.
func operators(rng *rand.Rand, rows, dim, vocab int) []operator {
	ids, targets, positions, weights := make([]int32, rows), make([]int32, rows), make([]int32, rows), make([]float64, rows)
	for r := range rows {
		ids[r], targets[r], positions[r], weights[r] = rng.Int32N(int32(vocab)), rng.Int32N(int32(vocab)), rng.Int32N(50), rng.Float64()
		if r%3 == 1 {
			targets[r] = reference.Ignore
		}
	}
	var list []operator
	add := func(name string, output int, inputs [][]float64, forward func(y []float64, x [][]float64), backward func(dx [][]float64, dy []float64, x [][]float64)) {
		list = append(list, operator{name, inputs, output, forward, backward})
	}
	n := func(size int) []float64 { return normal(rng, size) }

	add("Linear", rows*vocab, [][]float64{n(rows * dim), n(vocab * dim), n(vocab)},
		func(y []float64, x [][]float64) { reference.Linear(y, x[0], x[1], x[2], rows, dim, vocab) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.LinearBackward(dx[0], dx[1], dx[2], dy, x[0], x[1], rows, dim, vocab)
		})
	add("Embedding", rows*dim, [][]float64{n(vocab * dim)},
		func(y []float64, x [][]float64) { reference.Embedding(y, x[0], ids, dim) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.EmbeddingBackward(dx[0], dy, ids, dim) })
	add("RMSNorm", rows*dim, [][]float64{n(rows * dim), n(dim)},
		func(y []float64, x [][]float64) { reference.RMSNorm(y, x[0], x[1], rows, dim, 1e-5) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.RMSNormBackward(dx[0], dx[1], dy, x[0], x[1], rows, dim, 1e-5)
		})
	add("LayerNorm", rows*dim, [][]float64{n(rows * dim), n(dim), n(dim)},
		func(y []float64, x [][]float64) { reference.LayerNorm(y, x[0], x[1], x[2], rows, dim, 0.5) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.LayerNormBackward(dx[0], dx[1], dx[2], dy, x[0], x[1], rows, dim, 0.5)
		})
	add("SiLU", rows*dim, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { reference.SiLU(y, x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.SiLUBackward(dx[0], dy, x[0]) })
	kinked := n(rows * dim)
	for i := range kinked { // ReLU has no derivative at zero: differences stay on one side of it
		kinked[i] = math.Copysign(0.1+math.Abs(kinked[i]), kinked[i])
	}
	add("ReLU", rows*dim, [][]float64{kinked},
		func(y []float64, x [][]float64) { reference.ReLU(y, x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.ReLUBackward(dx[0], dy, x[0]) })
	add("Tanh", rows*dim, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { reference.Tanh(y, x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.TanhBackward(dx[0], dy, x[0]) })
	add("Fuse", rows*dim, [][]float64{n(rows * dim), n(rows * dim), n(rows * dim), n(rows * dim), n(rows * dim)},
		func(y []float64, x [][]float64) { reference.Fuse(y, x, rows, dim) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.FuseBackward(dx, dy, x, rows, dim) })
	behind := reference.Shape{Batch: 1, Length: rows, Heads: 2, KVHeads: 1, HeadDim: dim}
	add("PrefixAttention", rows*2*dim, [][]float64{n(rows * 2 * dim), n((rows + 2) * dim), n((rows + 2) * dim)},
		func(y []float64, x [][]float64) { reference.PrefixAttention(y, x[0], x[1], x[2], nil, behind, 2) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.PrefixAttentionBackward(dx[0], dx[1], dx[2], dy, x[0], x[1], x[2], nil, behind, 2)
		})
	add("GELU", rows*dim, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { reference.GELU(y, x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.GELUBackward(dx[0], dy, x[0]) })
	add("GELUTanh", rows*dim, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { reference.GELUTanh(y, x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.GELUTanhBackward(dx[0], dy, x[0]) })
	add("SwiGLU", rows*dim, [][]float64{n(rows * dim), n(rows * dim)},
		func(y []float64, x [][]float64) { reference.SwiGLU(y, x[0], x[1]) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.SwiGLUBackward(dx[0], dx[1], dy, x[0], x[1])
		})
	add("Softmax", rows*dim, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { reference.Softmax(y, x[0], rows, dim) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			y := make([]float64, rows*dim)
			reference.Softmax(y, x[0], rows, dim)
			reference.SoftmaxBackward(dx[0], dy, y, rows, dim)
		})
	add("RoPE", rows*3*2*dim, [][]float64{n(rows * 3 * 2 * dim)},
		func(y []float64, x [][]float64) { reference.RoPE(y, x[0], positions, 3, 2*dim, 100, false) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.RoPE(dx[0], dy, positions, 3, 2*dim, 100, true)
		})
	add("CrossEntropy", rows, [][]float64{n(rows * vocab)},
		func(y []float64, x [][]float64) { reference.CrossEntropy(y, x[0], targets, weights, rows, vocab) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.CrossEntropyBackward(dx[0], x[0], targets, weights, rows, vocab)
			for i := range dx[0] { // the operator's gradient is that of the sum
				dx[0][i] *= dy[i/vocab]
			}
		})
	add("Entropy", rows, [][]float64{n(rows * vocab)},
		func(y []float64, x [][]float64) { reference.Entropy(y, x[0], rows, vocab) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.EntropyBackward(dx[0], dy, x[0], rows, vocab)
		})
	given := n(rows * vocab)
	add("ForwardKL", rows, [][]float64{n(rows * vocab)},
		func(y []float64, x [][]float64) { reference.ForwardKL(y, x[0], given, rows, vocab, 0.7) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.ForwardKLBackward(dx[0], dy, x[0], given, rows, vocab, 0.7)
		})
	add("ReverseKL", rows, [][]float64{n(rows * vocab)},
		func(y []float64, x [][]float64) { reference.ReverseKL(y, x[0], given, rows, vocab, 0.7) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.ReverseKLBackward(dx[0], dy, x[0], given, rows, vocab, 0.7)
		})
	add("JensenShannon", rows, [][]float64{n(rows * vocab)},
		func(y []float64, x [][]float64) { reference.JensenShannon(y, x[0], given, rows, vocab, 0.2, 0.7) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.JensenShannonBackward(dx[0], dy, x[0], given, rows, vocab, 0.2, 0.7)
		})
	add("Mean", 1, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { y[0] = reference.Mean(x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.MeanBackward(dx[0], dy[0]) })
	add("Sum", 1, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { y[0] = reference.Sum(x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.SumBackward(dx[0], dy[0]) })
	add("MaskedMean", 1, [][]float64{n(rows)},
		func(y []float64, x [][]float64) { y[0] = reference.MaskedMean(x[0], targets) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.MaskedMeanBackward(dx[0], dy[0], targets) })
	near := n(rows * dim)
	add("SquaredError", rows, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { reference.SquaredError(y, x[0], near, rows, dim) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.SquaredErrorBackward(dx[0], dy, x[0], near, rows, dim)
		})
	add("CosineDistance", rows, [][]float64{n(rows * dim)},
		func(y []float64, x [][]float64) { reference.CosineDistance(y, x[0], near, rows, dim) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.CosineDistanceBackward(dx[0], dy, x[0], near, rows, dim)
		})
	add("LinearCrossEntropy", 1, [][]float64{n(rows * dim), n(vocab * dim)},
		func(y []float64, x [][]float64) {
			y[0] = reference.LinearCrossEntropy(x[0], x[1], targets, weights, rows, dim, vocab)
		},
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.LinearCrossEntropyBackward(dx[0], dx[1], dy[0], x[0], x[1], targets, weights, rows, dim, vocab)
		})
	add("LinearLogProb", rows, [][]float64{n(rows * dim), n(vocab * dim)},
		func(y []float64, x [][]float64) { reference.LinearLogProb(y, x[0], x[1], targets, rows, dim, vocab) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.LinearLogProbBackward(dx[0], dx[1], dy, x[0], x[1], targets, rows, dim, vocab)
		})
	add("LinearEntropy", rows, [][]float64{n(rows * dim), n(vocab * dim)},
		func(y []float64, x [][]float64) { reference.LinearEntropy(y, x[0], x[1], rows, dim, vocab) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.LinearEntropyBackward(dx[0], dx[1], dy, x[0], x[1], rows, dim, vocab)
		})
	xRef, wRef := n(rows*(dim+1)), n(vocab*(dim+1))
	for _, v := range []compute.Divergence{{Temperature: 0.7}, {Kind: compute.ReverseKL}, {Kind: compute.JensenShannon, Beta: 0.2}} {
		add("LinearDivergence", rows, [][]float64{n(rows * dim), n(vocab * dim)},
			func(y []float64, x [][]float64) {
				reference.LinearDivergence(y, x[0], x[1], xRef, wRef, rows, dim, dim+1, vocab, v)
			},
			func(dx [][]float64, dy []float64, x [][]float64) {
				reference.LinearDivergenceBackward(dx[0], dx[1], dy, x[0], x[1], xRef, wRef, rows, dim, dim+1, vocab, v)
			})
	}
	s := reference.Shape{Batch: 2, Length: rows, Heads: 4, KVHeads: 2, HeadDim: dim}
	packed := make([]int32, 2*rows)
	for r := range packed {
		packed[r] = int32(r / 3)
	}
	for _, segments := range [][]int32{nil, packed} {
		name := "Attention"
		if segments != nil {
			name += ", packed"
		}
		wide, narrow := s.Batch*s.Length*s.Heads*s.HeadDim, s.Batch*s.Length*s.KVHeads*s.HeadDim
		add(name, wide, [][]float64{n(wide), n(narrow), n(narrow)},
			func(y []float64, x [][]float64) { reference.Attention(y, x[0], x[1], x[2], segments, s) },
			func(dx [][]float64, dy []float64, x [][]float64) {
				reference.AttentionBackward(dx[0], dx[1], dx[2], dy, x[0], x[1], x[2], segments, s)
			})
	}
	return list
}

// scalars are functions of single values, of two, and sums by group.
func scalars(rng *rand.Rand, size int) (list []operator) {
	away := func(low float64) []float64 { // between low and low + 1, of either sign where low is above 0
		x := normal(rng, size)
		for i, v := range x {
			x[i] = math.Copysign(low+rng.Float64(), v)
		}
		return x
	}
	for kind := compute.Exp; kind <= compute.Shift; kind++ {
		o, x := compute.Unary{Kind: kind, A: -2, B: 0.1}, away(0.2)
		for i, v := range x {
			switch kind {
			case compute.Log:
				x[i] = math.Abs(v)
			case compute.Log1mExp:
				x[i] = -math.Abs(v)
			}
		}
		list = append(list, operator{"Unary", [][]float64{x}, size,
			func(y []float64, x [][]float64) { reference.Unary(y, x[0], o) },
			func(dx [][]float64, dy []float64, x [][]float64) { reference.UnaryBackward(dx[0], dy, x[0], o) }})
	}
	for kind := compute.Sub; kind <= compute.Max; kind++ {
		a := normal(rng, size)
		b := away(0.1)
		for i := range b {
			b[i] += a[i]
		}
		list = append(list, operator{"Binary", [][]float64{a, b}, size,
			func(y []float64, x [][]float64) { reference.Binary(y, x[0], x[1], kind) },
			func(dx [][]float64, dy []float64, x [][]float64) {
				reference.BinaryBackward(dx[0], dy, x[0], x[1], kind, false)
				reference.BinaryBackward(dx[1], dy, x[0], x[1], kind, true)
			}})
	}
	groups := make([]int32, size)
	for i := range groups {
		if groups[i] = rng.Int32N(4); groups[i] == 3 {
			groups[i] = reference.Ignore
		}
	}
	return append(list, operator{"SumBy", [][]float64{normal(rng, size)}, 3,
		func(y []float64, x [][]float64) { reference.SumBy(y, x[0], groups) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.SumByBackward(dx[0], dy, groups) }})
}

// scaled are those of columns, with lengths and without.
func scaled(rng *rand.Rand, rows, dim int) (list []operator) {
	n := func(size int) []float64 { return normal(rng, size) }
	lengths := n(dim)
	for i := range lengths {
		lengths[i] = 1 + math.Abs(lengths[i])
	}
	for _, c := range [][]float64{nil, lengths} {
		list = append(list, operator{"ScaleColumns", [][]float64{n(rows * dim), n(dim)}, rows * dim,
			func(y []float64, x [][]float64) { reference.ScaleColumns(y, x[0], x[1], c, nil, rows, dim) },
			func(dx [][]float64, dy []float64, x [][]float64) {
				reference.ScaleColumnsBackward(dx[0], dx[1], dy, x[0], x[1], c, rows, dim)
			}})
	}
	return list
}

// Every backward meets central differences of its forward, for a random weighting of the outputs. Differences over four
// points are off by h⁴/30 times the fifth derivative and by the rounding of the sum over h: 3e-14 and, for sums of size
// S with a few hundred roundings, 2e-11·S at h = 1e-3.
func TestGradientsMeetFiniteDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	for _, size := range [][3]int{{1, 1, 1}, {3, 5, 4}, {7, 2, 9}, {1, 33, 2}} {
		for _, op := range operators(rng, size[0], size[1], size[2]) {
			seen[op.name] = true
			check(t, rng, op, size)
		}
	}
	for _, op := range append(scaled(rng, 7, 5), scalars(rng, 9)...) {
		seen[op.name] = true
		check(t, rng, op, [3]int{7, 5, 0})
	}
	// Whoever has a derivative is in the table.
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() && strings.HasSuffix(f.Name.Name, "Backward") {
				found++
				if !seen[strings.TrimSuffix(f.Name.Name, "Backward")] {
					t.Errorf("%s meets no finite differences", f.Name.Name)
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("%d derivatives in this package's source", found)
	}
}

func check(t *testing.T, rng *rand.Rand, op operator, at [3]int) {
	t.Helper()
	dy := normal(rng, op.output)
	var size float64
	weighted := func() float64 {
		y := make([]float64, op.output)
		op.forward(y, op.inputs)
		var sum float64
		size = 1
		for i, v := range y {
			sum += dy[i] * v
			size += math.Abs(dy[i] * v)
		}
		return sum
	}
	dx := make([][]float64, len(op.inputs))
	for i, x := range op.inputs {
		dx[i] = make([]float64, len(x))
	}
	op.backward(dx, dy, op.inputs)
	for i, x := range op.inputs {
		for j, v := range x {
			const step = 1e-3
			f := func(by float64) float64 { x[j] = v + by*step; return weighted() }
			want := (8*(f(1)-f(-1)) - (f(2) - f(-2))) / (12 * step)
			x[j] = v
			if math.Abs(dx[i][j]-want) > 1e-9*size {
				t.Errorf("%s %v: gradient of input %d [%d] is %.9g, finite differences give %.9g", op.name, at, i, j, dx[i][j], want)
			}
		}
	}
}

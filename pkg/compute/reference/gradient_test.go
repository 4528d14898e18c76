package reference_test

import (
	"math"
	"math/rand/v2"
	"testing"

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

func operators(rng *rand.Rand) []operator {
	const rows, dim, vocab = 3, 5, 4
	ids, targets, weights := []int32{2, 0, 2}, []int32{1, reference.Ignore, 3}, []float64{0.5, 2, 1.5}
	positions := []int32{0, 3, 7}
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
	add("SiLU", 7, [][]float64{n(7)},
		func(y []float64, x [][]float64) { reference.SiLU(y, x[0]) },
		func(dx [][]float64, dy []float64, x [][]float64) { reference.SiLUBackward(dx[0], dy, x[0]) })
	add("SwiGLU", 7, [][]float64{n(7), n(7)},
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
	add("RoPE", rows*2*4, [][]float64{n(rows * 2 * 4)},
		func(y []float64, x [][]float64) { reference.RoPE(y, x[0], positions, 2, 4, 100, false) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.RoPE(dx[0], dy, positions, 2, 4, 100, true)
		})
	add("CrossEntropy", rows, [][]float64{n(rows * vocab)},
		func(y []float64, x [][]float64) { reference.CrossEntropy(y, x[0], targets, weights, rows, vocab) },
		func(dx [][]float64, dy []float64, x [][]float64) {
			reference.CrossEntropyBackward(dx[0], x[0], targets, weights, rows, vocab)
			for i := range dx[0] { // the operator's gradient is that of the sum
				dx[0][i] *= dy[i/vocab]
			}
		})
	s := reference.Shape{Batch: 2, Length: 5, Heads: 4, KVHeads: 2, HeadDim: 3}
	for name, segments := range map[string][]int32{"Attention": nil, "Attention, packed": {0, 0, 1, 1, 1, 4, 4, 4, 4, 5}} {
		wide, narrow := s.Batch*s.Length*s.Heads*s.HeadDim, s.Batch*s.Length*s.KVHeads*s.HeadDim
		add(name, wide, [][]float64{n(wide), n(narrow), n(narrow)},
			func(y []float64, x [][]float64) { reference.Attention(y, x[0], x[1], x[2], segments, s) },
			func(dx [][]float64, dy []float64, x [][]float64) {
				reference.AttentionBackward(dx[0], dx[1], dx[2], dy, x[0], x[1], x[2], segments, s)
			})
	}
	return list
}

// Every backward meets central differences of its forward, for a random weighting of the outputs.
func TestGradientsMeetFiniteDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, op := range operators(rng) {
		dy := normal(rng, op.output)
		weighted := func() float64 {
			y := make([]float64, op.output)
			op.forward(y, op.inputs)
			var sum float64
			for i, v := range y {
				sum += dy[i] * v
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
				const step = 1e-5
				x[j] = v + step
				up := weighted()
				x[j] = v - step
				down := weighted()
				x[j] = v
				want := (up - down) / (2 * step)
				if math.Abs(dx[i][j]-want) > 1e-7*math.Max(1, math.Abs(want)) {
					t.Errorf("%s: gradient of input %d [%d] is %.9g, finite differences give %.9g", op.name, i, j, dx[i][j], want)
				}
			}
		}
	}
}

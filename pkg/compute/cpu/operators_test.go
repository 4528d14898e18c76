package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// devices runs a test at every level that this processor supports, with one worker and with three.
func devices(t *testing.T, f func(t *testing.T, d *cpu.Device)) {
	for _, level := range cpu.Levels() {
		for _, threads := range workers {
			t.Run(fmt.Sprintf("%v/%d", level, threads), func(t *testing.T) {
				d, err := cpu.New(cpu.Options{Level: level, Threads: threads})
				if err != nil {
					t.Fatal(err)
				}
				defer d.Close()
				f(t, d)
			})
		}
	}
}

func values(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func wide(x []float32) []float64 {
	if x == nil {
		return nil
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// near compares with the reference: absolute below one, relative above, against the largest value of the array.
func near(t *testing.T, name string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	scale := 1.0
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= tolerance*scale) {
			t.Fatalf("%s[%d] = %g, want %g", name, i, v, want[i])
		}
	}
}

var productSizes = [][3]int{{1, 1, 1}, {1, 7, 5}, {1, 131, 40}, {2, 70, 24}, {3, 16, 8}, {4, 37, 19}, {5, 20, 33}, {6, 16, 32}, {7, 17, 33}, {12, 32, 64}, {13, 33, 31}, {50, 48, 300}, {97, 65, 513}, {8, 128, 128}, {9, 40, 24}}

func TestMatrixProducts(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, size := range productSizes {
			for _, pad := range []int{0, 3} {
				m, n, k := size[0], size[1], size[2]
				matrix := func(rows, cols int) cpu.Matrix {
					return cpu.Matrix{Data: values(rng, rows*(cols+pad)), Rows: rows, Cols: cols, Stride: cols + pad}
				}
				bias := values(rng, n)
				residual := matrix(m, n)
				for _, e := range []cpu.Epilogue{{}, {Accumulate: true}, {Bias: bias}, {Scale: 0.5}, {Residual: residual, Bias: bias}, {Accumulate: true, Bias: bias, Residual: residual, Scale: -2},
					{Activation: cpu.GELU}, {Activation: cpu.GELUTanh, Bias: bias, Before: matrix(m, n)}, {Activation: cpu.SiLU, Residual: residual, Accumulate: true, Before: matrix(m, n)}} {
					for _, kind := range []string{"NT", "NN", "TN"} {
						run := map[string]func(c, a, b cpu.Matrix, e cpu.Epilogue){"NT": d.MatMulNT, "NN": d.MatMulNN, "TN": d.MatMulTN}[kind]
						a, b := matrix(m, k), matrix(k, n)
						if kind == "NT" {
							b = matrix(n, k)
						}
						if kind == "TN" {
							a = matrix(k, m)
						}
						c := matrix(m, n)
						before := append([]float32(nil), c.Data...)
						run(c, a, b, e)
						name := fmt.Sprintf("%s %v pad %d accumulate %v bias %v residual %v scale %v, %v", kind, size, pad, e.Accumulate, e.Bias != nil, e.Residual.Data != nil, e.Scale, e.Activation)
						for i := range m {
							for j := range c.Stride {
								want, size := float64(before[i*c.Stride+j]), 0.0
								if j < n {
									want, size = product(kind, a, b, i, j, k)
									if e.Scale != 0 {
										want, size = want*float64(e.Scale), size*math.Abs(float64(e.Scale))
									}
									if e.Residual.Data != nil {
										want += float64(residual.Data[i*residual.Stride+j])
									}
									if e.Accumulate {
										want += float64(before[i*c.Stride+j])
									}
									if e.Bias != nil {
										want += float64(bias[j])
									}
								}
								if e.Before.Data != nil && j < n {
									near(t, name+" before", e.Before.Data[i*e.Before.Stride+j:][:1], []float64{want}, 1e-6+5e-7*size)
								}
								if j < n { // no activation is steeper than 1.2
									want = activated(e.Activation, want)
								}
								// Rounding grows with the terms, not with their sum, in which they cancel.
								if got := float64(c.Data[i*c.Stride+j]); !(math.Abs(got-want) <= (1e-6+5e-7*size)*math.Max(1, math.Abs(want))) {
									t.Fatalf("%s, value %d %d: %g, want %g", name, i, j, got, want)
								}
							}
						}
					}
				}
			}
		}
	})
}

// activated is the activation in float64.
func activated(a cpu.Activation, x float64) float64 {
	y := []float64{x}
	switch a {
	case cpu.SiLU:
		reference.SiLU(y, y)
	case cpu.GELU:
		reference.GELU(y, y)
	case cpu.GELUTanh:
		reference.GELUTanh(y, y)
	}
	return y[0]
}

// product is element (i, j) and the sum of its terms' magnitudes.
func product(kind string, a, b cpu.Matrix, i, j, k int) (sum, size float64) {
	for p := range k {
		x, y := i*a.Stride+p, p*b.Stride+j
		if kind == "NT" {
			y = j*b.Stride + p
		}
		if kind == "TN" {
			x = p*a.Stride + i
		}
		term := float64(a.Data[x]) * float64(b.Data[y])
		sum, size = sum+term, size+math.Abs(term)
	}
	return sum, size
}

func TestSwiGLU(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, n := range []int{1, 7, 16, 1000, 20001} {
			g, u, dy := values(rng, n), values(rng, n), values(rng, n)
			g[0] = -200 // far outside the range of exp
			y, dg, du := make([]float32, n), make([]float32, n), make([]float32, n)
			d.SwiGLU(y, g, u, n)
			d.SwiGLUBackward(dg, du, dy, g, u, n)
			wantY, wantG, wantU := make([]float64, n), make([]float64, n), make([]float64, n)
			reference.SwiGLU(wantY, wide(g), wide(u))
			reference.SwiGLUBackward(wantG, wantU, wide(dy), wide(g), wide(u))
			near(t, "y", y, wantY, 2e-6)
			near(t, "dgate", dg, wantG, 2e-6)
			near(t, "dup", du, wantU, 2e-6)
			d.Add(y, g, u, n)
			for i := range y {
				if y[i] != g[i]+u[i] {
					t.Fatalf("add[%d] = %g, want %g", i, y[i], g[i]+u[i])
				}
			}
		}
	})
}

func TestSiLU(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(17, 18))
		for _, n := range []int{1, 7, 16, 1000, 20001} {
			x, dy := values(rng, n), values(rng, n)
			y, dx := make([]float32, n), make([]float32, n)
			d.SiLU(y, x, n)
			d.SiLUBackward(dx, dy, x, n)
			wantY, wantX := make([]float64, n), make([]float64, n)
			reference.SiLU(wantY, wide(x))
			reference.SiLUBackward(wantX, wide(dy), wide(x))
			near(t, "y", y, wantY, 2e-6)
			near(t, "dx", dx, wantX, 2e-6)
		}
	})
}

func TestRoPE(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, headDim := range []int{2, 6, 32, 64} {
			rows, heads := 130, 3
			table := cpu.NewRotary(200, headDim, 10000)
			x, y, back := values(rng, rows*heads*headDim), make([]float32, rows*heads*headDim), make([]float32, rows*heads*headDim)
			positions := make([]int32, rows)
			for i := range positions {
				positions[i] = rng.Int32N(200)
			}
			d.RoPE(y, x, positions, rows, heads, table, false)
			d.RoPE(back, y, positions, rows, heads, table, true)
			want := make([]float64, len(x))
			reference.RoPE(want, wide(x), positions, heads, headDim, 10000, false)
			near(t, "y", y, want, 1e-6)
			near(t, "turned back", back, wide(x), 1e-6)
		}
	})
}

func attentionOf(batch, length, heads, kvHeads, dim int) cpu.AttentionShape {
	return cpu.AttentionShape{Batch: batch, Length: length, Heads: heads, KVHeads: kvHeads, HeadDim: dim}
}

func TestAttention(t *testing.T) {
	shapes := []cpu.AttentionShape{attentionOf(1, 1, 1, 1, 4), attentionOf(2, 5, 2, 1, 8), attentionOf(1, 49, 4, 2, 32), attentionOf(2, 130, 4, 2, 32), attentionOf(1, 100, 2, 2, 20)}
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, s := range shapes {
			for _, packed := range []bool{false, true} {
				n := s.Batch * s.Length
				w, c := n*s.Heads*s.HeadDim, n*s.KVHeads*s.HeadDim
				q, k, v, do := values(rng, w), values(rng, c), values(rng, c), values(rng, w)
				var segments []int32
				if packed {
					segments = make([]int32, n)
					for i := 1; i < n; i++ {
						segments[i] = segments[i-1]
						if rng.IntN(20) == 0 {
							segments[i]++
						}
					}
				}
				o := make([]float32, w)
				dq, dk, dv := make([]float32, w), make([]float32, c), make([]float32, c)
				d.Attention(o, q, k, v, segments, s)
				d.AttentionBackward(dq, dk, dv, do, o, q, k, v, segments, s)
				r := reference.Shape(s)
				wantO, wantQ, wantK, wantV := make([]float64, w), make([]float64, w), make([]float64, c), make([]float64, c)
				reference.Attention(wantO, wide(q), wide(k), wide(v), segments, r)
				reference.AttentionBackward(wantQ, wantK, wantV, wide(do), wide(q), wide(k), wide(v), segments, r)
				near(t, "o", o, wantO, 1e-5)
				near(t, "dq", dq, wantQ, 2e-5)
				near(t, "dk", dk, wantK, 2e-5)
				near(t, "dv", dv, wantV, 2e-5)
				if packed {
					continue
				}
				// The same rows against a cache give the same.
				cache := cpu.Cache{Keys: k, Values: v, Context: s.Length}
				sequence, position := make([]int32, n), make([]int32, n)
				for i := range n {
					sequence[i], position[i] = int32(i/s.Length), int32(i%s.Length)
				}
				clear(o)
				d.CachedAttention(o, q, cache, sequence, position, n, s.Heads, s.KVHeads, s.HeadDim)
				near(t, "cached", o, wantO, 1e-5)
			}
		}
	})
}

func TestCrossEntropy(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(11, 12))
		for _, size := range [][3]int{{0, 4, 3}, {1, 4, 3}, {9, 8, 33}, {600, 32, 70}} {
			rows, dim, vocab := size[0], size[1], size[2]
			x, w, weights := values(rng, rows*dim), values(rng, vocab*dim), make([]float32, rows)
			targets := make([]int32, rows)
			for i := range targets {
				weights[i] = rng.Float32()
				if targets[i] = rng.Int32N(int32(vocab)); rng.IntN(5) == 0 {
					targets[i] = cpu.Ignore
				}
			}
			for _, weights := range [][]float32{nil, weights} {
				losses, dx, dw := make([]float32, rows), make([]float32, rows*dim), values(rng, vocab*dim)
				d.LinearCrossEntropy(losses, dx, dw, x, w, targets, weights, rows, dim, vocab)
				logits := make([]float64, rows*vocab)
				reference.Linear(logits, wide(x), wide(w), nil, rows, dim, vocab)
				want, dlogits := make([]float64, rows), make([]float64, rows*vocab)
				reference.CrossEntropy(want, logits, targets, wide(weights), rows, vocab)
				reference.CrossEntropyBackward(dlogits, logits, targets, wide(weights), rows, vocab)
				wantX, wantW := make([]float64, rows*dim), make([]float64, vocab*dim)
				reference.LinearBackward(wantX, wantW, nil, dlogits, wide(x), wide(w), rows, dim, vocab)
				near(t, "losses", losses, want, 1e-5)
				near(t, "dx", dx, wantX, 1e-5)
				near(t, "dw", dw, wantW, 1e-5)
				again := make([]float32, rows)
				d.LinearCrossEntropy(again, nil, nil, x, w, targets, weights, rows, dim, vocab)
				near(t, "losses alone", again, want, 1e-5)
				oneX, oneW := make([]float32, rows*dim), values(rng, vocab*dim)
				d.LinearCrossEntropy(again, oneX, nil, x, w, targets, weights, rows, dim, vocab)
				d.LinearCrossEntropy(again, nil, oneW, x, w, targets, weights, rows, dim, vocab)
				if !slices.Equal(oneX, dx) || !slices.Equal(oneW, dw) {
					t.Error("a gradient alone is not what it is beside the other")
				}
			}
		}
	})
}

// Two rows by hand: log(e^-1+e^1) − 1 with −1 as the target's logit is 2.1269, and log(e^-.5+e^1.5) − 1.5 is 0.1269;
// their mean is 1.1269. A third row with target −100 changes nothing.
func TestCrossEntropyByHand(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		losses := make([]float32, 3)
		d.CrossEntropy(losses, []float32{-1, 1, -.5, 1.5, 3, 4}, []int32{0, 1, cpu.Ignore}, nil, 3, 2, false)
		near(t, "losses", losses, []float64{2.126928, 0.126928, 0}, 1e-6)
	})
}

func TestEmbedding(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(13, 14))
		for _, size := range [][3]int{{1, 1, 1}, {700, 20, 30}, {3, 700, 40}, {90, 600, 3}, {40, 5, 9000}} { // over a block and over a piece
			rows, dim, vocab := size[0], size[1], size[2]
			for _, padded := range []bool{false, true} {
				table, dy := values(rng, vocab*dim), values(rng, rows*dim)
				ids := make([]int32, rows)
				for i := range ids {
					ids[i] = rng.Int32N(int32(vocab))
					if padded && i%8 != 0 {
						ids[i] = int32(vocab) - 1
					}
				}
				y, dtable := make([]float32, rows*dim), values(rng, vocab*dim)
				d.Embedding(y, table, ids, rows, dim)
				d.EmbeddingBackward(dtable, dy, ids, rows, dim, vocab)
				wantY, wantT := make([]float64, rows*dim), make([]float64, vocab*dim)
				reference.Embedding(wantY, wide(table), ids, dim)
				reference.EmbeddingBackward(wantT, wide(dy), ids, dim)
				near(t, "y", y, wantY, 0)
				near(t, "dtable", dtable, wantT, 1e-6)
				onto := values(rng, vocab*dim)
				for i, v := range onto {
					wantT[i] += float64(v)
				}
				d.EmbeddingBackwardAdd(onto, dy, ids, rows, dim, vocab)
				near(t, "added to", onto, wantT, 1e-6)
			}
		}
	})
}

func TestSums(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(17, 18))
		for _, size := range [][2]int{{1, 1}, {64, 5}, {65, 33}, {500, 70}} {
			rows, cols := size[0], size[1]
			x, out, want := values(rng, rows*cols), values(rng, cols), make([]float64, cols)
			var all float64
			for i, v := range x {
				want[i%cols] += float64(v)
				all += float64(v)
			}
			d.ColumnSums(out, x, rows, cols)
			near(t, "columns", out, want, 1e-6)
			near(t, "sum", []float32{float32(d.Sum(x, len(x)))}, []float64{all}, 1e-5)
		}
		y := values(rng, 20005)
		d.Fill(y, -2.5, 20003)
		for i, v := range y {
			if (v == -2.5) != (i < 20003) {
				t.Fatalf("value %d is %g", i, v)
			}
		}
	})
}

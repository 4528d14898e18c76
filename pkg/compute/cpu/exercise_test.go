package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// exercise runs every operator once on random values of the given ragged sizes, in memory from alloc, and returns what
// they wrote by name. Equal seeds and sizes give equal inputs.
func exercise(d *cpu.Device, alloc func(n int) []float32, seed uint64, rows, dim, vocab int) map[string][]float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	in := func(n int) []float32 {
		x := alloc(n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	out := map[string][]float32{}
	to := func(name string, n int) []float32 {
		x := alloc(n)
		out[name] = x
		return x
	}
	x, w, dy := in(rows*dim), in(dim), in(rows*dim)
	table, bias := in(vocab*dim), in(vocab)
	view := func(x []float32, r, c int) cpu.Matrix { return cpu.Matrix{Data: x, Rows: r, Cols: c} }

	d.MatMulNT(view(to("NT", rows*vocab), rows, vocab), view(x, rows, dim), view(table, vocab, dim), cpu.Epilogue{Bias: bias, Scale: 0.5})
	d.MatMulNN(view(to("NN", rows*dim), rows, dim), view(out["NT"], rows, vocab), view(table, vocab, dim), cpu.Epilogue{Residual: view(x, rows, dim)})
	d.MatMulTN(view(to("TN", vocab*dim), vocab, dim), view(out["NT"], rows, vocab), view(x, rows, dim), cpu.Epilogue{})

	activated := cpu.Epilogue{Bias: bias, Activation: cpu.GELU, Before: view(to("before GELU", rows*vocab), rows, vocab)}
	d.MatMulNT(view(to("NT, GELU", rows*vocab), rows, vocab), view(x, rows, dim), view(table, vocab, dim), activated)
	if d.BF16() == nil {
		d.MatMulNTBF16(view(to("NT in bfloat16", rows*vocab), rows, vocab), view(x, rows, dim), view(table, vocab, dim), cpu.Epilogue{Bias: bias})
		d.MatMulNNBF16(view(to("NN in bfloat16", rows*dim), rows, dim), view(out["NT"], rows, vocab), view(table, vocab, dim), cpu.Epilogue{})
		d.MatMulTNBF16(view(to("TN in bfloat16", vocab*dim), vocab, dim), view(out["NT"], rows, vocab), view(x, rows, dim), cpu.Epilogue{})
	}
	for _, f := range cpu.Formats() {
		packed := d.Pack(view(table, vocab, dim), f)
		for _, n := range []int{1, 2, 3, 5, rows} {
			n = min(n, rows)
			y := view(to(fmt.Sprintf("packed as %v, %d rows", f, n), n*vocab), n, vocab)
			d.MatMulNTs(view(x[:n*dim], n, dim), []cpu.Product{{C: y, Packed: packed, Epilogue: cpu.Epilogue{Bias: bias}}})
		}
	}

	d.RMSNorm(to("norm", rows*dim), x, w, rows, dim, 1e-5)
	d.RMSNormBackward(to("norm dx", rows*dim), to("norm dw", dim), dy, x, w, rows, dim, 1e-5)
	d.LayerNorm(to("layer norm", rows*dim), x, w, nil, rows, dim, 1e-5)
	d.LayerNorm(to("layer norm, bias", rows*dim), x, w, dy, rows, dim, 1e-5)
	d.LayerNormBackward(to("layer norm dx", rows*dim), to("layer norm dw", dim), nil, dy, x, w, rows, dim, 1e-5)
	d.LayerNormBackward(to("layer norm, bias dx", rows*dim), to("layer norm, bias dw", dim), to("layer norm dbias", dim), dy, x, w, rows, dim, 1e-5)
	d.RMSNormBackwardAdd(to("norm dx added", rows*dim), out["norm dw"], x, dy, x, w, rows, dim, 1e-5)
	d.SwiGLU(to("swiglu", rows*dim), x, dy, rows*dim)
	d.SwiGLUBackward(to("dgate", rows*dim), to("dup", rows*dim), dy, x, out["norm"], rows*dim)
	d.SiLU(to("silu", rows*dim), x, rows*dim)
	d.SiLUBackward(to("silu dx", rows*dim), dy, x, rows*dim)
	d.GELU(to("gelu", rows*dim), x, rows*dim)
	d.GELUBackward(to("gelu dx", rows*dim), dy, x, rows*dim)
	d.GELUTanh(to("gelu tanh", rows*dim), x, rows*dim)
	d.GELUTanhBackward(to("gelu tanh dx", rows*dim), dy, x, rows*dim)
	d.Dropout(to("dropout", rows*dim), x, rows*dim, cpu.Mask{Rate: 0.3, Seed: seed << 20, Step: 7, Layer: 2})
	d.Add(to("add", rows*dim), x, dy, rows*dim)
	d.Softmax(to("softmax", rows*dim), x, rows, dim)

	ids, targets, positions := make([]int32, rows), make([]int32, rows), make([]int32, rows)
	weights := in(rows)
	for i := range rows {
		ids[i], targets[i], positions[i] = rng.Int32N(int32(vocab)), rng.Int32N(int32(vocab)), int32(i)
		if i%5 == 3 {
			targets[i] = cpu.Ignore
		}
	}
	d.Embedding(to("embedding", rows*dim), table, ids, rows, dim)
	d.EmbeddingBackward(to("dtable", vocab*dim), dy, ids, rows, dim, vocab)
	d.LinearCrossEntropy(to("losses", rows), to("head dx", rows*dim), to("head dw", vocab*dim), x, table, targets, weights, rows, dim, vocab)
	for name, cosine := range map[string]bool{"squared error": false, "cosine": true} {
		forward, back := d.SquaredError, d.SquaredErrorBackward
		if cosine {
			forward, back = d.CosineDistance, d.CosineDistanceBackward
		}
		forward(to(name, rows), x, dy, rows, dim)
		back(to(name+" dx", rows*dim), weights, x, dy, rows, dim)
	}
	d.LinearEntropy(to("entropies", rows), x, table, rows, dim, vocab)
	d.LinearEntropyBackward(to("entropy dx", rows*dim), to("entropy dw", vocab*dim), weights, x, table, rows, dim, vocab)
	for _, kind := range []cpu.DivergenceKind{cpu.ForwardKL, cpu.ReverseKL, cpu.JensenShannon} {
		v := cpu.Divergence{Kind: kind, Temperature: 1.5}
		d.LinearDivergence(to(kind.String(), rows), x, table, dy, table, rows, dim, dim, vocab, v)
		d.LinearDivergenceBackward(to(kind.String()+" dx", rows*dim), to(kind.String()+" dw", vocab*dim), weights, x, table, dy, table, rows, dim, dim, vocab, v)
	}
	d.CrossEntropy(to("losses of logits", rows), out["NT"], targets, nil, rows, vocab, true)

	attend(d, in, to, rng, rows, positions)

	p, g, first, second := to("p", rows*dim), in(rows*dim), to("m", rows*dim), to("v", rows*dim)
	copy(p, x)
	d.AdamW(p, g, first, second, rows*dim, cpu.AdamWStep{Step: 3, Rate: 1e-3, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, WeightDecay: 0.1})
	d.ColumnSums(to("column sums", dim), x, rows, dim)
	d.Fill(to("fill", rows*dim), 0.5, rows*dim)
	to("sum", 1)[0] = float32(d.Sum(x, rows*dim))
	to("sum of squares", 1)[0] = float32(d.SumSquares(x, rows*dim))
	return out
}

func attend(d *cpu.Device, in func(int) []float32, to func(string, int) []float32, rng *rand.Rand, rows int, positions []int32) {
	s := cpu.AttentionShape{Batch: 2, Length: rows, Heads: 2, KVHeads: 1, HeadDim: 2 * (1 + rng.IntN(20))}
	wide, narrow := 2*rows*s.Heads*s.HeadDim, 2*rows*s.HeadDim
	q, k, v, do := in(wide), in(narrow), in(narrow), in(wide)
	rope := cpu.NewRotary(rows, s.HeadDim, 10000)
	turned := to("rope", wide/2)
	d.RoPE(turned, q[:wide/2], positions, rows, s.Heads, rope, false)
	segments := make([]int32, 2*rows)
	for i := range segments {
		segments[i] = int32(i / 7)
	}
	o := to("attention", wide)
	d.Attention(o, q, k, v, segments, s)
	d.AttentionBackward(to("dq", wide), to("dk", narrow), to("dv", narrow), do, o, q, k, v, segments, s)
	sequence := make([]int32, rows)
	d.CachedAttention(to("cached", wide/2), q[:wide/2], cpu.Cache{Keys: k, Values: v, Context: rows}, sequence, positions, rows, s.Heads, s.KVHeads, s.HeadDim)
}

func heap(n int) []float32 { return make([]float32, n) }

var raggedSizes = [][3]int{{1, 1, 1}, {1, 2, 3}, {7, 17, 33}, {13, 31, 6}, {50, 48, 65}, {70, 129, 20}}

// Results are the same bits whatever the number of workers and however often an operator runs.
func TestResultsAreDeterministic(t *testing.T) {
	sizes := append([][3]int{{300, 64, 200}}, raggedSizes...)
	for _, level := range cpu.Levels() {
		devices := []*cpu.Device{device(t, cpu.Options{Level: level, Threads: 1})}
		for _, threads := range []int{2, 3, 7, 7} {
			devices = append(devices, device(t, cpu.Options{Level: level, Threads: threads}))
		}
		for _, size := range sizes {
			want := exercise(devices[0], heap, 1, size[0], size[1], size[2])
			for _, d := range devices {
				got := exercise(d, heap, 1, size[0], size[1], size[2])
				for name := range want {
					for i, v := range want[name] {
						if math.Float32bits(v) != math.Float32bits(got[name][i]) {
							t.Fatalf("%v, %d workers, sizes %v, %s[%d]: %g, with one worker %g", level, d.Threads(), size, name, i, got[name][i], v)
						}
					}
				}
			}
		}
	}
}

// Every level agrees with plain Go on sizes that the fuzzer thinks of, on slices between pages that must not be touched. A
// bad address is a crash; plain Go itself is compared with the reference in operators_test.go.
func FuzzLevelsAgree(f *testing.F) {
	for i, size := range raggedSizes {
		f.Add(uint64(i), uint8(size[0]), uint8(size[1]), uint8(size[2]))
	}
	plain, err := cpu.New(cpu.Options{Level: cpu.Portable, Threads: 1})
	if err != nil {
		f.Fatal(err)
	}
	var fast []*cpu.Device
	for _, level := range cpu.Levels()[1:] {
		d, err := cpu.New(cpu.Options{Level: level, Threads: 2})
		if err != nil {
			f.Fatal(err)
		}
		fast = append(fast, d)
	}
	f.Fuzz(func(t *testing.T, seed uint64, rows, dim, vocab uint8) {
		r, c, v := 1+int(rows)%80, 1+int(dim)%80, 1+int(vocab)%80
		want := exercise(plain, heap, seed, r, c, v)
		for _, d := range fast {
			alloc, free := fenced(t, seed%2 == 1)
			got := exercise(d, alloc, seed, r, c, v)
			for name := range want {
				near(t, fmt.Sprintf("%v %s, sizes %d %d %d", d.Level(), name, r, c, v), got[name], wide(want[name]), 1e-4)
			}
			free()
		}
	})
}

// NaN must come out where it went in, or a run that diverged would look healthy.
func TestNaNIsNotHidden(t *testing.T) {
	nan := float32(math.NaN())
	devices(t, func(t *testing.T, d *cpu.Device) {
		for _, n := range []int{5, 40} {
			for at := range n {
				x, one := make([]float32, n), make([]float32, n)
				for i := range one {
					one[i] = 1
				}
				x[at] = nan
				y, z := make([]float32, n), make([]float32, n)
				loss := make([]float32, 1)
				for name, run := range map[string]func(){
					"SiLU":             func() { d.SiLU(y, x, n) },
					"SiLUBackward":     func() { d.SiLUBackward(y, one, x, n) },
					"GELU":             func() { d.GELU(y, x, n) },
					"GELUBackward":     func() { d.GELUBackward(y, one, x, n) },
					"GELUTanh":         func() { d.GELUTanh(y, x, n) },
					"GELUTanhBackward": func() { d.GELUTanhBackward(y, one, x, n) },
					"SwiGLU":           func() { d.SwiGLU(y, x, one, n) },
					"SwiGLUBackward":   func() { d.SwiGLUBackward(y, z, one, x, one, n) },
					"Softmax":          func() { d.Softmax(y, x, 1, n) },
					"RMSNorm":          func() { d.RMSNorm(y, x, one, 1, n, 1e-5) },
					"Dropout":          func() { d.Dropout(y, x, n, cpu.Mask{Rate: 0.9}) },
					"LayerNorm":        func() { d.LayerNorm(y, x, one, nil, 1, n, 1e-5) },
					"CrossEntropy": func() {
						d.CrossEntropy(loss, append([]float32(nil), x...), []int32{0}, nil, 1, n, false)
						y[at] = loss[0]
					},
					"LinearEntropy":      func() { d.LinearEntropy(y[at:], one, x, 1, 1, n) },
					"LinearDivergence q": func() { d.LinearDivergence(y[at:], one, x, one, one, 1, 1, 1, n, cpu.Divergence{}) },
					"LinearDivergence p": func() { d.LinearDivergence(y[at:], one, one, one, x, 1, 1, 1, n, cpu.Divergence{}) },
					"LinearDivergence mix": func() {
						d.LinearDivergence(y[at:], one, one, one, x, 1, 1, 1, n, cpu.Divergence{Kind: cpu.JensenShannon})
					},
					"Attention": func() {
						d.Attention(y, x, one, one, nil, cpu.AttentionShape{Batch: 1, Length: n, Heads: 1, KVHeads: 1, HeadDim: 1})
					},
					"CachedAttention": func() {
						d.CachedAttention(y[at:], x[at:], cpu.Cache{Keys: one, Values: one, Context: n}, []int32{0}, []int32{int32(at)}, 1, 1, 1, 1)
					},
				} {
					clear(y)
					run()
					if y[at] == y[at] {
						t.Errorf("%s, n %d: NaN at %d became %g", name, n, at, y[at])
					}
				}
			}
		}
	})
}

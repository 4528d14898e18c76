package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// rate runs f and reports work a second as unit: the mean and, since machines are shared, the best of the runs.
func rate(b *testing.B, work float64, unit string, f func()) {
	best := time.Hour
	for b.Loop() {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	b.ReportMetric(work*float64(b.N)/b.Elapsed().Seconds()/1e9, unit)
	b.ReportMetric(work/best.Seconds()/1e9, "best-"+unit)
}

// BenchmarkProducts reports GFLOP/s at sizes of small models: rows are batch × tokens, x is (rows, in), w (out, in).
func BenchmarkProducts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, threads := range []int{1, 2} {
		d := device(b, cpu.Options{Threads: threads})
		for _, size := range [][3]int{{2048, 128, 128}, {2048, 64, 128}, {2048, 384, 128}, {2048, 128, 384}, {256, 2048, 128}, {1024, 256, 256}, {1024, 512, 512}} {
			rows, out, in := size[0], size[1], size[2]
			x, w, y := mat(values(rng, rows*in), rows, in), mat(values(rng, out*in), out, in), mat(values(rng, rows*out), rows, out)
			for _, product := range []struct {
				name string
				run  func()
			}{
				{"NT", func() { d.MatMulNT(y, x, w, cpu.Epilogue{}) }},
				{"NN", func() { d.MatMulNN(x, y, w, cpu.Epilogue{}) }},
				{"TN", func() { d.MatMulTN(w, y, x, cpu.Epilogue{}) }},
			} {
				b.Run(fmt.Sprintf("%s/%dx%dx%d/threads=%d", product.name, rows, out, in, threads), func(b *testing.B) {
					rate(b, 2*float64(rows*out*in), "GFLOP/s", product.run)
				})
			}
		}
	}
}

// BenchmarkFewRows is decoding: it reports the weights read in GB/s.
func BenchmarkFewRows(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	d := cpu.Default()
	for _, size := range [][2]int{{384, 128}, {2048, 128}, {512, 512}, {4096, 1024}} {
		for _, rows := range []int{1, 4, 8, 16} {
			out, in := size[0], size[1]
			x, w, y := mat(values(rng, rows*in), rows, in), mat(values(rng, out*in), out, in), mat(values(rng, rows*out), rows, out)
			b.Run(fmt.Sprintf("%dx%dx%d", rows, out, in), func(b *testing.B) {
				rate(b, float64(4*out*in), "GB/s", func() { d.MatMulNT(y, x, w, cpu.Epilogue{}) })
			})
		}
	}
}

// BenchmarkAttention is one layer of the base model on 16 × 128 tokens.
func BenchmarkAttention(b *testing.B) {
	m, d := newDecoder(16, 128), cpu.Default()
	s := cpu.AttentionShape{Batch: m.batch, Length: m.length, Heads: m.heads, KVHeads: m.kv, HeadDim: m.headDim}
	pairs := float64(s.Batch*s.Heads) * float64(s.Length*(s.Length+1)/2)
	work := 2 * pairs * float64(s.HeadDim)
	b.Run("forward", func(b *testing.B) {
		rate(b, 2*work, "GFLOP/s", func() { d.Attention(m.o, m.q, m.k, m.v, nil, s) })
	})
	b.Run("backward", func(b *testing.B) {
		rate(b, 5*work, "GFLOP/s", func() { d.AttentionBackward(m.dq, m.dk, m.dv, m.do, m.o, m.q, m.k, m.v, nil, s) })
	})
}

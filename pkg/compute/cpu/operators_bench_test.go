package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// operatorCalls are operators on rows of dim values and a vocabulary. Their work is the memory that each must at least read
// and write, in bytes.
func operatorCalls(d *cpu.Device, rows, dim, vocab int) []operatorCall {
	n := rows * dim
	rng := rand.New(rand.NewPCG(1, 1))
	x, y, dy, w := values(rng, n), make([]float32, n), values(rng, n), values(rng, dim)
	dw, db := make([]float32, dim), make([]float32, dim)
	table, dtable, ids, out, each := values(rng, vocab*dim), make([]float32, vocab*dim), make([]int32, rows), make([]float32, rows), values(rng, rows)
	for i := range ids {
		ids[i] = rng.Int32N(int32(vocab))
	}
	for i := range table { // logits about one apart
		table[i] /= 22
	}
	return []operatorCall{
		{"GELU", 8 * n, func() { d.GELU(y, x, n) }},
		{"GELUBackward", 12 * n, func() { d.GELUBackward(y, dy, x, n) }},
		{"GELUTanh", 8 * n, func() { d.GELUTanh(y, x, n) }},
		{"GELUTanhBackward", 12 * n, func() { d.GELUTanhBackward(y, dy, x, n) }},
		{"LayerNorm", 8 * n, func() { d.LayerNorm(y, x, w, w, rows, dim, 1e-5) }},
		{"LayerNormBackward", 12 * n, func() { d.LayerNormBackward(y, dw, db, dy, x, w, rows, dim, 1e-5) }},
		{"Dropout", 8 * n, func() { d.Dropout(y, x, n, cpu.Mask{Rate: 0.1, Seed: 1}) }},
		{"Blend", 8 * n, func() { d.Blend(y, x, 0, 0.5, n) }},
		{"Fill", 4 * n, func() { d.Fill(y, 0.5, n) }},
		{"Sum", 4 * n, func() { d.Sum(x, n) }},
		{"ColumnSums", 4 * n, func() { d.ColumnSums(dw, x, rows, dim) }},
		{"EmbeddingBackward", 4 * (n + vocab*dim), func() { d.EmbeddingBackward(dtable, dy, ids, rows, dim, vocab) }},
		{"LinearCrossEntropy", 8 * (n + vocab*dim), func() { d.LinearCrossEntropy(out, y, dtable, x, table, ids, nil, rows, dim, vocab) }},
		{"LinearEntropy", 4 * (n + vocab*dim), func() { d.LinearEntropy(out, x, table, rows, dim, vocab) }},
		{"LinearEntropyBackward", 8 * (n + vocab*dim), func() { d.LinearEntropyBackward(y, dtable, each, x, table, rows, dim, vocab) }},
		{"LinearDivergence", 8 * (n + vocab*dim), func() {
			d.LinearDivergence(out, x, table, dy, table, rows, dim, dim, vocab, cpu.Divergence{Kind: cpu.JensenShannon})
		}},
		{"LinearDivergenceBackward", 12 * (n + vocab*dim), func() {
			d.LinearDivergenceBackward(y, dtable, each, x, table, dy, table, rows, dim, dim, vocab, cpu.Divergence{Kind: cpu.JensenShannon})
		}},
	}
}

type operatorCall struct {
	name  string
	bytes int
	run   func()
}

// BenchmarkOperators reports GB/s of the memory that an operator cannot do without, at the sizes of a small model. The heads
// are there to be compared with each other: they are bound by their products.
func BenchmarkOperators(b *testing.B) {
	for _, threads := range []int{1, 2} {
		d := device(b, cpu.Options{Threads: threads})
		for _, c := range operatorCalls(d, 2048, 512, 4096) {
			b.Run(fmt.Sprintf("%s/threads=%d", c.name, threads), func(b *testing.B) { rate(b, float64(c.bytes), "GB/s", c.run) })
		}
	}
}

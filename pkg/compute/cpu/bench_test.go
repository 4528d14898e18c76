package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// BenchmarkProducts reports GFLOP/s at the sizes of the base model: rows are batch × tokens.
func BenchmarkProducts(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][3]int{{2048, 128, 128}, {2048, 384, 128}, {2048, 2048, 128}} {
		rows, out, in := size[0], size[1], size[2]
		x := cpu.Matrix{Data: values(rng, rows*in), Rows: rows, Cols: in}
		w := cpu.Matrix{Data: values(rng, out*in), Rows: out, Cols: in}
		y := cpu.Matrix{Data: values(rng, rows*out), Rows: rows, Cols: out}
		for _, threads := range []int{1, 2} {
			d, err := cpu.New(cpu.Options{Threads: threads})
			if err != nil {
				b.Fatal(err)
			}
			for name, run := range map[string]func(){
				"NT": func() { d.MatMulNT(y, x, w, cpu.Epilogue{}) },
				"NN": func() { d.MatMulNN(x, y, w, cpu.Epilogue{}) },
				"TN": func() { d.MatMulTN(w, y, x, cpu.Epilogue{}) },
			} {
				b.Run(fmt.Sprintf("%s/%dx%dx%d/threads=%d", name, rows, out, in, threads), func(b *testing.B) {
					for b.Loop() {
						run()
					}
					b.ReportMetric(2*float64(rows*out*in)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
			d.Close()
		}
	}
}

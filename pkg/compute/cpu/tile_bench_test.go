package cpu

import (
	"fmt"
	"testing"
)

// BenchmarkTile is the register tile over as many rows as a worker takes at a time, which the caches hold, its left side packed
// or in rows some bytes apart: GFLOP/s, beside those of multiply-adds alone.
func BenchmarkTile(b *testing.B) {
	const k, groups = 256, 8
	d, err := New(Options{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	l := d.Level()
	report := func(b *testing.B, flops float64) {
		b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	}
	b.Run("peak", func(b *testing.B) {
		flops := 0.0
		for b.Loop() {
			flops = d.Peak(1)
		}
		report(b, flops)
	})
	rows, panelData := l.rows(), make([]float32, k*l.width())
	c := make([]float32, groups*rows*l.width())
	for _, apart := range []int{0, k, 2 * k, 2*k + 16} {
		name, a := "packed", operand{data: nil, tile: k, row: 1, depth: rows}
		if apart > 0 {
			name, a = fmt.Sprintf("rows %d bytes apart", 4*apart), operand{data: nil, tile: apart, row: apart, depth: 1}
		}
		a.data = make([]float32, groups*rows*max(k, apart))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				l.tile(c, l.width(), a, a.data, panel{data: panelData, apart: l.width(), ahead: far{panelData, l.width()}}, rows, k, false, groups)
			}
			report(b, float64(2*groups*rows*l.width()*k))
		})
	}
}

package cpu_test

import (
	"math"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Halves, quarters and whole numbers, so that every sum is exact.
func TestBlend(t *testing.T) {
	for _, level := range cpu.Levels() {
		d := device(t, cpu.Options{Level: level, Threads: 2})
		for _, n := range []int{0, 1, 7, 16, 33, 20000} {
			for _, c := range []struct{ keep, a float32 }{{0, 1}, {0, 0.5}, {1, 1}, {0.5, 0.25}} {
				y, x, want := make([]float32, n+1), make([]float32, n+1), make([]float32, n+1)
				for i := range y {
					y[i], x[i] = float32(i%9), float32(i%5)-2
					want[i] = c.keep*y[i] + c.a*x[i]
					if c.keep == 0 {
						y[i] = float32(math.NaN())
					}
				}
				y[n], want[n] = 42, 42 // not ours
				d.Blend(y, x, c.keep, c.a, n)
				for i := range y {
					if y[i] != want[i] {
						t.Fatalf("%v: value %d of %d, %g and %g: %g, want %g", d, i, n, c.keep, c.a, y[i], want[i])
					}
				}
			}
		}
	}
}

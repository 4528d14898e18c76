package cpu_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

func TestRMSNorm(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, size := range [][2]int{{1, 1}, {3, 5}, {70, 33}, {200, 128}} {
			rows, dim := size[0], size[1]
			x, w, dy := values(rng, rows*dim), values(rng, dim), values(rng, rows*dim)
			y, dx, dw := make([]float32, rows*dim), make([]float32, rows*dim), make([]float32, dim)
			d.RMSNorm(y, x, w, rows, dim, 1e-5)
			d.RMSNormBackward(dx, dw, dy, x, w, rows, dim, 1e-5)
			wantY, wantX, wantW := make([]float64, rows*dim), make([]float64, rows*dim), make([]float64, dim)
			reference.RMSNorm(wantY, wide(x), wide(w), rows, dim, 1e-5)
			reference.RMSNormBackward(wantX, wantW, wide(dy), wide(x), wide(w), rows, dim, 1e-5)
			near(t, "y", y, wantY, 1e-6)
			near(t, "dx", dx, wantX, 1e-5)
			near(t, "dw", dw, wantW, 1e-5)

			to, sum, again := values(rng, rows*dim), make([]float32, rows*dim), make([]float32, dim)
			d.RMSNormBackwardAdd(sum, again, to, dy, x, w, rows, dim, 1e-5)
			for i := range sum {
				if sum[i] != to[i]+dx[i] {
					t.Fatalf("dx[%d] added to %g is %g, want %g", i, to[i], sum[i], to[i]+dx[i])
				}
			}
			d.RMSNormBackwardAdd(to, again, to, dy, x, w, rows, dim, 1e-5)
			if !slices.Equal(to, sum) || !slices.Equal(again, dw) {
				t.Errorf("in place, %v: other values than apart", size)
			}
		}
	})
}

// A mean that is a thousand times the spread takes ten bits of the result, and not all of them.
func TestLayerNorm(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(3, 5))
		for _, size := range [][2]int{{1, 1}, {3, 5}, {70, 33}, {200, 128}} {
			rows, dim := size[0], size[1]
			for _, mean := range []float32{0, 1000} {
				x, w, bias, dy := values(rng, rows*dim), values(rng, dim), values(rng, dim), values(rng, rows*dim)
				for i := range x {
					x[i] += mean
				}
				tolerance := 2e-6 * float64(1+mean/10)
				for _, bias := range [][]float32{nil, bias} {
					y, dx, dw := make([]float32, rows*dim), make([]float32, rows*dim), make([]float32, dim)
					wantY, wantX, wantW := make([]float64, rows*dim), make([]float64, rows*dim), make([]float64, dim)
					var db []float32
					var wantB []float64
					if bias != nil {
						db, wantB = make([]float32, dim), make([]float64, dim)
					}
					d.LayerNorm(y, x, w, bias, rows, dim, 1e-3)
					d.LayerNormBackward(dx, dw, db, dy, x, w, rows, dim, 1e-3)
					reference.LayerNorm(wantY, wide(x), wide(w), wide(bias), rows, dim, 1e-3)
					reference.LayerNormBackward(wantX, wantW, wantB, wide(dy), wide(x), wide(w), rows, dim, 1e-3)
					near(t, "y", y, wantY, tolerance)
					near(t, "dx", dx, wantX, 5*tolerance)
					near(t, "dw", dw, wantW, 5*tolerance)
					near(t, "dbias", db, wantB, 1e-5)
				}
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(19, 20))
		for _, size := range [][2]int{{1, 1}, {3, 7}, {100, 33}, {2, 2048}} {
			rows, cols := size[0], size[1]
			x := values(rng, rows*cols)
			for i := range x {
				x[i] *= 30
			}
			y, want := make([]float32, rows*cols), make([]float64, rows*cols)
			d.Softmax(y, x, rows, cols)
			reference.Softmax(want, wide(x), rows, cols)
			near(t, "y", y, want, 1e-6)
		}
	})
}

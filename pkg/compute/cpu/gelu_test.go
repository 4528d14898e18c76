package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// The values of torch.nn.functional.gelu and of its derivative, PyTorch 2.15 in float64, for both values of approximate.
var geluVectors = []struct{ x, y, slope, yTanh, slopeTanh float64 }{
	{-3, -0.00404969409489031, -0.0119456472041839, -0.00363739208177299, -0.0115841666309696},
	{-1, -0.158655253931457, -0.0833154705876863, -0.158808009391723, -0.0829640838457825},
	{-0.5, -0.154268769362993, 0.132504875343837, -0.154285990174856, 0.132630096465358},
	{0, 0, 0.5, 0, 0.5},
	{0.5, 0.345731230637007, 0.867495124656163, 0.345714009825144, 0.867369903534642},
	{1, 0.841344746068543, 1.08331547058769, 0.841191990608277, 1.08296408384578},
	{2, 1.95449973610364, 1.0852318010782, 1.95459769408777, 1.08609925662362},
	{5, 4.99999856674214, 1.000007146946, 4.99999977082038, 1.00000154636199},
}

func TestGELUVectors(t *testing.T) {
	x, ones := make([]float32, 64), make([]float32, 64)
	want := make([][]float64, 4)
	for i := range x {
		v := geluVectors[i%len(geluVectors)]
		x[i], ones[i] = float32(v.x), 1
		for j, y := range []float64{v.y, v.slope, v.yTanh, v.slopeTanh} {
			want[j] = append(want[j], y)
		}
	}
	got := make([]float64, 64)
	for j, run := range []func(){
		func() { reference.GELU(got, wide(x)) }, func() { reference.GELUBackward(got, wide(ones), wide(x)) },
		func() { reference.GELUTanh(got, wide(x)) }, func() { reference.GELUTanhBackward(got, wide(ones), wide(x)) },
	} {
		run()
		for i := range got {
			if math.Abs(got[i]-want[j][i]) > 1e-13 {
				t.Errorf("reference %d at %g: %.15g, PyTorch has %.15g", j, x[i], got[i], want[j][i])
			}
		}
	}
	devices(t, func(t *testing.T, d *cpu.Device) {
		for _, n := range []int{64, 7} { // whole registers, and the rest
			y := make([]float32, n)
			for j, run := range []func(){
				func() { d.GELU(y, x, n) }, func() { d.GELUBackward(y, ones, x, n) },
				func() { d.GELUTanh(y, x, n) }, func() { d.GELUTanhBackward(y, ones, x, n) },
			} {
				run()
				near(t, fmt.Sprintf("%d of %d", j, n), y, want[j][:n], 5e-7)
			}
		}
	})
}

// Values and slopes are within eight roundings, 5e-7, of the reference, wherever x is; above one, within 5e-7 of what it says.
// GELU's tail on the left keeps its digits down to x = −5, where Φ is 3e-7.
func TestGELU(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(5, 7))
		for _, n := range []int{1, 7, 16, 1000, 20001} {
			x, dy := values(rng, n), values(rng, n)
			for i := range x {
				switch {
				case i%3 == 0:
					x[i] *= 4
				case i%100 == 1:
					x[i] *= 1e20
				}
			}
			y, want := make([]float32, n), make([]float64, n)
			for _, run := range []struct {
				name string
				fast func()
				slow func()
			}{
				{"y", func() { d.GELU(y, x, n) }, func() { reference.GELU(want, wide(x)) }},
				{"y tanh", func() { d.GELUTanh(y, x, n) }, func() { reference.GELUTanh(want, wide(x)) }},
				{"dx", func() { d.GELUBackward(y, dy, x, n) }, func() { reference.GELUBackward(want, wide(dy), wide(x)) }},
				{"dx tanh", func() { d.GELUTanhBackward(y, dy, x, n) }, func() { reference.GELUTanhBackward(want, wide(dy), wide(x)) }},
			} {
				run.fast()
				run.slow()
				for i := range y {
					if run.name == "dx tanh" && math.Abs(float64(x[i])) > 1e10 {
						want[i] = 0 // the reference has 0·∞ there
						if x[i] > 0 {
							want[i] = float64(dy[i])
						}
					}
					size := math.Max(1, math.Abs(want[i]))
					if strings.HasPrefix(run.name, "dx") {
						size = math.Max(size, math.Abs(float64(dy[i])))
					}
					if run.name == "y" && x[i] > -5 && x[i] < 0 {
						size = math.Abs(want[i]) * 4
					}
					if !(math.Abs(float64(y[i])-want[i]) <= 5e-7*size) {
						t.Fatalf("%s of %d at %g: %g, want %g", run.name, n, x[i], y[i], want[i])
					}
				}
			}
		}
	})
}

package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/optim"
)

// The first step by hand: with m̂ = g and v̂ = g² a weight moves by rate·sign(g), whatever the gradient's size.
func TestFirstStepMovesByTheRate(t *testing.T) {
	p, _ := compute.From([]float32{1, 1}, 1, 2)
	g, _ := compute.From([]float32{3, -4}, 1, 2)
	a := optim.NewAdamW(cpu.Default(), []*compute.Tensor{p}, optim.Options{})
	if norm := a.Step([]*compute.Tensor{g}, 0.1, 1); norm != 5 {
		t.Errorf("norm %g, want 5", norm)
	}
	if math.Abs(float64(p.Data[0])-0.9) > 1e-6 || math.Abs(float64(p.Data[1])-1.1) > 1e-6 {
		t.Errorf("weights %v, want 0.9 and 1.1", p.Data)
	}
}

// Decay shrinks matrices by rate·decay beside the step, and leaves vectors alone.
func TestDecayLeavesNormsAlone(t *testing.T) {
	matrix, _ := compute.From([]float32{2}, 1, 1)
	vector, _ := compute.From([]float32{2}, 1)
	zero, zeroVector := compute.New(1, 1), compute.New(1)
	a := optim.NewAdamW(cpu.Default(), []*compute.Tensor{matrix, vector}, optim.Options{WeightDecay: 0.5})
	a.Step([]*compute.Tensor{zero, zeroVector}, 0.1, 0)
	if matrix.Data[0] != 1.9 || vector.Data[0] != 2 {
		t.Errorf("matrix %g, vector %g: want 1.9 and 2", matrix.Data[0], vector.Data[0])
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		s    optim.Schedule
		step int
		want float64
	}{
		{optim.Constant{}, 1, 1}, {optim.Constant{Warmup: 4}, 1, 0.25},
		{optim.Cosine{}, 5, 1}, {optim.Cosine{}, 100, 0}, {optim.Cosine{Warmup: 20}, 60, 0.5}, {optim.Cosine{Floor: 0.1}, 100, 0.1},
		{optim.Linear{Warmup: 20}, 60, 0.5}, {optim.WSD{}, 50, 1}, {optim.WSD{}, 90, 0.5}, {optim.WSD{}, 100, 0},
	} {
		if got := c.s.At(c.step, 100); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%T%+v at %d of 100: %g, want %g", c.s, c.s, c.step, got, c.want)
		}
	}
}

func ExampleCosine() {
	s := optim.Cosine{Warmup: 10}
	for _, step := range []int{1, 10, 55, 100} {
		fmt.Printf("%.2f ", s.At(step, 100))
	}
	// Output: 0.10 1.00 0.50 0.00
}

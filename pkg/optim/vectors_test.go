package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/optim"
)

// vectors is what testdata/adamw.py wrote: ten steps in double precision.
type vectors struct {
	Limit   float64
	Norms   []float64
	Weights [][]float64 // step by step
}

func readVectors(t *testing.T) []vectors {
	t.Helper()
	text, err := os.ReadFile("testdata/adamw.json")
	if err != nil {
		t.Fatal(err)
	}
	var runs []vectors
	if err := json.Unmarshal(text, &runs); err != nil {
		t.Fatal(err)
	}
	return runs
}

// gradient is the formula of adamw.py.
func gradient(step int) *compute.Tensor {
	g := compute.New(1, 5)
	for i := range g.Data {
		g.Data[i] = float32(3 * math.Sin(1.7*float64(step)+0.9*float64(i)) / float64(1+i))
	}
	return g
}

func start() *compute.Tensor {
	p := compute.New(1, 5)
	copy(p.Data, []float32{0.5, -1, 2, -0.25, 1.5})
	return p
}

// Ten steps with a moving rate, decay, and with or without clipping, against double precision.
func TestTenSteps(t *testing.T) {
	for _, run := range readVectors(t) {
		p := start()
		a := optim.NewAdamW(cpu.Default(), []*compute.Tensor{p}, optim.Options{WeightDecay: 0.1})
		for step := 1; step <= 10; step++ {
			norm := a.Step([]*compute.Tensor{gradient(step)}, 0.05/float64(step), run.Limit)
			if want := run.Norms[step-1]; math.Abs(norm-want) > 1e-6*want {
				t.Errorf("limit %g, step %d: norm %g, want %g", run.Limit, step, norm, want)
			}
			for i, want := range run.Weights[step-1] {
				if got := float64(p.Data[i]); math.Abs(got-want) > 2e-6 {
					t.Errorf("limit %g, step %d: weight %d is %.8f, want %.8f", run.Limit, step, i, got, want)
				}
			}
		}
	}
}

// A gradient that is not a number must not reach the weights.
func TestGradientThatIsNoNumberMovesNothing(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		p, g := start(), gradient(1)
		g.Data[2] = float32(bad)
		a := optim.NewAdamW(cpu.Default(), []*compute.Tensor{p}, optim.Options{})
		if norm := a.Step([]*compute.Tensor{g}, 0.1, 1); !math.IsNaN(norm) && !math.IsInf(norm, 0) {
			t.Errorf("norm %g", norm)
		}
		if p.Data[0] != 0.5 || p.Data[2] != 2 || a.State().Step != 0 {
			t.Errorf("%g moved the weights to %v", bad, p.Data)
		}
	}
}

// Five steps, a restart from the state, and five more are ten steps, to the last bit.
func TestRestoreGoesOn(t *testing.T) {
	steps := func(a *optim.AdamW, from, to int) {
		for step := from; step <= to; step++ {
			a.Step([]*compute.Tensor{gradient(step)}, 0.01, 1)
		}
	}
	whole := start()
	steps(optim.NewAdamW(cpu.Default(), []*compute.Tensor{whole}, optim.Options{}), 1, 10)
	half := start()
	first := optim.NewAdamW(cpu.Default(), []*compute.Tensor{half}, optim.Options{})
	steps(first, 1, 5)
	second := optim.NewAdamW(cpu.Default(), []*compute.Tensor{half}, optim.Options{})
	if err := second.Restore(first.State()); err != nil {
		t.Fatal(err)
	}
	steps(second, 6, 10)
	for i := range whole.Data {
		if whole.Data[i] != half.Data[i] {
			t.Errorf("weight %d: %v, want %v", i, half.Data[i], whole.Data[i])
		}
	}
	for name, s := range map[string]optim.State{
		"fewer tensors": {Step: 1},
		"other size":    {Step: 1, M: [][]float32{{1}}, V: [][]float32{{1}}},
		"step":          {Step: -1, M: first.State().M, V: first.State().V},
		"began later":   {Step: 5, M: first.State().M, V: first.State().V, Began: []int{6}},
		"began twice":   {Step: 5, M: first.State().M, V: first.State().V, Began: []int{0, 0}},
	} {
		if err := second.Restore(s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A tensor that joins late moves as one with an optimizer of its own; the one that was there does not notice. And a restart
// in between knows when each began.
func TestAddCountsItsOwnSteps(t *testing.T) {
	step := func(a *optim.AdamW, at int, grads ...*compute.Tensor) {
		a.Step(append([]*compute.Tensor{gradient(at)}, grads...), 0.01, 0)
	}
	early, late, apart := start(), start(), start()
	a := optim.NewAdamW(cpu.Default(), []*compute.Tensor{early}, optim.Options{})
	alone := optim.NewAdamW(cpu.Default(), []*compute.Tensor{apart}, optim.Options{})
	for at := 1; at <= 4; at++ {
		step(a, at)
		alone.Step([]*compute.Tensor{gradient(at)}, 0.01, 0)
	}
	a.Add(late)
	if a.Bytes() != 2*alone.Bytes() {
		t.Errorf("moments of two take %d bytes, of one %d", a.Bytes(), alone.Bytes())
	}
	fresh := start()
	single := optim.NewAdamW(cpu.Default(), []*compute.Tensor{fresh}, optim.Options{})
	for at := 5; at <= 10; at++ {
		if at == 7 {
			again := optim.NewAdamW(cpu.Default(), []*compute.Tensor{early, late}, optim.Options{})
			if err := again.Restore(a.State()); err != nil {
				t.Fatal(err)
			}
			a = again
		}
		step(a, at, gradient(at))
		single.Step([]*compute.Tensor{gradient(at)}, 0.01, 0)
		alone.Step([]*compute.Tensor{gradient(at)}, 0.01, 0)
	}
	if !slices.Equal(late.Data, fresh.Data) {
		t.Errorf("joined at step 5: %v, alone from there: %v", late.Data, fresh.Data)
	}
	if !slices.Equal(early.Data, apart.Data) {
		t.Errorf("there from the start: %v, alone: %v", early.Data, apart.Data)
	}
}

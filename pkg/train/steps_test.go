package train_test

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/optim"
	"github.com/tunebook/tunebook/pkg/token"
)

// Ten steps of AdamW with clipping, weight decay and a schedule are PyTorch's ten steps: losses, norms of the gradients
// and weights, to 1e-4. testdata/steps.py made the numbers in float64.
func TestTenStepsAgainstPyTorch(t *testing.T) {
	const steps, batch, length, vocab = 10, 4, 12, 280
	file, err := checkpoint.Open(os.DirFS("testdata"), "steps.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	get := func(name string) []float32 {
		x, err := file.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data
	}
	ids, targets, rates, losses, norms := get("ids"), get("targets"), get("rates"), get("losses"), get("norms")
	tok, err := token.Train(context.Background(), nil, token.TrainOptions{}) // bytes alone; the ids are given
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range cpu.Levels() {
		d, err := cpu.New(cpu.Options{Level: level, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		m, err := model.New(model.Config{Vocab: vocab, Dim: 32, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 48, Context: length, Tied: true}, tok, rand.New(rand.NewPCG(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range m.Params.Names() {
			copy(m.Params.Get(name).Data, get("before."+name))
		}
		g, n := graph.New(), batch*length
		in := model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: batch, Length: length}
		wanted := g.Ints("targets", n)
		out, err := m.Build(g, in, nn.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		loss := graph.LinearCrossEntropy(out.Hidden, out.Head, wanted, nil)
		grads, err := g.Grad(loss, out.Params...)
		if err != nil {
			t.Fatal(err)
		}
		machine, err := g.Compile(graph.Options{Device: d}, append(grads, loss)...)
		if err != nil {
			t.Fatal(err)
		}
		var params, slopes []*compute.Tensor
		for i, p := range out.Params {
			slope, err := machine.Value(grads[i])
			if err != nil {
				t.Fatal(err)
			}
			params, slopes = append(params, m.Params.Get(p.Name())), append(slopes, slope)
		}
		adam := optim.NewAdamW(d, params, optim.Options{WeightDecay: 0.1})
		whole := func(x []float32) []int32 {
			y := make([]int32, n)
			for i := range y {
				y[i] = int32(x[i])
			}
			return y
		}
		positions := make([]int32, n)
		for i := range positions {
			positions[i] = int32(i % length)
		}
		for step := range steps {
			for node, values := range map[*graph.Node][]int32{
				in.IDs: whole(ids[step*n:]), in.Positions: positions, in.Segments: make([]int32, n), wanted: whole(targets[step*n:]),
			} {
				if err := machine.SetInts(node, values); err != nil {
					t.Fatal(err)
				}
			}
			if err := machine.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			got, err := machine.Scalar(loss)
			if err != nil {
				t.Fatal(err)
			}
			norm := adam.Step(slopes, float64(rates[step]), 1)
			if want := float64(losses[step]); math.Abs(got-want) > 1e-4*want {
				t.Errorf("%v, step %d: loss %.6f, PyTorch %.6f", level, step, got, want)
			}
			if want := float64(norms[step]); math.Abs(norm-want) > 1e-4*want {
				t.Errorf("%v, step %d: gradient norm %.6f, PyTorch %.6f", level, step, norm, want)
			}
		}
		// AdamW divides a gradient by its own size, so where one is all but zero its rounding error counts in full: a
		// weight may be off by more than its share, the tensor may not.
		for _, name := range m.Params.Names() {
			want := get("after." + name)
			var off, size, worst float64
			for i, v := range m.Params.Get(name).Data {
				delta := math.Abs(float64(v - want[i]))
				off, size, worst = off+delta*delta, size+float64(want[i])*float64(want[i]), math.Max(worst, delta)
			}
			if share := math.Sqrt(off / size); share > 1e-4 || worst > 1e-3 {
				t.Errorf("%v: %s is off by %.1e of its norm after ten steps, one weight by %.1e", level, name, share, worst)
			}
		}
	}
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/optim"
)

// Train measures training steps. When ctx ends it returns what was measured, and an error.
func Train(ctx context.Context, o Options) ([]Result, error) { return o.training(ctx, "train") }

// training measures the steps of a bench, train or lora.
func (o Options) training(ctx context.Context, bench string) ([]Result, error) {
	o, err := o.withDefaults(0.5)
	if err != nil {
		return nil, err
	}
	models, err := o.selected()
	if err != nil {
		return nil, err
	}
	other, err := o.startTorch(ctx)
	if err != nil {
		return nil, err
	}
	defer other.close()
	var out []Result
	for _, m := range models {
		r, err := o.train(ctx, bench, m, other)
		if r.Rounds > 0 {
			out = append(out, r)
			o.Each(r)
		}
		if err != nil {
			return out, fmt.Errorf("bench: %s %s: %w", bench, m.Name, err)
		}
	}
	return out, nil
}

func (o Options) train(ctx context.Context, bench string, m Model, other *peer) (Result, error) {
	out := Result{Bench: bench, Model: m.Name, Batch: m.Batch, Params: m.Params(), Trained: m.Params()}
	flops, hooks, scale := m.TrainFLOPs(), nn.Hooks{}, 0.0
	if bench == "lora" {
		out.Trained, flops, hooks, scale = m.LoRAParams(), m.LoRAFLOPs(), lora, LoRAAlpha/float64(LoRARank)
	}
	t, err := o.trainer(ctx, m, hooks)
	if err != nil {
		return out, err
	}
	var theirs side
	if other != nil {
		o.Progress(fmt.Sprintf("%s %s: PyTorch compiles and tunes", bench, m.Name))
		p, err := other.prepare(ctx, request{Bench: bench, Scale: scale, Shape: m, Batch: m.Batch, Length: m.Length, IDs: t.ids, Targets: t.targets, Only: o.Variant, source: t.model})
		if err != nil {
			return out, err
		}
		if err := t.step(ctx); err != nil {
			return out, err
		}
		if err := errors.Join(agree(t.first, p.Loss, t.model.Count(), p.Params), agree(t.norm, p.Norm, out.Trained, p.Trained)); err != nil {
			return out, err
		}
		out.Torch, theirs = other.result(p), other.round
	}
	o.Progress(bench + " " + m.Name)
	r, err := o.measure(ctx, o.repeat(t.step), theirs)
	out.Bytes = t.machine.Plan().Bytes() + t.optim.Bytes()
	if len(r.ours) > 0 {
		r.fill(&out, o, flops, float64(m.Batch*m.Length))
	}
	return out, err
}

// trainer takes the steps that train.Run takes, on the same batch each time.
type trainer struct {
	model        *model.Model
	machine      *graph.Machine
	loss         *graph.Node
	grads        []*compute.Tensor
	optim        *optim.AdamW
	ids, targets []int32
	first, norm  float64 // of the first step: the loss, and the gradient's norm
	steps        int
}

func (o Options) trainer(ctx context.Context, m Model, hooks nn.Hooks) (*trainer, error) {
	t := &trainer{}
	var err error
	if t.model, err = m.build(ctx); err != nil {
		return nil, err
	}
	if hooks.Linear != nil {
		if err := addAdapters(t.model); err != nil {
			return nil, err
		}
	}
	g, n := graph.New(), m.Batch*m.Length
	in := model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: m.Batch, Length: m.Length}
	targets := g.Ints("targets", n)
	made, err := t.model.Build(g, in, hooks)
	if err != nil {
		return nil, err
	}
	t.loss = graph.LinearCrossEntropy(made.Hidden, made.Head, targets, nil)
	grads, err := g.Grad(t.loss, made.Params...)
	if err != nil {
		return nil, err
	}
	if t.machine, err = g.Compile(graph.Options{Device: o.Device}, append(grads, t.loss)...); err != nil {
		return nil, err
	}
	var params []*compute.Tensor
	for i, p := range made.Params {
		param := t.model.Params.Get(p.Name())
		grad, err := t.machine.Value(grads[i])
		if err != nil {
			return nil, err
		}
		params, t.grads = append(params, param), append(t.grads, grad)
	}
	t.optim = optim.NewAdamW(o.Device, params, optim.Options{WeightDecay: 0.1})

	rng := rand.New(rand.NewPCG(2, 2))
	positions := make([]int32, n)
	for i := range n {
		t.ids, t.targets = append(t.ids, rng.Int32N(int32(m.Vocab))), append(t.targets, rng.Int32N(int32(m.Vocab)))
		positions[i] = int32(i % m.Length)
	}
	for _, f := range []struct {
		node   *graph.Node
		values []int32
	}{{in.IDs, t.ids}, {in.Positions, positions}, {in.Segments, make([]int32, n)}, {targets, t.targets}} {
		if err := t.machine.SetInts(f.node, f.values); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// step is forward, backward, clipping and AdamW.
func (t *trainer) step(ctx context.Context) error {
	if err := t.machine.Run(ctx); err != nil {
		return err
	}
	if t.steps == 0 {
		var err error
		if t.first, err = t.machine.Scalar(t.loss); err != nil {
			return err
		}
	}
	norm := t.optim.Step(t.grads, 1e-4, 1)
	if t.steps == 0 {
		t.norm = norm
	}
	t.steps++
	return nil
}

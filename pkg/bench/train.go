package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/optim"
)

// Train measures training steps. When ctx ends it returns what was measured, and an error.
func Train(ctx context.Context, o Options) ([]Result, error) { return o.training(ctx, "train") }

// training measures the steps of a bench, train or lora.
func (o Options) training(ctx context.Context, bench string) ([]Result, error) {
	return o.models(ctx, bench, func(o Options, m Model, other *peer, emit func([]Result)) error {
		results, err := o.train(ctx, bench, m, other)
		emit(results)
		return err
	})
}

// models measures one model after the other, beside one process of PyTorch if any.
func (o Options) models(ctx context.Context, bench string, measure func(o Options, m Model, other *peer, emit func([]Result)) error) ([]Result, error) {
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
	emit := func(results []Result) {
		for _, r := range results {
			out = append(out, r)
			o.Each(r)
		}
	}
	for _, m := range models {
		if err := measure(o, m, other, emit); err != nil {
			return out, fmt.Errorf("bench: %s %s: %w", bench, m.Name, err)
		}
	}
	return out, nil
}

func (o Options) train(ctx context.Context, bench string, m Model, other *peer) ([]Result, error) {
	out := Result{Bench: bench, Model: m.Name, Batch: m.Batch, Params: m.Params(), Trained: m.Params()}
	flops, hooks, scale := m.TrainFLOPs(), nn.Hooks{}, 0.0
	if bench == "lora" {
		out.Trained, flops, hooks, scale = m.LoRAParams(), m.LoRAFLOPs(), lora, LoRAAlpha/float64(LoRARank)
	}
	t, err := o.trainer(ctx, m, hooks)
	if err != nil {
		return nil, err
	}
	return o.steps(ctx, t, flops, m, out, request{Bench: bench, Scale: scale, source: t.model}, other)
}

// steps measures the steps of a trainer, beside what the request asks of PyTorch if there is one.
func (o Options) steps(ctx context.Context, t *trainer, flops float64, m Model, out Result, r request, other *peer) ([]Result, error) {
	if o.Products != cpu.Float32 {
		out.Products = o.Products.String()
	}
	label := strings.TrimSpace(out.Bench + " " + m.Name + " " + out.Method)
	var theirs side
	if other != nil {
		o.Progress(label + ": PyTorch compiles and tunes")
		r.Shape, r.Batch, r.Length, r.IDs, r.Targets, r.Only = m, m.Batch, m.Length, t.ids, t.targets, o.Variant
		p, err := other.prepare(ctx, r)
		if err != nil {
			return nil, err
		}
		if err := t.step(ctx); err != nil {
			return nil, err
		}
		tolerance := 1e-4
		if o.Products == cpu.BFloat16 { // each side of a product is rounded to eight binary digits
			tolerance = 0x1p-7
		}
		if err := errors.Join(agree(t.first, p.Loss, tolerance, t.count(), p.Params), agree(t.norm, p.Norm, tolerance, out.Trained, p.Trained)); err != nil {
			return nil, err
		}
		out.Torch, theirs = other.result(p), other.round
	}
	o.Progress(label)
	rounds, err := o.measure(ctx, o.repeat(t.step), theirs)
	out.Bytes = t.machine.Plan().Bytes() + t.optim.Bytes()
	if len(rounds.ours) == 0 {
		return nil, err
	}
	rounds.fill(&out, o, flops, float64(m.Batch*m.Length))
	results := []Result{out}
	if err == nil && o.Profile {
		o.Progress(label + ": profile")
		var lines []Result
		lines, err = t.profile(ctx, o, out, median(rounds.peak))
		results = append(results, lines...)
	}
	return results, err
}

// trainer takes the steps that train.Run takes, on the same batch each time.
type trainer struct {
	model        *model.Model
	fit          *adapt.Attached // what moves, of Adapt; nil for the others
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
	return t, t.compile(o, m, hooks, t.model.Params.Get)
}

// count is the number of the parameters of the model and of what was added.
func (t *trainer) count() int {
	if t.fit != nil {
		return t.fit.Count()
	}
	return t.model.Count()
}

// compile writes the model and its loss, differentiates, plans and fills in a batch. tensor finds a parameter by name.
func (t *trainer) compile(o Options, m Model, hooks nn.Hooks, tensor func(name string) *compute.Tensor) error {
	g, n := graph.New(), m.Batch*m.Length
	in := model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: m.Batch, Length: m.Length}
	targets := g.Ints("targets", n)
	made, err := t.model.Build(g, in, hooks)
	if err != nil {
		return err
	}
	t.loss = graph.LinearCrossEntropy(made.Hidden, made.Head, targets, nil)
	grads, err := g.Grad(t.loss, made.Params...)
	if err != nil {
		return err
	}
	if t.machine, err = g.Compile(graph.Options{Device: o.Device, Products: o.Products}, append(grads, t.loss)...); err != nil {
		return err
	}
	var params []*compute.Tensor
	for i, p := range made.Params {
		param := tensor(p.Name())
		grad, err := t.machine.Value(grads[i])
		if err != nil {
			return err
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
			return err
		}
	}
	return nil
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

// profile says where the time of a step goes: to each operator of the plan, and to clipping and AdamW, which are not in it.
// It is measured after the rounds, so that timing every operator does not slow them.
func (t *trainer) profile(ctx context.Context, o Options, step Result, peak float64) ([]Result, error) {
	p, err := t.machine.Profile(ctx, o.Rounds)
	if err != nil {
		return nil, err
	}
	var times []float64
	for range o.Rounds {
		start := time.Now()
		t.optim.Step(t.grads, 1e-4, 1)
		times = append(times, time.Since(start).Seconds())
	}
	moments := 0
	for _, g := range t.grads {
		moments += 2 * g.Bytes()
	}
	lines := append(p.Operators(), graph.OperatorTime{Op: "optimizer", Steps: 1, Seconds: median(times), Bytes: moments})
	slices.SortStableFunc(lines, func(a, b graph.OperatorTime) int { return cmp.Compare(b.Seconds, a.Seconds) })
	var total float64
	for _, l := range lines {
		total += l.Seconds
	}
	var out []Result
	for _, l := range lines {
		r := Result{Bench: "profile", Model: step.Model, Method: step.Method, Op: l.Op, Batch: step.Batch, Threads: step.Threads, Level: step.Level, Rounds: o.Rounds,
			MsPerStep: 1e3 * l.Seconds, Share: l.Seconds / total, GFLOPS: l.FLOPs / l.Seconds / 1e9, Bytes: l.Bytes, Others: -1}
		if peak > 0 {
			r.ShareOfPeak = r.GFLOPS * 1e9 / peak
		}
		out = append(out, r)
	}
	return out, nil
}

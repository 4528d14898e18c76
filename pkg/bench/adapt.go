package bench

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Reduction is how much narrower than the model the bottlenecks are that Adapt measures.
const Reduction = 16

// method is a way to fine-tune, and the library that has it for PyTorch.
type method struct {
	name, library string
	what          adapt.Adaptation
}

// methods are what Adapt measures.
func methods() []method {
	everywhere := []string{adapt.AllLinear}
	return []method{
		{"full", "transformers", adapt.Full()},
		{"lora", "peft", adapt.LoRA{Rank: LoRARank, Alpha: LoRAAlpha, On: everywhere}},
		{"dora", "peft", adapt.LoRA{Rank: LoRARank, Alpha: LoRAAlpha, On: everywhere, DoRA: true}},
		{"houlsby", "adapters", adapt.Houlsby{Reduction: Reduction}},
		{"pfeiffer", "adapters", adapt.Pfeiffer{Reduction: Reduction}},
	}
}

// Adapt measures training steps of full tuning, LoRA and DoRA on all linear layers, and bottleneck adapters: their time, and the
// memory that a process holds for them. When ctx ends it returns what was measured, and an error.
func Adapt(ctx context.Context, o Options) ([]Result, error) {
	chosen, err := o.methods()
	if err != nil {
		return nil, err
	}
	return o.models(ctx, "adapt", func(o Options, m Model, other *peer, emit func([]Result)) error {
		for _, w := range chosen {
			results, err := o.adapt(ctx, m, w, other)
			emit(results)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
		return nil
	})
}

// methods are those that the options ask for.
func (o Options) methods() ([]method, error) {
	var chosen []method
	var names []string
	for _, w := range methods() {
		names = append(names, w.name)
		if among(o.Methods, w.name) {
			chosen = append(chosen, w)
		}
	}
	if len(chosen) == 0 {
		return nil, Options{Match: o.Methods}.nothing("method", names)
	}
	return chosen, nil
}

func (o Options) adapt(ctx context.Context, m Model, w method, other *peer) ([]Result, error) {
	t, err := o.adapted(ctx, m, w)
	if err != nil {
		return nil, err
	}
	out := Result{Bench: "adapt", Model: m.Name, Method: w.name, Batch: m.Batch, Params: t.count(), Trained: t.fit.Trainable()}
	r := request{Bench: "adapt", Method: w.name, Library: w.library, Rank: LoRARank, Alpha: LoRAAlpha, Reduction: Reduction, source: t.fit.Base}
	if out.Trained != t.fit.Base.Count() {
		r.fit = t.fit
	}
	results, err := o.steps(ctx, t, t.machine.Plan().FLOPs(), m, out, r, other)
	if err != nil || o.Program == nil {
		return results, err
	}
	return results, o.memory(ctx, m, w, t, r, &results[0])
}

// adapted is a trainer of an adaptation, with all that moves away from zero, so that the first loss and gradient, which both
// sides must agree on, depend on all of it.
func (o Options) adapted(ctx context.Context, m Model, w method) (*trainer, error) {
	base, err := m.build(ctx)
	if err != nil {
		return nil, err
	}
	t := &trainer{}
	if t.fit, err = adapt.Attach(base, w.what); err != nil {
		return nil, err
	}
	t.model = t.fit.Model
	rng := rand.New(rand.NewPCG(3, 3))
	for _, name := range t.fit.Stages[0].Moves {
		p := t.fit.Tensor(name)
		zero := base.Param(name) == nil // what the base has is as it was drawn
		for _, v := range p.Data {
			zero = zero && v == 0
		}
		if zero {
			copy(p.Data, nn.Normal(rng, 0.1, p.Shape...).Data)
		}
	}
	return t, t.compile(o, m, t.fit.HooksAt(0), t.fit.Tensor)
}

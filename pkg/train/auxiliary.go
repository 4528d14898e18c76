package train

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// ask asks a method for what it takes beside the model.
func (l *loop) ask(ctx context.Context, base *model.Model) error {
	m, ok := l.job.Method.(method.Assisted)
	if !ok {
		return nil
	}
	aux, err := m.Auxiliary(ctx, method.Run{Model: l.model, Base: base, Seed: l.job.Seed})
	if err == nil && aux != nil {
		if aux.Renew != nil && aux.Every < 1 {
			err = fmt.Errorf("%s renews examples every %d steps: want at least 1", m.Name(), aux.Every)
		}
		l.aux = *aux
	}
	return err
}

// beside writes the method's other models into the graph, before the model that trains: so their values are read, and their
// memory is free, before the first one is kept for a gradient. Those that move come with the nodes that do.
func (l *loop) beside(g *graph.Graph) (out map[string]*model.Outputs, moving []*graph.Node, err error) {
	out = map[string]*model.Outputs{}
	for _, frozen := range []bool{true, false} {
		models := l.aux.Moving
		if frozen {
			models = l.aux.Models
		}
		for _, name := range slices.Sorted(maps.Keys(models)) {
			m := models[name]
			if m.Config.Context < l.job.Length {
				return nil, nil, fmt.Errorf("rows have %d tokens, the context of the %s holds %d: set Job.Length to that or less", l.job.Length, name, m.Config.Context)
			}
			if prompts(m) || prompts(l.model) {
				return nil, nil, fmt.Errorf("the %s and the model read the same rows, and one of them has a prompt in front of its texts (adapt.Prompt): give both models without one", name)
			}
			h := nn.Hooks{Prefix: name + "."}
			if frozen {
				h.Trainable = func(string) bool { return false }
			} else {
				h.Trainable = func(param string) bool { return param != m.Config.HeadName() || m.Config.Tied }
			}
			if out[name], err = m.Build(g, l.in, h); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			moving = append(moving, out[name].Params...)
		}
	}
	return out, moving, nil
}

// prompts says whether a model's rows begin with embeddings of its own, which another model does not have.
func prompts(m *model.Model) bool { return m.Extras != nil && m.Extras.Prompt > 0 }

// tensor is what a parameter that moves is: the method's own, or the adapted model's.
func (l *loop) tensor(name string) *compute.Tensor {
	if l.aux.Params != nil {
		if t := l.aux.Params.Get(name); t != nil {
			return t
		}
	}
	if in, rest, ok := strings.Cut(name, "."); ok && l.aux.Moving[in] != nil {
		if t := l.aux.Moving[in].Param(rest); t != nil {
			return t
		}
	}
	return l.fit.Tensor(name)
}

// renew lets the method renew the examples for the steps to come, if it does that and the time has come.
func (l *loop) renew(ctx context.Context) error {
	taken := l.result.Steps
	if l.aux.Renew == nil || taken%l.aux.Every != 0 {
		return nil
	}
	m, err := l.fit.Merged()
	if err != nil {
		return err
	}
	steps := min(l.aux.Every, l.job.Steps-taken)
	state := maps.Clone(l.renewed.State)
	if state == nil {
		state = map[string]float64{}
	}
	made, err := l.aux.Renew(ctx, method.Renewal{Model: m, Examples: l.examples, Data: l.job.Data, Step: taken, Length: l.job.Length,
		Tokens: steps * l.job.Accumulate * l.job.Batch * l.job.Length, Rows: l.job.Batch * l.job.Accumulate, Seed: l.job.Seed, State: state,
		Log: func(name, unit string, value float64) { l.result.Log.Add(name, unit, taken, value) }})
	if err != nil {
		return err
	}
	if trained(made) == 0 {
		return fmt.Errorf("%s gave %d examples for the steps after %d, and no token of them is trained on", l.job.Method.Name(), len(made), taken)
	}
	return l.deal(renewed{made, taken, state})
}

// renewed are examples that a method made after some steps; a saved run holds them, since the model that wrote them is gone.
type renewed struct {
	Examples []data.Example
	Step     int
	State    map[string]float64 // what the method keeps from one time to the next
}

// deal makes the steps to come read renewed examples, in an order of their own.
func (l *loop) deal(r renewed) (err error) {
	l.renewed = r
	l.batches, err = data.NewBatches(r.Examples, l.job.Batch, l.job.Length, l.model.Tokenizer.PAD(), l.job.Seed+uint64(r.Step)<<32)
	return err
}

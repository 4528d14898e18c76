package adapt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Set is several trained adapters of one base: one can be chosen, some can be added up, and rows of one batch can each have
// their own. Whatever adds parameters with hooks can be in it; sums are of what it changes in the weights.
type Set struct {
	base  *model.Model
	names []string
	at    map[string]*Attached
}

// Row is a sequence and the adapter that it goes through; an empty name is the base itself.
type Row struct {
	Adapter string
	IDs     []int
}

// ErrNoAdapter says that a Set has no adapter of that name.
var ErrNoAdapter = errors.New("the set has no such adapter")

// NewSet is a set without adapters yet.
func NewSet(base *model.Model) *Set { return &Set{base: base, at: map[string]*Attached{}} }

// Add takes in an adapter that was trained on the set's base.
func (s *Set) Add(name string, t *Attached) error {
	switch {
	case name == "" || t == nil:
		return fmt.Errorf("adapt: Set.Add(%q): want a name and an adapter, such as Result.Adapted", name)
	case s.at[name] != nil:
		return fmt.Errorf("adapt: Set.Add: there is an adapter %s already", name)
	case t.Base != s.base && t.Base.Hash() != s.base.Hash():
		return fmt.Errorf("adapt: Set.Add: %s: %w", name, ErrOtherBase)
	case t.Fold == nil:
		return fmt.Errorf("adapt: Set.Add: %s: %s changes the base's own weights: there is nothing to put beside others", name, t.Adaptation.Name())
	}
	for _, l := range t.Layers {
		if t.Model.Params.Get(l.Name+".weight").Len() == 0 {
			return fmt.Errorf("adapt: Set.Add: %s is over a base in four bits: %w", name, ErrOtherBase)
		}
	}
	s.names, s.at[name] = append(s.names, name), t
	return nil
}

// Names are those of the adapters, in the order in which they came.
func (s *Set) Names() []string { return slices.Clone(s.names) }

// get is the adapter of a name.
func (s *Set) get(name string) (*Attached, error) {
	if t := s.at[name]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("adapt: %q: %w: it has %s", name, ErrNoAdapter, strings.Join(s.names, ", "))
}

// Switch is the base with one adapter folded in, or the base itself for an empty name.
func (s *Set) Switch(name string) (*model.Model, error) {
	if name == "" {
		return s.base, nil
	}
	t, err := s.get(name)
	if err != nil {
		return nil, err
	}
	return t.Merged()
}

// Stack is the base with the updates of all these adapters added up.
func (s *Set) Stack(names ...string) (*model.Model, error) {
	weights := map[string]float64{}
	for _, name := range names {
		weights[name]++
	}
	return s.Sum(weights)
}

// Average is the base with the mean of the updates of these adapters, of all without names. It is the mean of B·A, not of A
// and of B, whose product would be another.
func (s *Set) Average(names ...string) (*model.Model, error) {
	if len(names) == 0 {
		names = s.names
	}
	weights := map[string]float64{}
	for _, name := range names {
		weights[name] += 1 / float64(len(names))
	}
	return s.Sum(weights)
}

// Sum is the base with a weighted sum of updates: W = W₀ + Σ weight·(W_adapter − W₀). A negative weight takes away what an
// adapter has learned.
func (s *Set) Sum(weights map[string]float64) (*model.Model, error) {
	out := s.base.Clone()
	for _, name := range slices.Sorted(maps.Keys(weights)) { // sums in one order
		t, err := s.get(name)
		if err != nil {
			return nil, err
		}
		m, err := t.Merged()
		if err != nil {
			return nil, err
		}
		if m.Config != s.base.Config {
			return nil, fmt.Errorf("adapt: Set.Sum: %s: %s makes a model of another shape", name, t.Adaptation.Name())
		}
		by := float32(weights[name])
		for _, p := range out.Params.Names() {
			to, was, is := out.Params.Get(p).Data, s.base.Params.Get(p).Data, m.Params.Get(p).Data
			for i := range to {
				if is[i] != was[i] {
					to[i] += by * (is[i] - was[i])
				}
			}
		}
	}
	return out, nil
}

// Logits are the scores after every position of each row, (T, V), all rows in one batch: the base's products are shared, and
// each row passes its own adapter, as in S-LoRA (Sheng et al., arXiv:2311.03285) and Punica (Chen et al., arXiv:2310.18547).
// Here every adapter meets every row, and is weighed by one or zero.
func (s *Set) Logits(ctx context.Context, rows ...Row) ([]*compute.Tensor, error) {
	var used []string
	var sequences [][]int
	for _, row := range rows {
		sequences = append(sequences, row.IDs)
		if row.Adapter == "" || slices.Contains(used, row.Adapter) {
			continue
		}
		if _, err := s.get(row.Adapter); err != nil {
			return nil, err
		}
		used = append(used, row.Adapter)
	}
	mix := &mixed{gates: make([]*graph.Node, len(used))}
	for _, name := range used {
		mix.parts = append(mix.parts, s.at[name])
	}
	ready := func(g *graph.Graph, n, length int) func(*graph.Machine) error {
		for k, name := range used {
			mix.gates[k] = g.Input("gate of "+name, n*length)
		}
		return func(m *graph.Machine) error {
			for k, name := range used {
				gate := make([]float32, n*length)
				for r, row := range rows {
					for i := range length {
						if row.Adapter == name {
							gate[r*length+i] = 1
						}
					}
				}
				if err := m.SetFloats(mix.gates[k], gate); err != nil {
					return err
				}
			}
			return nil
		}
	}
	out, err := hooked(ctx, s.base, nn.Hooks{Linear: mix.linear, Sublayer: mix.sublayer}, sequences, ready)
	if err != nil {
		return nil, fmt.Errorf("adapt: Set.Logits: %w", err)
	}
	return out, nil
}

// mixed is the hook of several adapters, each with a gate (R) of ones and zeros.
type mixed struct {
	parts []*Attached
	gates []*graph.Node
}

// scope keeps names of adapters apart.
func (x *mixed) scope(k int) string { return fmt.Sprintf("adapter %d: ", k) }

func (x *mixed) linear(b *nn.Builder, name string, in *graph.Node) *graph.Node {
	plain := b.Plain(name, in)
	y := plain
	for k, t := range x.parts {
		var d *graph.Node
		switch {
		case t.Delta != nil:
			d = b.Within(x.scope(k), func() *graph.Node { return t.Delta(b, name, in, x.gates[k]) })
		case t.Hooks.Linear != nil && t.changes(name):
			d = difference(b.Within(x.scope(k), func() *graph.Node { return t.Hooks.Linear(b, name, in) }), plain, x.gates[k])
		}
		if d != nil {
			y = graph.Add(y, d)
		}
	}
	return y
}

func (x *mixed) sublayer(b *nn.Builder, name string, in, out *graph.Node) *graph.Node {
	y := out
	for k, t := range x.parts {
		if t.Hooks.Sublayer != nil {
			changed := b.Within(x.scope(k), func() *graph.Node { return t.Hooks.Sublayer(b, name, in, out) })
			if changed != out {
				y = graph.Add(y, difference(changed, out, x.gates[k]))
			}
		}
	}
	return y
}

// changes says whether a hook does anything to a layer, as far as the adapter tells.
func (t *Attached) changes(name string) bool {
	return len(t.Layers) == 0 || slices.ContainsFunc(t.Layers, func(l Layer) bool { return l.Name == name })
}

// difference is what a hook changes, weighed by row.
func difference(changed, plain, gate *graph.Node) *graph.Node {
	return graph.ScaleRows(graph.Add(changed, graph.Scale(plain, -1)), gate)
}

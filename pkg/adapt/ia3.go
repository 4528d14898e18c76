package adapt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// IA3 scales keys, values and the inner activation of the MLP, each by a vector that is learned and begins at ones (Liu et al.,
// arXiv:2205.05638, section 3.3). It has a few hundred parameters a layer, which want a higher learning rate than LoRA. Folded
// in, it scales rows of W_k and W_v and columns of W_down.
type IA3 struct {
	On    []string // layers whose outputs are scaled, as in LoRA; nil means k_proj and v_proj
	Inner []string // layers whose inputs are; nil means down_proj
}

// scaleName is that of the vector, as PEFT has it.
const scaleName = ".ia3_l"

// Name has the layers where they are not the usual ones.
func (a IA3) Name() string {
	if len(a.On)+len(a.Inner) == 0 {
		return "ia3"
	}
	return strings.Join(append(append([]string{"ia3"}, a.outputs()...), a.inputs()...), " ")
}

func (a IA3) String() string {
	return fmt.Sprintf("ia3 scales what %s give and what %s take", strings.Join(a.outputs(), ", "), strings.Join(a.inputs(), ", "))
}

func (a IA3) outputs() []string {
	if len(a.On) == 0 {
		return []string{"k_proj", "v_proj"}
	}
	return a.On
}

func (a IA3) inputs() []string {
	if len(a.Inner) == 0 {
		return []string{"down_proj"}
	}
	return a.Inner
}

// plan are the layers that matched, and which of them have their input scaled.
func (a IA3) plan(shapes []model.Shape) (layers []Layer, inner map[string]bool, err error) {
	all := linears(shapes)
	after, err := choose(all, a.outputs())
	if err != nil {
		return nil, nil, err
	}
	before, err := choose(all, a.inputs())
	if err != nil {
		return nil, nil, err
	}
	inner = map[string]bool{}
	for _, l := range before {
		inner[l.Name] = true
	}
	for _, l := range all {
		outer := slices.Contains(after, l)
		switch {
		case outer && inner[l.Name]:
			return nil, nil, fmt.Errorf("%s is in IA3.On and in IA3.Inner: its output or its input is scaled, not both", l.Name)
		case outer:
			l.Params = l.Out
		case inner[l.Name]:
			l.Params = l.In
		default:
			continue
		}
		layers = append(layers, l)
	}
	return layers, inner, nil
}

func (a IA3) count(shapes []model.Shape) (int, error) {
	layers, _, err := a.plan(shapes)
	n := 0
	for _, l := range layers {
		n += l.Params
	}
	return n, err
}

// Attach adds a vector of ones to each layer that matches.
func (a IA3) Attach(m *model.Model, _ Run) (*Attached, error) {
	layers, inner, err := a.plan(shapesOf(m))
	if err != nil {
		return nil, err
	}
	added := &nn.Params{}
	for _, l := range layers {
		if err := added.Add(l.Name+scaleName, nn.Constant(1, l.Params)); err != nil {
			return nil, err
		}
	}
	linear := func(b *nn.Builder, name string, x *graph.Node) *graph.Node {
		v := added.Get(name + scaleName)
		if v == nil {
			return b.Plain(name, x)
		}
		by := b.Bind(name+scaleName, v, b.Moves(name+scaleName))
		if inner[name] {
			return b.Plain(name, graph.ScaleColumns(x, by, nil, nil))
		}
		return graph.ScaleColumns(b.Plain(name, x), by, nil, nil)
	}
	fold := func(m *model.Model) error {
		for _, l := range layers {
			w, v := m.Params.Get(l.Name+".weight"), added.Get(l.Name+scaleName).Data
			bias := m.Params.Get(l.Name + ".bias")
			for o := range l.Out {
				for i, row := 0, w.Row(o); i < l.In; i++ {
					if inner[l.Name] {
						row[i] *= v[i]
					} else {
						row[i] *= v[o]
					}
				}
				if bias != nil && !inner[l.Name] {
					bias.Data[o] *= v[o]
				}
			}
		}
		return nil
	}
	return &Attached{Model: m, Added: added, Layers: layers, Hooks: nn.Hooks{Linear: linear}, Fold: fold, Stages: []Stage{{Moves: added.Names()}}}, nil
}

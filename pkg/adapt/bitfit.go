package adapt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/model"
)

// biased are the layers of a block that can have a bias.
var biased = []string{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}

// BitFit moves biases alone (Ben Zaken et al., arXiv:2106.10199), of the named layers or, without names, all: q_proj, k_proj,
// v_proj, o_proj, gate_proj, up_proj, down_proj. BitFit("q_proj", "gate_proj", "up_proj") is what the paper's b_q and b_m2 are
// here, queries and the layer that widens, with which it does nearly as well. A model without biases gets them, zeros at
// first: see the package. With rotary positions a bias of keys counts, which otherwise the softmax would cancel.
func BitFit(layers ...string) Adaptation { return bitFit{layers} }

type bitFit struct{ layers []string }

func (a bitFit) Name() string { return strings.Join(append([]string{"bitfit"}, a.layers...), " ") }
func (a bitFit) String() string {
	if len(a.layers) == 0 {
		return "only biases move, one added to each linear layer of the blocks that has none"
	}
	return "only the biases of " + strings.Join(a.layers, ", ") + " move, added where there are none"
}

func (a bitFit) Attach(m *model.Model, _ Run) (*Attached, error) {
	for _, layer := range a.layers {
		if !slices.Contains(biased, layer) {
			return nil, fmt.Errorf("no layer %q has a bias: want some of %s", layer, strings.Join(biased, ", "))
		}
	}
	if err := m.AddBiases(); err != nil {
		return nil, err
	}
	return attached(m, where(m, func(name string) bool {
		layer, ok := strings.CutSuffix(name, ".bias")
		return ok && (len(a.layers) == 0 || slices.Contains(a.layers, layer[strings.LastIndexByte(layer, '.')+1:]))
	})), nil
}

package adapt

import (
	"strings"

	"github.com/tunebook/tunebook/pkg/model"
)

// Norms moves the weights of the norms alone, and their biases where they have some (Qi et al., arXiv:2211.08682, LN-tuning;
// Frankle et al., arXiv:2003.00152, for BatchNorm): each scales one value of the residual stream on its way into attention,
// the MLP or the head. A model of L layers of width D has (2L+1)·D of them.
func Norms() Adaptation { return norms{} }

type norms struct{}

func (norms) Name() string   { return "norms" }
func (norms) String() string { return "only the weights of the norms move" }

func (norms) Attach(m *model.Model, _ Run) (*Attached, error) {
	return attached(m, where(m, func(name string) bool {
		layer, _ := strings.CutSuffix(name, ".weight")
		layer, _ = strings.CutSuffix(layer, ".bias")
		return strings.HasSuffix(layer, "norm")
	})), nil
}

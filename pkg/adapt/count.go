package adapt

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// counter is an adaptation that can say from shapes alone how many parameters it trains.
type counter interface {
	count(shapes []model.Shape) (int, error)
}

// CountTrainable is how many parameters an adaptation would train in a model of these shapes (Config.Shapes, or those of any
// other family), before there are any weights. An adaptation that is not of this package, or reads the weights, must do without.
func CountTrainable(a Adaptation, shapes []model.Shape) (int, error) {
	if a == nil {
		a = Full()
	}
	if c, ok := a.(counter); ok {
		n, err := c.count(shapes)
		if err != nil {
			return 0, fmt.Errorf("adapt: %s: %w", a.Name(), err)
		}
		return n, nil
	}
	m := &model.Model{Params: &nn.Params{}}
	for _, s := range shapes {
		if err := m.Params.Add(s.Name, &compute.Tensor{Shape: s.Dims}); err != nil {
			return 0, fmt.Errorf("adapt: %s: %w", a.Name(), err)
		}
		if l, ok := layerOf(s.Name); ok {
			m.Config.Layers = max(m.Config.Layers, l+1)
		}
	}
	m.Config.Tied = m.Params.Get("lm_head.weight") == nil
	t, err := a.Attach(m, Run{Steps: forever})
	if err != nil {
		return 0, fmt.Errorf("adapt: %s: %w", a.Name(), err)
	}
	n := t.Trainable()
	if n == 0 {
		return 0, fmt.Errorf("adapt: %s: %w that shapes alone can show", a.Name(), ErrNothing)
	}
	return n, nil
}

func (u untie) count(shapes []model.Shape) (int, error) {
	var embed []int
	for _, s := range shapes {
		switch s.Name {
		case ownHead + "weight":
			return CountTrainable(u.inner(), shapes)
		case embedding + "weight":
			embed = s.Dims
		}
	}
	return CountTrainable(u.inner(), append(slices.Clone(shapes), model.Shape{Name: ownHead + "weight", Dims: embed}))
}

func (a bitFit) count(shapes []model.Shape) (int, error) {
	n := 0
	for _, l := range linears(shapes) {
		if name := ending(l.Name); slices.Contains(biased, name) && (len(a.layers) == 0 || slices.Contains(a.layers, name)) {
			n += l.Out
		}
	}
	if n == 0 {
		return 0, ErrNothing
	}
	return n, nil
}

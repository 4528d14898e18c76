package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Remember is a prefix that does what it would do to have read ids first: the keys and values that each layer keeps of them.
// Text that is written behind the prefix continues ids, exactly. It is where prefix tuning starts best (Li and Liang,
// arXiv:2101.00190, section 7.4).
func (m *Model) Remember(ctx context.Context, ids []int) (*Extras, error) {
	if m.Extras.Front() > 0 {
		return nil, fmt.Errorf("model: remember: the model has %v in front already", m.Extras)
	}
	if len(ids) == 0 {
		return nil, errors.New("model: remember: there are no ids to read")
	}
	if len(ids) >= m.Config.Context {
		return nil, fmt.Errorf("model: remember: %w: %d tokens leave no room in a context of %d", ErrContext, len(ids), m.Config.Context)
	}
	if err := m.checkIDs(ids); err != nil {
		return nil, fmt.Errorf("model: remember: %w", err)
	}
	d, err := m.Decoder(ctx, Float32)
	if err != nil {
		return nil, err
	}
	d.reserve(1, len(ids))
	d.open(ids, 0)
	if _, err := d.forward(ctx); err != nil {
		return nil, err
	}
	e := &Extras{Prefix: len(ids), Params: &nn.Params{}}
	for i, s := range e.Shapes(m.Config) { // keys and values in turn
		from := [2][]float32{d.cache[i/2].Keys, d.cache[i/2].Values}[i%2]
		if err := e.Params.Add(s.Name, &compute.Tensor{Shape: s.Dims, Data: slices.Clone(from[:s.Len()])}); err != nil {
			return nil, err
		}
	}
	return e, nil
}

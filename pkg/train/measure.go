package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Measure is the mean loss of a model on a set under a method, in nats per trained token, or per pair where the method counts
// those. length is the tokens a row.
func Measure(ctx context.Context, m *model.Model, how method.Method, set data.Set, length int) (float64, error) {
	if len(set) == 0 {
		return 0, errors.New("train: measure: the set is empty")
	}
	examples, err := behind(ctx, m, how, set, length)
	if err != nil {
		return 0, fmt.Errorf("train: measure: %w", err)
	}
	own, err := sharing(m)
	if err != nil {
		return 0, fmt.Errorf("train: measure: %w", err)
	}
	l := &loop{job: Job{Model: m, Method: how, Batch: 8, Length: length, Device: cpu.Default()}, model: own, held: examples}
	if err := l.ask(ctx, m); err != nil {
		return 0, fmt.Errorf("train: measure: %w", err)
	}
	if l.aux.Annotate != nil {
		if err := l.aux.Annotate(ctx, l.held); err != nil {
			return 0, fmt.Errorf("train: measure: %w", err)
		}
	}
	g, _, err := l.build(nn.Hooks{})
	if err != nil {
		return 0, fmt.Errorf("train: measure: %w", err)
	}
	if l.measure, err = g.Compile(graph.Options{Device: l.job.Device}, l.scalars()...); err != nil {
		return 0, fmt.Errorf("train: measure: %w", err)
	}
	return l.heldOut(ctx)
}

// sharing is a model with the same tensors under a list of its own: a head that a method adds does not get into m.
func sharing(m *model.Model) (*model.Model, error) {
	own := *m
	own.Params = &nn.Params{}
	for _, name := range m.Params.Names() {
		if err := own.Params.Add(name, m.Params.Get(name)); err != nil {
			return nil, err
		}
	}
	return &own, nil
}

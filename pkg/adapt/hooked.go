package adapt

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Logits are the scores after every position of some sequences, each (T, V), as the adapted graph gives them: with the hooks,
// nothing folded in and nothing dropped.
func (t *Attached) Logits(ctx context.Context, sequences ...[]int) ([]*compute.Tensor, error) {
	out, err := hooked(ctx, t.Model, t.HooksAt(len(t.Stages)-1), sequences, nil)
	if err != nil {
		return nil, fmt.Errorf("adapt: %s: logits: %w", t.Adaptation.Name(), err)
	}
	return out, nil
}

// hooked evaluates a model's graph on sequences of several lengths in one batch. ready is called with the graph before the
// model is written into it, and gives what to fill in before the run.
func hooked(ctx context.Context, m *model.Model, h nn.Hooks, sequences [][]int, ready func(g *graph.Graph, rows, length int) func(*graph.Machine) error) ([]*compute.Tensor, error) {
	length := 0
	for i, ids := range sequences {
		length = max(length, len(ids))
		if len(ids) == 0 {
			return nil, fmt.Errorf("sequence %d has no tokens", i)
		}
	}
	if length == 0 {
		return nil, errors.New("no sequence was given")
	}
	g, n := graph.New(), len(sequences)*length
	in := model.Inputs{IDs: g.Ints("ids", n), Positions: g.Ints("positions", n), Segments: g.Ints("segments", n), Batch: len(sequences), Length: length}
	fill := func(*graph.Machine) error { return nil }
	if ready != nil {
		fill = ready(g, len(sequences), length)
	}
	h.Trainable = func(string) bool { return false }
	out, err := m.Build(g, in, h)
	if err != nil {
		return nil, err
	}
	logits := graph.Linear(out.Hidden, out.Head, nil)
	machine, err := g.Compile(graph.Options{Unfused: true}, logits) // so that a sum with zeros changes no bit of what follows
	if err != nil {
		return nil, err
	}
	ids, positions := make([]int32, n), make([]int32, n) // what follows a shorter sequence is not looked at
	for r, sequence := range sequences {
		for i, id := range sequence {
			ids[r*length+i] = int32(id)
		}
		for i := range length {
			positions[r*length+i] = int32(i)
		}
	}
	err = errors.Join(machine.SetInts(in.IDs, ids), machine.SetInts(in.Positions, positions), machine.SetInts(in.Segments, make([]int32, n)), fill(machine))
	if err == nil && out.Dropout != nil {
		err = machine.SetInts(out.Dropout, graph.DropoutKey(0, -1))
	}
	if err == nil {
		err = machine.Run(ctx)
	}
	if err != nil {
		return nil, err
	}
	all, err := machine.Value(logits)
	if err != nil {
		return nil, err
	}
	vocab := all.Shape[1]
	var each []*compute.Tensor
	for r, sequence := range sequences {
		t, err := compute.From(all.Data[r*length*vocab:(r*length+len(sequence))*vocab], len(sequence), vocab)
		if err != nil {
			return nil, err
		}
		each = append(each, t)
	}
	return each, nil
}

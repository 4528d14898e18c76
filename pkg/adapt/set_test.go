package adapt_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Rows of one batch each pass an adapter of their own, or none, and give what they give alone; sums of updates are sums.
func TestSet(t *testing.T) {
	ctx, base := context.Background(), small(true)
	set := adapt.NewSet(base)
	alone := map[string]*adapt.Attached{}
	for i, a := range append(slices.Clone(family), sidestep{}) {
		name := fmt.Sprint("task ", i)
		alone[name] = drawn(adapt.Must(adapt.Attach(base, a, adapt.Run{Seed: uint64(i)})), uint64(i))
		if err := set.Add(name, alone[name]); err != nil {
			t.Fatal(err)
		}
	}
	rows := []adapt.Row{{IDs: sentences[0]}}
	want := logits(t, adapt.Must(adapt.Attach(base, nil)), sentences[0])
	for i, name := range set.Names() {
		rows = append(rows, adapt.Row{Adapter: name, IDs: sentences[i%3]}, adapt.Row{Adapter: name, IDs: sentences[0]})
		want = append(want, logits(t, alone[name], sentences[i%3], sentences[0])...)
	}
	got, err := set.Logits(ctx, rows...)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if d := gap(t, got[i:i+1], want[i:i+1]); d > 1e-5 {
			t.Errorf("row %d, adapter %q: differs by %g from the adapter alone", i, row.Adapter, d)
		}
	}

	w := func(m *model.Model, err error) []float32 {
		if err != nil {
			t.Fatal(err)
		}
		return m.Params.Get("model.layers.1.self_attn.q_proj.weight").Data
	}
	zero, one, two := w(set.Switch("")), w(set.Switch("task 0")), w(set.Switch("task 4"))
	mean, sum, less := w(set.Average("task 0", "task 4")), w(set.Stack("task 0", "task 4")), w(set.Sum(map[string]float64{"task 0": -1}))
	for i := range zero {
		a, b := one[i]-zero[i], two[i]-zero[i]
		for k, off := range []float32{mean[i] - zero[i] - (a+b)/2, sum[i] - zero[i] - (a + b), less[i] - zero[i] + a} {
			if math.Abs(float64(off)) > 1e-6 {
				t.Fatalf("sum %d is off by %g at %d", k, off, i)
			}
		}
	}
	if m, err := set.Switch(""); err != nil || m != base {
		t.Errorf("no adapter is not the base: %v", err)
	}

	other := small(true)
	other.Params.Get("model.norm.weight").Data[0]++
	for says, err := range map[string]error{
		"task 0 already": set.Add("task 0", alone["task 0"]),
		"want a name":    set.Add("", alone["task 0"]),
		"nothing to put": set.Add("full", adapt.Must(adapt.Attach(base, nil))),
		"four bits":      set.Add("q", adapt.Must(adapt.Attach(base, adapt.QLoRA{}))),
		"on another":     set.Add("other", adapt.Must(adapt.Attach(other, adapt.LoRA{}))),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want an error that says %q", err, says)
		}
	}
	if _, err := set.Logits(ctx, adapt.Row{Adapter: "task 99", IDs: sentences[0]}); !errors.Is(err, adapt.ErrNoAdapter) {
		t.Errorf("an adapter that is not there: %v", err)
	}
	if _, err := set.Logits(ctx); err == nil {
		t.Error("no rows: no error")
	}
}

// sidestep adds a scaled copy of what enters each part: an adapter between the layers, as others write it.
type sidestep struct{}

func (sidestep) Name() string { return "sidestep" }

func (sidestep) String() string { return "sidestep" }

func (sidestep) Attach(m *model.Model, _ adapt.Run) (*adapt.Attached, error) {
	added := &nn.Params{}
	for _, name := range []string{"mlp", "self_attn"} {
		if err := added.Add("side."+name, nn.Constant(0, m.Config.Dim)); err != nil {
			return nil, err
		}
	}
	sub := func(b *nn.Builder, name string, in, out *graph.Node) *graph.Node {
		if !strings.HasPrefix(name, "model.layers.1.") {
			return out
		}
		side := "side." + name[strings.LastIndexByte(name, '.')+1:]
		return graph.Add(out, graph.ScaleColumns(in, b.Bind(side, added.Get(side), false), nil, nil))
	}
	return &adapt.Attached{Model: m, Added: added, Hooks: nn.Hooks{Sublayer: sub}, Fold: func(*model.Model) error { return errors.New("it cannot be folded in") }, Stages: []adapt.Stage{{Moves: added.Names()}}}, nil
}

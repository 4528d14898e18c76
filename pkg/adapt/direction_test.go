package adapt_test

import (
	"context"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// How far what does not fold gets, of the way from the base to full tuning, on questions about people that training never asked
// about, for each of five seeds: adapters of some 2% of the parameters nearly all of it, a prompt of 0.14% and a prefix of 0.28%
// stay behind, unless the prefix is trained through an MLP (section 4.3 of arXiv:2101.00190). Limits are well off what was measured: see docs/decisions.md.
func TestAdaptersNearFullPromptsBehind(t *testing.T) {
	ctx := context.Background()
	known := model.Must(base.Load(ctx))
	practice, exam := data.Must(world.Questions(ctx)).Split(0.8)
	loss := func(m *model.Model) float64 {
		t.Helper()
		l, err := train.Measure(ctx, m, method.SFT{}, exam, 128)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	before := loss(known)
	for seed := range uint64(5) {
		var full float64
		for _, c := range []struct {
			a           adapt.Adaptation
			rate        float64
			least, most float64 // share of the way that full tuning goes
		}{
			{adapt.Full(), 1e-3, 1, 1},
			{adapt.Houlsby{}, 1e-2, 0.92, 1.05},
			{adapt.Prompt{}, 3e-2, 0.3, 0.8},
			{adapt.Prefix{}, 3e-2, 0.2, 0.8},
			{adapt.Prefix{Hidden: 64}, 1e-2, 0.8, 1.05},
		} {
			r, err := train.Run(ctx, train.Job{Model: known, Method: method.SFT{}, Adapt: c.a, Data: practice, Steps: 40, Batch: 4, LR: c.rate, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			went := before - loss(r.Model)
			if full == 0 {
				full = went
			}
			t.Logf("seed %d, %s: loss %.3f, %.3f of the way; %v", seed, c.a.Name(), before-went, went/full, r.Cost)
			if way := went / full; way < c.least || way > c.most {
				t.Errorf("seed %d: %s goes %.3f of the way, want %g to %g", seed, c.a.Name(), way, c.least, c.most)
			}
			if c.rate > 1e-3 && r.Cost.Share() > 0.03 {
				t.Errorf("%s has %.3g of the parameters", c.a.Name(), r.Cost.Share())
			}
		}
	}
}

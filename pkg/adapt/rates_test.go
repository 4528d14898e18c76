package adapt_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// piles are the questions: those to practise on, those of the exam, and the tryout on which rates were chosen. Nobody is in
// two of them.
func piles(ctx context.Context) (practice, exam, tryout data.Set) {
	practice, others := data.Must(world.Questions(ctx)).Split(0.8)
	tryout = others[96:192] // eight people, as in lesson 12
	return practice, append(others.Take(96), others[192:]...), tryout
}

// Rates of the tests of directions are chosen here, on the tryout: the same ten for every way, with a seed that no test uses, then the
// best three with another; by the least loss after 40 steps, by the most right answers after 150 (where equally many are, by
// loss). The log is the table.
//
//	TUNEBOOK_RATES=1 go test ./pkg/adapt -run TestRates -v -timeout 30m
func TestRates(t *testing.T) {
	if os.Getenv("TUNEBOOK_RATES") == "" {
		t.Skip("a search of some minutes, for which TUNEBOOK_RATES=1 asks")
	}
	ctx := context.Background()
	known := model.Must(base.Load(ctx))
	practice, _, tryout := piles(ctx)
	low := func(rank int, alpha float64) adapt.LoRA {
		return adapt.LoRA{Rank: rank, Alpha: alpha, On: []string{adapt.AllLinear}}
	}
	for _, c := range []struct {
		steps int
		ways  []adapt.Adaptation
	}{
		{40, []adapt.Adaptation{adapt.Full(), adapt.Houlsby{}, low(4, 0), adapt.IA3{}, adapt.Prompt{}, adapt.Prefix{}, adapt.Prefix{Hidden: 64}}},
		{150, []adapt.Adaptation{adapt.Full(), low(4, 0), low(1, 4)}},
	} {
		for _, a := range c.ways {
			try := func(rate float64, seed uint64) tried {
				run, err := train.Run(ctx, train.Job{Model: known, Method: method.SFT{}, Adapt: a, Data: practice, Steps: c.steps, Batch: 4, LR: rate, Seed: seed})
				if errors.Is(err, train.ErrDiverged) {
					return tried{rate: rate, loss: math.Inf(1)}
				}
				if err != nil {
					t.Fatal(err)
				}
				out := tried{rate: rate}
				if out.loss, err = train.Measure(ctx, run.Model, method.SFT{}, tryout, 128); err != nil {
					t.Fatal(err)
				}
				if c.steps > 40 {
					report, err := train.Exam(ctx, run.Model, tryout)
					if err != nil {
						t.Fatal(err)
					}
					out.right = report.Accuracy()
				}
				t.Logf("%d steps, %s at %g, seed %d: loss %.3f, right %.3f", c.steps, a.Name(), rate, seed, out.loss, out.right)
				return out
			}
			var list []tried
			for _, rate := range []float64{5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1, 2e-1, 5e-1} {
				list = append(list, try(rate, 100))
			}
			slices.SortStableFunc(list, better)
			list = list[:3]
			for i, one := range list {
				two := try(one.rate, 101)
				list[i].loss, list[i].right = (one.loss+two.loss)/2, (one.right+two.right)/2
			}
			slices.SortStableFunc(list, better)
			t.Logf("%d steps, %s: %g, of %+v", c.steps, a.Name(), list[0].rate, list)
		}
	}
}

// tried is a rate and what came of it, in the mean.
type tried struct{ rate, loss, right float64 }

// better orders by right answers, and by loss where equally many are right or none were counted.
func better(a, b tried) int {
	return cmp.Or(cmp.Compare(b.right, a.right), cmp.Compare(a.loss, b.loss))
}

//go:build !race

package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// Rates of distillation are chosen here, on notices that nobody learns from and no exam asks about: the same five for labels alone
// and for the teacher's answers, and two seeds that no test uses. The least loss on the right answers is best. The log is the table.
//
//	TUNEBOOK_RATES=1 go test ./pkg/train -run TestRates -v -timeout 30m
func TestRates(t *testing.T) {
	if os.Getenv("TUNEBOOK_RATES") == "" {
		t.Skip("a search of some minutes, for which TUNEBOOK_RATES=1 asks")
	}
	ctx := context.Background()
	start := model.Must(base.Load(ctx))
	rest := data.Must(world.Labels(ctx, world.LabelOptions{Count: 1400})).Shuffle(rand.New(rand.NewPCG(7, 7)))[200:]
	tryout, prompts := rest[1000:], rest[:1000]
	try := func(m *model.Model, how method.Method, set data.Set, steps int, rate float64, seed uint64) (*model.Model, float64) {
		t.Helper()
		r, err := train.Run(ctx, train.Job{Model: m, Method: how, Data: set, Steps: steps, LR: rate, Batch: 4, Seed: seed})
		if errors.Is(err, train.ErrDiverged) {
			return nil, math.Inf(1)
		}
		if err != nil {
			t.Fatal(err)
		}
		loss, err := train.Measure(ctx, r.Model, method.SFT{}, tryout, 128)
		if err != nil {
			t.Fatal(err)
		}
		return r.Model, loss
	}
	var teacher *model.Model
	least := math.Inf(1)
	for _, rate := range []float64{2e-4, 5e-4, 1e-3, 2e-3, 5e-3} {
		m, loss := try(start, method.SFT{}, prompts[:600], 100, rate, 0)
		t.Logf("teacher at %g: loss %.4f", rate, loss)
		if loss < least {
			teacher, least = m, loss
		}
	}
	written, err := method.Answered(ctx, teacher, prompts, model.Generate{MaxTokens: 16})
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []float64{5e-4, 1e-3, 2e-3, 5e-3, 1e-2} {
		var labels, distilled float64
		for seed := uint64(100); seed < 102; seed++ {
			c := model.Config{Vocab: start.Config.Vocab, Dim: 96, Layers: 2, Heads: 3, Hidden: 256, Context: 256, Tied: true}
			student := model.Must(model.New(c, start.Tokenizer, rand.New(rand.NewPCG(seed, 1))))
			few := prompts.Shuffle(rand.New(rand.NewPCG(seed, 7)))[:40]
			_, a := try(student, method.SFT{}, few, 200, rate, seed)
			_, b := try(student, method.Distill{Teacher: teacher}, written, 200, rate, seed)
			labels, distilled = labels+a/2, distilled+b/2
		}
		t.Logf("students at %g: loss %.4f on labels alone, %.4f distilled", rate, labels, distilled)
	}
}

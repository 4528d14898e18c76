package train_test

import (
	"context"
	"math"
	"testing"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/train"
)

// A step of four batches of two rows is a step of one batch of eight: the same rows, weighted by the tokens that are trained
// on, which differ from row to row. Only rounding may differ.
func TestAccumulateIsOneLargeBatch(t *testing.T) {
	ctx := context.Background()
	j := job(t)
	j.Eval, j.Steps, j.Length, j.LR = nil, 6, 24, 1e-3 // rows that do not hold all records
	j.Batch = 8
	whole, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	j.Batch, j.Accumulate = 2, 4
	parts, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Tokens != parts.Tokens || whole.Steps != parts.Steps {
		t.Errorf("%d tokens in %d steps at once, %d in %d in parts", whole.Tokens, whole.Steps, parts.Tokens, parts.Steps)
	}
	for _, name := range []string{metric.Loss, metric.GradNorm} {
		a, b := whole.Log.Get(name).Values, parts.Log.Get(name).Values
		if len(a) != 6 || len(b) != 6 {
			t.Fatalf("%s: %d and %d values for six steps", name, len(a), len(b))
		}
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-4*math.Abs(a[i]) {
				t.Errorf("%s of step %d: %g at once, %g in parts", name, i+1, a[i], b[i])
			}
		}
	}
}

func TestAccumulateRefusesNegative(t *testing.T) {
	j := job(t)
	j.Accumulate = -1
	if _, err := train.Run(context.Background(), j); err == nil {
		t.Error("a negative number of batches was accepted")
	}
}

package train_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/train"
)

// A run that computes values again instead of keeping them is the same run: losses, norms and weights, to the last bit.
func TestRecomputeTrainsTheSame(t *testing.T) {
	ctx := context.Background()
	j := job(t)
	j.Steps = 5
	kept, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	j.Recompute = true
	again, err := train.Run(ctx, j)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{metric.Loss, metric.GradNorm} {
		if a, b := kept.Log.Get(name).Values, again.Log.Get(name).Values; len(a) != 5 || !slices.Equal(a, b) {
			t.Errorf("%s: %v, recomputed %v", name, a, b)
		}
	}
	if kept.Model.Hash() != again.Model.Hash() {
		t.Error("the weights differ")
	}
}

package train_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/train"
)

// A learner sets runs side by side: what moved, what it took, what it reached.
func TestCosts(t *testing.T) {
	c := train.Cost{Trainable: 5, Parameters: 1000, Optimizer: 40, Plan: 2_500_000, Step: 1500 * time.Microsecond}
	if got, want := c.String(), "5 of 1000 parameters (0.5%), 0.00 MB of moments, 2.5 MB planned, 1.5 ms a step"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	j := job(t)
	j.Steps = 2
	full := train.Must(train.Run(context.Background(), j.With("full", nil)))
	j.Eval = nil
	norms := train.Must(train.Run(context.Background(), j.With("norms", adapt.Norms())))
	if full.Cost.Plan <= norms.Cost.Plan || full.Cost.Share() != 1 {
		t.Errorf("full takes %v, norms %v", full.Cost, norms.Cost)
	}
	table := train.Costs(full, nil, norms)
	if len(table.Rows) != 2 || table.Rows[0][0] != "full" || table.Rows[0][2] != "100%" || table.Rows[1][1] != "160" {
		t.Errorf("%v", table)
	}
	if table.Rows[1][7] != "not measured" || strings.Contains(table.Rows[0][7], "not") {
		t.Errorf("held-out losses %q and %q", table.Rows[0][7], table.Rows[1][7])
	}
}

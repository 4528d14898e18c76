// Package sft asserts what the lesson claims.
package sft

import (
	"context"
	"testing"

	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
	"github.com/tunebook/tunebook/pkg/world"
)

// The base model knows the facts and does not answer; after SFT on other people it answers about people that it never
// practised on. The same job as in the lesson, three seeds.
func TestSFTTeachesToAnswer(t *testing.T) {
	ctx := context.Background()
	start := model.Must(base.Load(ctx))
	hash := start.Hash()
	practice, exam := data.Must(world.Questions(ctx)).Split(0.8)
	before, err := train.Exam(ctx, start, exam)
	if err != nil {
		t.Fatal(err)
	}
	if before.Accuracy() > 0.1 {
		t.Errorf("the base model answers already: %v", before)
	}
	var accuracies []float64
	for seed := uint64(1); seed <= 3; seed++ {
		r, err := train.Run(ctx, train.Job{Model: start, Method: method.SFT{}, Data: practice, Steps: 300, LR: 5e-4, Batch: 8, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		after, err := train.Exam(ctx, r.Model, exam)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: before %.1f%%, after %.1f%%, %v", seed, 100*before.Accuracy(), 100*after.Accuracy(), r)
		accuracies = append(accuracies, after.Accuracy())
		if after.Accuracy() < 0.8 {
			t.Errorf("seed %d: %v\n%v", seed, after, after.Table(10))
		}
	}
	mean, std := metric.MeanStd(accuracies)
	t.Logf("held-out accuracy %.1f%% ± %.1f over three seeds", 100*mean, 100*std)
	if start.Hash() != hash {
		t.Error("training changed the base model")
	}
}

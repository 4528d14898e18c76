// Package trial is what tests of lessons have in common: the base model, the questions of lesson 03, and two marks, what was
// reached and what was forgotten.
package trial

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

// Trial is a lesson's base, its questions about some people and about others, and papers that no model has seen.
type Trial struct {
	Base           *model.Model
	Practice, Exam data.Set
	Papers         data.Set
}

// Begin makes one as lessons do.
func Begin(t testing.TB) Trial {
	t.Helper()
	ctx := context.Background()
	practice, exam := data.Must(world.Questions(ctx)).Split(0.8)
	papers := data.Must(world.Text(ctx, world.TextOptions{Documents: 60, Seed: base.Default().Seed + 1}))
	return Trial{model.Must(base.Load(ctx)), practice, exam, papers}
}

// Answered is the share of the exam's questions that a model answers exactly.
func (l Trial) Answered(t testing.TB, m *model.Model) float64 {
	t.Helper()
	report, err := train.Exam(context.Background(), m, l.Exam)
	if err != nil {
		t.Fatal(err)
	}
	return report.Accuracy()
}

// Perplexity is that of the papers.
func (l Trial) Perplexity(t testing.TB, m *model.Model) float64 {
	t.Helper()
	loss, err := train.Measure(context.Background(), m, method.Causal{}, l.Papers, 128)
	if err != nil {
		t.Fatal(err)
	}
	return metric.Perplexity(loss)
}

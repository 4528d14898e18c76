package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
)

// Exam asks the model every question of the set, greedily, and marks the answers by exact match.
func Exam(ctx context.Context, m *model.Model, set data.Set) (*metric.Report, error) {
	switch {
	case m == nil:
		return nil, errors.New("train: exam: the model is nil: give it a model, such as base.Load(ctx)")
	case len(set) == 0:
		return nil, errors.New("train: exam: the set is empty: give it questions, such as world.Questions(ctx)")
	}
	questions := make([]string, len(set))
	longest := 0
	for i, r := range set {
		if r.Prompt == "" || r.Answer == "" {
			return nil, fmt.Errorf("train: exam: record %d has no prompt or no answer", i)
		}
		questions[i] = r.Prompt
		if m.Tokenizer != nil {
			longest = max(longest, len(m.Tokenizer.Encode(r.Answer)))
		}
	}
	got, err := m.Answers(ctx, questions, model.Generate{MaxTokens: longest + 8})
	report := &metric.Report{Name: "exam"}
	for i, g := range got {
		report.Answers = append(report.Answers, metric.Answer{Question: set[i].Prompt, Want: set[i].Answer, Got: g, Right: metric.ExactMatch(g, set[i].Answer)})
	}
	if err != nil {
		return report, fmt.Errorf("train: exam: %w", err)
	}
	return report, nil
}

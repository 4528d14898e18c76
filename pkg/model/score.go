package model

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
)

// ScoreName is the layer of a scalar head, as in Hugging Face's LlamaForSequenceClassification.
const ScoreName = "score"

// AddScore gives the model a scalar head of zeros, score.weight (1, D), where it has none, and returns it: the model then
// scores texts (Scores), which a reward model does. What it writes stays the same.
func (m *Model) AddScore() (*compute.Tensor, error) {
	if m.Config.Score {
		return m.Params.Get(ScoreName + ".weight"), nil
	}
	t := compute.New(1, m.Config.Dim)
	if err := m.Params.Add(ScoreName+".weight", t); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m.Config.Score = true
	return t, nil
}

// Scores are what the model's scalar head says of texts after their last tokens, as a reward model's rewards: it needs one
// (AddScore, method.Reward).
func (m *Model) Scores(ctx context.Context, texts [][]int) ([]float64, error) {
	if !m.Config.Score {
		return nil, ErrNoScore
	}
	r, err := m.Reader(ReaderOptions{})
	if err != nil {
		return nil, err
	}
	read, err := r.Read(ctx, texts)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(texts))
	for i, t := range read {
		out[i] = float64(t.Scores[len(t.Scores)-1])
	}
	return out, nil
}

// ErrNoScore says that a model has no scalar head.
var ErrNoScore = errors.New("model: the model has no scalar head, so it cannot score texts: train one with method.Reward, or load a LlamaForSequenceClassification")

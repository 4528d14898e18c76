package base

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/tunebook/tunebook/pkg/model"
)

// weights are config.json, tokenizer.json, model.safetensors in half precision, and report.json.
//
//go:embed weights
var weights embed.FS

// Load returns a new copy of the base model: 1.4 million parameters, context 256, English and Chinese.
func Load(ctx context.Context) (*model.Model, error) {
	folder, err := fs.Sub(weights, "weights")
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	m, err := model.LoadFS(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	return m, nil
}

// HowMade is the report of the embedded weights.
func HowMade() (Report, error) {
	var r Report
	text, err := weights.ReadFile("weights/report.json")
	if err != nil {
		return r, fmt.Errorf("base: %w", err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("base: report.json: %w", err)
	}
	return r, nil
}

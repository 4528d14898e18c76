package base

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/tunebook/tunebook/pkg/model"
)

// weights are config.json, tokenizer.json, model.safetensors in half precision, and report.json.
//
//go:embed weights/*.json weights/*.safetensors
var weights embed.FS

// Load returns a new copy of the base model: 2.8 million parameters, context 256, English and Chinese.
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

// Untrained returns the base's smaller twin before it has read anything: the base model's tokenizer and random weights
// drawn from a seed, in the shape of [Twin].
func Untrained(ctx context.Context, seed uint64) (*model.Model, error) {
	grown, err := Load(ctx)
	if err != nil {
		return nil, err
	}
	m, err := model.New(Twin(), grown.Tokenizer, rand.New(rand.NewPCG(seed, 0)))
	if err != nil {
		return nil, fmt.Errorf("base: %w", err)
	}
	return m, nil
}

// HowMade is the report of the embedded weights.
func HowMade() (Report, error) {
	text, err := weights.ReadFile("weights/report.json")
	if err != nil {
		return Report{}, fmt.Errorf("base: %w", err)
	}
	return parse("report.json", text)
}

// ReadReport is the report of a folder that "tunebook base train" wrote.
func ReadReport(dir string) (Report, error) {
	path := filepath.Join(dir, "report.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return Report{}, fmt.Errorf("base: %w: want a folder that tunebook base train wrote", err)
	}
	return parse(path, text)
}

func parse(path string, text []byte) (Report, error) {
	var r Report
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return Report{}, fmt.Errorf("base: %s: %w", path, err)
	}
	if len(r.Steps) != len(r.HeldOutLoss) {
		return Report{}, fmt.Errorf("base: %s: a curve of %d steps and %d losses", path, len(r.Steps), len(r.HeldOutLoss))
	}
	return r, nil
}

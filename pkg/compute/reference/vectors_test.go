package reference_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Entropies, divergences and their gradients are those of PyTorch in double precision (testdata/divergence.py).
func TestDivergenceVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/divergence.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Given, Logits     [][]float64
		Dy                []float64
		Beta, Temperature float64
		Cases             map[string]struct {
			Values   []float64
			Gradient [][]float64
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	rows, vocab := len(v.Logits), len(v.Logits[0])
	x, p := slices.Concat(v.Logits...), slices.Concat(v.Given...)
	for name, f := range map[string]func(values, dx []float64){
		"entropy": func(values, dx []float64) {
			reference.Entropy(values, x, rows, vocab)
			reference.EntropyBackward(dx, v.Dy, x, rows, vocab)
		},
		"forward": func(values, dx []float64) {
			reference.ForwardKL(values, x, p, rows, vocab, v.Temperature)
			reference.ForwardKLBackward(dx, v.Dy, x, p, rows, vocab, v.Temperature)
		},
		"reverse": func(values, dx []float64) {
			reference.ReverseKL(values, x, p, rows, vocab, v.Temperature)
			reference.ReverseKLBackward(dx, v.Dy, x, p, rows, vocab, v.Temperature)
		},
		"jensen-shannon": func(values, dx []float64) {
			reference.JensenShannon(values, x, p, rows, vocab, v.Beta, v.Temperature)
			reference.JensenShannonBackward(dx, v.Dy, x, p, rows, vocab, v.Beta, v.Temperature)
		},
	} {
		values, dx := make([]float64, rows), make([]float64, rows*vocab)
		f(values, dx)
		want := slices.Concat(append([][]float64{v.Cases[name].Values}, v.Cases[name].Gradient...)...)
		got := slices.Concat(values, dx)
		if len(want) != len(got) {
			t.Fatalf("%s: %d values in the file, want %d", name, len(want), len(got))
		}
		for i, w := range want {
			if math.Abs(got[i]-w) > 1e-13 {
				t.Errorf("%s: value %d is %.15g, PyTorch has %.15g", name, i, got[i], w)
			}
		}
	}
}

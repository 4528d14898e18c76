package model_test

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/graph"
)

// Build marks what enters each block: of every block but the last, all that the backward pass reads is computed again: two
// norms, q, k, v, two rotations, attention, the product after it, gate, up and what they give.
func TestBuildMarksBlocks(t *testing.T) {
	const layers = 5
	g, outputs, _ := gpt(t, 32, layers, 1, 16)
	m, err := g.Compile(graph.Options{Recompute: true}, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	again := 0
	for _, s := range m.Plan().Steps {
		if strings.HasSuffix(s.Name, " again") {
			again++
		}
	}
	if want := (layers - 1) * 12; again != want {
		t.Errorf("%d steps are there again, want %d", again, want)
	}
}

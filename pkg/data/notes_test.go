package data_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
)

// One row of eight: a pair of texts with its numbers, a single text, and two of padding.
func TestBatchOfSeveralTexts(t *testing.T) {
	off := data.Ignore
	pair := data.Example{IDs: []int{5, 6, 7, 8}, Labels: []int{6, off, 8, off}, Starts: []int{2},
		Tokens: map[string][]float32{"side": {1, 0, -1, 0}}, Numbers: map[string]float32{"margin": 0.5}}
	one := data.Example{IDs: []int{9, 3}, Labels: []int{3, off}, Tokens: map[string][]float32{"side": {2, 4}}, Numbers: map[string]float32{"margin": -1}}
	batches, err := data.NewBatches([]data.Example{pair, one}, 1, 8, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b data.Batch
	for range 2 { // the second batch is another epoch in the same memory
		batches.Next(&b)
		for name, c := range map[string]struct{ got, want []int32 }{
			"ids":       {b.IDs, []int32{5, 6, 7, 8, 9, 3, 0, 0}},
			"targets":   {b.Targets, []int32{6, -100, 8, -100, 3, -100, -100, -100}},
			"positions": {b.Positions, []int32{0, 1, 0, 1, 0, 1, 0, 1}},
			"segments":  {b.Segments, []int32{0, 0, 1, 1, 2, 2, 3, 3}},
			"examples":  {b.Examples, []int32{0, 0, 0, 0, 1, 1, -100, -100}},
			"present":   {b.Present, []int32{0, 0, -100, -100, -100, -100, -100, -100}},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s are %v, want %v", name, c.got, c.want)
			}
		}
		if want := []float32{1, 0, -1, 0, 2, 4, 0, 0}; !slices.Equal(b.Tokens["side"], want) {
			t.Errorf("numbers of tokens are %v, want %v", b.Tokens["side"], want)
		}
		if want := []float32{0.5, -1, 0, 0, 0, 0, 0, 0}; !slices.Equal(b.Numbers["margin"], want) {
			t.Errorf("numbers of examples are %v, want %v", b.Numbers["margin"], want)
		}
		if b.Count != 2 || b.Trained != 3 {
			t.Errorf("%d examples and %d trained tokens, want 2 and 3", b.Count, b.Trained)
		}
	}
}

func TestBatchesRefuseNumbersThatDoNotFit(t *testing.T) {
	ids, labels := []int{1, 2}, []int{2, data.Ignore}
	good := data.Example{IDs: ids, Labels: labels, Tokens: map[string][]float32{"a": {1, 2}}}
	for want, e := range map[string]data.Example{
		"example 1 has 2 tokens and 1 labels":                      {IDs: ids, Labels: labels[:1], Tokens: good.Tokens},
		"example 1 has 2 tokens and 3 numbers called a":            {IDs: ids, Labels: labels, Tokens: map[string][]float32{"a": {1, 2, 3}}},
		"example 1 has 2 tokens and texts that begin at [2]":       {IDs: ids, Labels: labels, Starts: []int{2}, Tokens: good.Tokens},
		"example 1 has 2 tokens and texts that begin at [0]":       {IDs: ids, Labels: labels, Starts: []int{0}, Tokens: good.Tokens},
		"examples 1 and 0 bring other numbers: [] and [a]":         {IDs: ids, Labels: labels},
		"examples 1 and 0 bring other numbers: [b] and [a]":        {IDs: ids, Labels: labels, Tokens: map[string][]float32{"b": {1, 2}}},
		"examples 1 and 0 bring other numbers: [a margin] and [a]": {IDs: ids, Labels: labels, Tokens: good.Tokens, Numbers: map[string]float32{"margin": 1}},
	} {
		_, err := data.NewBatches([]data.Example{good, e}, 1, 4, 0, 1)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

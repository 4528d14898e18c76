package model_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
)

// drawn are texts of the given lengths.
func drawn(m *model.Model, lengths ...int) [][]int {
	rng := rand.New(rand.NewPCG(5, 5))
	out := make([][]int, len(lengths))
	for i, n := range lengths {
		for range n {
			out[i] = append(out[i], rng.IntN(m.Config.Vocab))
		}
	}
	return out
}

// What a Reader says of each token is the log-softmax of the logits that the cached decoder gives, and its entropy, in float64.
// 33 texts of several lengths are more than it reads at a time.
func TestReaderMeetsLogits(t *testing.T) {
	ctx, m := context.Background(), small(t)
	lengths := []int{2, 48, 3, 17, 16, 15, 33, 2}
	for i := range 25 {
		lengths = append(lengths, 2+i)
	}
	texts := drawn(m, lengths...)
	reader, err := m.Reader(model.ReaderOptions{Entropy: true})
	if err != nil {
		t.Fatal(err)
	}
	read, err := reader.Read(ctx, texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, ids := range texts {
		logits, err := m.Logits(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		r := read[i]
		if len(r.LogProbs) != len(ids)-1 || len(r.Entropy) != len(ids) || r.Scores != nil {
			t.Fatalf("text %d of %d tokens: %d log-probabilities, %d entropies, scores %v", i, len(ids), len(r.LogProbs), len(r.Entropy), r.Scores)
		}
		whole := 0.0
		for p := range ids {
			row, norm, entropy := logits.Row(p), 0.0, 0.0
			top := float64(slices.Max(row))
			for _, v := range row {
				norm += math.Exp(float64(v) - top)
			}
			norm = top + math.Log(norm)
			for _, v := range row {
				entropy -= math.Exp(float64(v)-norm) * (float64(v) - norm)
			}
			if math.Abs(float64(r.Entropy[p])-entropy) > 2e-5 {
				t.Errorf("text %d, after token %d: entropy %.6f, want %.6f", i, p, r.Entropy[p], entropy)
			}
			if p+1 < len(ids) {
				want := float64(row[ids[p+1]]) - norm
				if whole += want; math.Abs(float64(r.LogProbs[p])-want) > 2e-5 {
					t.Errorf("text %d, token %d: %.6f, want %.6f", i, p+1, r.LogProbs[p], want)
				}
			}
		}
		if math.Abs(r.Sum(0)-whole) > 1e-3 || math.Abs(r.Sum(1)-whole) > 1e-3 {
			t.Errorf("text %d: sums %g and %g, want %g", i, r.Sum(0), r.Sum(1), whole)
		}
		if last := len(ids) - 1; math.Abs(r.Sum(last)-float64(r.LogProbs[last-1])) > 1e-6 {
			t.Errorf("text %d: the last token alone is %g, want %g", i, r.Sum(last), r.LogProbs[last-1])
		}
	}
}

// Read alone a text gives what it gives among others; a reader follows the weights, its own head and the model's.
func TestReaderReadsEachByItself(t *testing.T) {
	ctx, m := context.Background(), small(t)
	head, err := m.AddScore()
	if err != nil {
		t.Fatal(err)
	}
	other := compute.New(1, m.Config.Dim)
	for i := range head.Data {
		head.Data[i], other.Data[i] = float32(i%5)-2, 2*(float32(i%5)-2)
	}
	texts := drawn(m, 5, 31, 2, 48, 20, 20, 9)
	reader, err := m.Reader(model.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	together, err := reader.Read(ctx, texts)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := m.Reader(model.ReaderOptions{Head: other})
	if err != nil {
		t.Fatal(err)
	}
	doubled, err := twice.Read(ctx, texts)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := m.Scores(ctx, texts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		alone, err := reader.Read(ctx, texts[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		near(t, "log-probabilities", together[i].LogProbs, alone[0].LogProbs, 1e-5)
		near(t, "scores", together[i].Scores, alone[0].Scores, 1e-5)
		for p := range doubled[i].Scores {
			if math.Abs(float64(doubled[i].Scores[p]-2*together[i].Scores[p])) > 1e-4 {
				t.Fatalf("twice the head scores %g, the head %g", doubled[i].Scores[p], together[i].Scores[p])
			}
		}
		if last := together[i].Scores[len(texts[i])-1]; scores[i] != float64(last) {
			t.Errorf("Scores gives %g, the last of the reading is %g", scores[i], last)
		}
	}
	clear(head.Data)
	again, err := reader.Read(ctx, texts[:1])
	if err != nil || again[0].Scores[0] != 0 {
		t.Errorf("a head of zeros scores %v, %v", again[0].Scores, err)
	}
}

func TestReaderRefuses(t *testing.T) {
	ctx, m := context.Background(), small(t)
	reader, err := m.Reader(model.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for want, texts := range map[string][][]int{
		"text 1: ":            {{1, 2}, {1}},
		"1 tokens, want 2":    {{1}},
		"49 tokens":           drawn(m, 49),
		"text 0: token 1 has": {{1, -1}},
		"has id 262":          {{262, 1}},
	} {
		if _, err := reader.Read(ctx, texts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
	if _, err := reader.Read(ctx, drawn(m, 1)); !errors.Is(err, model.ErrContext) {
		t.Errorf("%v", err)
	}
	if _, err := m.Reader(model.ReaderOptions{Head: compute.New(2, m.Config.Dim)}); err == nil || !strings.Contains(err.Error(), "want [1 32]") {
		t.Errorf("a head of two rows: %v", err)
	}
	if _, err := m.Scores(ctx, drawn(m, 4)); !errors.Is(err, model.ErrNoScore) {
		t.Errorf("no head: %v", err)
	}
	if read, err := reader.Read(ctx, nil); err != nil || len(read) != 0 {
		t.Errorf("no texts: %v, %v", read, err)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := reader.Read(canceled, drawn(m, 4)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

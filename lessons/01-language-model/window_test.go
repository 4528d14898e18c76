package cloze

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/token"
)

func tokenizer(t *testing.T, text string) *token.Tokenizer {
	t.Helper()
	tok, err := token.Train(context.Background(), []string{text}, token.TrainOptions{Vocab: 262})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The engine's scores are those of the formula, worked out in float64 loops.
func TestScoresAreTheFormula(t *testing.T) {
	const dim, line = 4, "tern"
	tok := tokenizer(t, line)
	m, err := New(Window{2, 1}, tok, dim, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string, row int) []float32 { return m.Params.Get(name).Row(row) }
	dot := func(a []float32, b []float64) float64 {
		sum := 0.0
		for i := range a {
			sum += float64(a[i]) * b[i]
		}
		return sum
	}
	ids := append(append([]int{tok.BOS()}, tok.Encode(line)...), tok.EOS())
	total := 0.0
	for gap := 1; gap <= len(line); gap++ {
		sum := make([]float64, dim)
		for _, o := range []int{-2, -1, 1} {
			id := tok.PAD()
			if gap+o >= 0 {
				id = ids[gap+o]
			}
			e := make([]float64, dim)
			for i, v := range at("embedding", id) {
				e[i] = float64(v)
			}
			for i := range sum {
				sum[i] += dot(at(neighbour(o), i), e)
			}
		}
		for i, x := range sum {
			sum[i] = x * 0.5 * (1 + math.Erf(x/math.Sqrt2))
		}
		h := make([]float64, dim)
		for i := range h {
			h[i] = dot(at("out", i), sum)
		}
		all := 0.0
		for id := range tok.Size() {
			all += math.Exp(dot(at("embedding", id), h))
		}
		want := math.Exp(dot(at("embedding", ids[gap]), h)) / all
		total -= math.Log(want)
		candidates, err := m.Fill(context.Background(), line, gap-1, tok.Size())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range candidates {
			if c.ID == ids[gap] && math.Abs(c.Prob-want) > 1e-6 {
				t.Errorf("gap %d: %g, by hand %g", gap, c.Prob, want)
			}
		}
	}
	s, err := m.Measure(context.Background(), data.Set{{Text: line}})
	if err != nil || math.Abs(s.Loss-total/4) > 1e-5 || s.Gaps != 4 {
		t.Errorf("%+v, %v: by hand a loss of %g over 4 gaps", s, err, total/4)
	}
}

// Where only what follows tells the gap, a window to the left learns nothing, one to both sides everything.
func TestRightSideIsSeen(t *testing.T) {
	var set data.Set
	for range 50 {
		set = append(set, data.Record{Text: "ax"}, data.Record{Text: "by"})
	}
	tok := tokenizer(t, "axby")
	for w, want := range map[Window]float64{{1, 0}: 0.5, {1, 1}: 1} {
		m, err := Train(context.Background(), w, tok, set, Options{Dim: 8, Steps: 400, Batch: 16, LR: 0.02, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(m.Log.Series[0].Values); n != 400 {
			t.Errorf("%d losses", n)
		}
		c, err := m.Fill(context.Background(), "ax", 0, 1)
		if err != nil || math.Abs(c[0].Prob-want) > 0.1 {
			t.Errorf("%+v fills the first gap with %v, %v: want a probability of %g", w, c, err, want)
		}
		if said, err := m.Continue(context.Background(), "a", 1); w.Right == 0 && (said != "ax" || err != nil) {
			t.Errorf("%q, %v", said, err)
		}
	}
}

func TestEqualSeedsGiveEqualWeights(t *testing.T) {
	tok := tokenizer(t, "tern")
	train := func(seed uint64) string {
		m, err := Train(context.Background(), Window{1, 1}, tok, data.Set{{Text: "tern"}}, Options{Dim: 4, Steps: 3, Batch: 4, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return m.Params.Hash()
	}
	if one, again, two := train(1), train(1), train(2); one != again || one == two {
		t.Error("the seed does not decide")
	}
}

func TestRefuses(t *testing.T) {
	ctx, tok := context.Background(), tokenizer(t, "tern")
	for _, w := range []Window{{}, {-1, 2}, {2, -1}} {
		if _, err := New(w, tok, 4, rand.New(rand.NewPCG(1, 1))); err == nil || !strings.Contains(err.Error(), "at least one neighbour") {
			t.Errorf("%+v: %v", w, err)
		}
	}
	if _, err := Train(ctx, Window{1, 0}, tok, nil, Options{}); err == nil || !strings.Contains(err.Error(), "no text") {
		t.Error(err)
	}
	m, err := New(Window{1, 1}, tok, 4, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Measure(ctx, nil); err == nil {
		t.Error("nothing was measured without an error")
	}
	if _, err := m.Fill(ctx, "tern", 4, 1); err == nil || !strings.Contains(err.Error(), "token 4 of a text that has 4") {
		t.Error(err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Train(stopped, Window{1, 1}, tok, data.Set{{Text: "tern"}}, Options{Dim: 4, Steps: 3, Batch: 4}); err == nil || !strings.Contains(err.Error(), "after step 0 of 3") {
		t.Error(err)
	}
}

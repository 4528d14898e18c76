package method_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
)

// KTO by hand: the answer is 4 nats more probable than to the reference and the other one 1, so z = 1, and at β = .5 a desirable
// answer costs 1 − σ(1.5) = .182426 and an undesirable one 1 − σ(−1.5) = .817574. The other one at −1 makes z = 0: 1 − σ(2).
func TestKTOByHand(t *testing.T) {
	half := float32(math.Log(.5))
	for _, c := range []struct{ side, other, lambda, want, z float64 }{
		{1, 1, 1, .182426, 1}, {-1, 1, 1, .817574, 1}, {-1, 1, 1.5, 1.226361, 1}, {1, -1, 1, .119203, 0},
	} {
		e := data.Example{IDs: []int{0, 0}, Labels: []int{0, 1}, Starts: []int{1}, Tokens: map[string][]float32{"answer": {1, 0}, "other": {0, 1}},
			Numbers: map[string]float32{"side": float32(c.side), "lambda": float32(c.lambda), "reference answer": half - 4, "reference other": half - float32(c.other)}}
		got, gradient, reports := onExamples(t, method.KTO{Beta: .5}, compute.New(2, 2), []data.Example{e})
		if math.Abs(got-c.want) > 1e-5 || math.Abs(reports[method.BaselineKL]-c.z) > 1e-6 {
			t.Errorf("%+v: %.6f, z %g", c, got, reports[method.BaselineKL])
		}
		if gradient[0] == 0 || gradient[2] != 0 || gradient[3] != 0 {
			t.Errorf("%+v: gradients %v: want none through z", c, gradient)
		}
	}
}

// unpaired are the gradients of the first texts of examples.
func unpaired(t *testing.T, gradient []float32, examples []data.Example, vocab int) (first []float32) {
	t.Helper()
	for _, e := range examples {
		n := vocab * e.Starts[0]
		first = append(first, gradient[:n]...)
		for _, v := range gradient[n : 2*n] {
			if v != 0 {
				t.Errorf("a gradient of %g flows through the baseline", v)
			}
		}
		gradient = gradient[2*n:]
	}
	return first
}

// KTO takes pairs and single answers; each is read beside an answer to another question.
func TestKTOExamples(t *testing.T) {
	ctx, m := context.Background(), small()
	pairs, err := method.KTO{Desirable: 1.5}.Examples(ctx, m, liked, 32)
	if err != nil {
		t.Fatal(err)
	}
	singles, err := method.KTO{Desirable: 1.5}.Examples(ctx, m, data.Set{
		{Prompt: "pp", Answer: "z", Scores: map[string]float64{"desirable": 1}}, {Prompt: "pp", Answer: "yy", Scores: map[string]float64{"desirable": 0}},
		{Prompt: "q", Answer: "yyy", Scores: map[string]float64{"desirable": 1}}, {Prompt: "q", Answer: "z", Scores: map[string]float64{"desirable": -1}},
	}, 32)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range pairs {
		text := data.Masked(m.Tokenizer, e).String()
		if text != data.Masked(m.Tokenizer, singles[i]).String() {
			t.Errorf("%d: pairs give %s, single answers %v", i, text, data.Masked(m.Tokenizer, singles[i]))
		}
		want := map[string]float32{"side": 1, "lambda": 1.5}
		if i%2 == 1 {
			want = map[string]float32{"side": -1, "lambda": 1}
		}
		for name, v := range want {
			if e.Numbers[name] != v || singles[i].Numbers[name] != v {
				t.Errorf("%d: %s is %g and %g, want %g", i, name, e.Numbers[name], singles[i].Numbers[name], v)
			}
		}
	}
	const begin = "<|bos|> <|user|> p p <|assistant|> "
	if text := data.Masked(m.Tokenizer, pairs[1]).String(); text != begin+"[y] [y] [<|eos|>] "+begin+"[z] [<|eos|>]" && text != begin+"[y] [y] [<|eos|>] "+begin+"[y] [y] [y] [<|eos|>]" {
		t.Errorf("%s", text)
	}
	if _, err := (method.KTO{}).Examples(ctx, m, data.Set{{Prompt: "q", Answer: "z"}}, 32); !errors.Is(err, method.ErrNoLabel) {
		t.Errorf("no label: %v", err)
	}
	if _, err := (method.KTO{}).Examples(ctx, m, liked[:1], 32); err == nil || !strings.Contains(err.Error(), "one question") {
		t.Errorf("one question: %v", err)
	}
}

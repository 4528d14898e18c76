package check_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/train"
)

// message is what a check panics with, empty when it passes.
func message(t *testing.T, run func()) (text string) {
	t.Helper()
	defer func() {
		if v := recover(); v != nil {
			err, ok := v.(error)
			if !ok || !errors.Is(err, check.ErrNotYet) {
				t.Fatalf("panicked with %v", v)
			}
			text = err.Error()
		}
	}()
	run()
	return ""
}

// The usual mistakes of lesson 03 each get their own hint.
func TestSFT(t *testing.T) {
	ctx := context.Background()
	m := model.Must(base.Load(ctx))
	record := data.Record{Prompt: "Where does George Irving live?", Answer: "He lives in Rope Lane."}
	example, err := data.Encode(m.Tokenizer, record, data.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ids, first, end := example.IDs, len(m.Tokenizer.ChatPrompt(record.Prompt)), len(example.IDs)
	// labels trains on the tokens from one place to another, each shifted by so much.
	labels := func(from, to, shift int) []int {
		out := make([]int, end)
		for i := range out {
			out[i] = data.Ignore
			if at := i + shift; at >= from && at < to {
				out[i] = ids[at]
			}
		}
		return out
	}
	for want, got := range map[string][]int{
		"":                        labels(first, end, 1),
		"as the exercise left it": labels(0, 0, 1),
		"just read":               labels(first, end, 0),
		"the first piece":         labels(first+1, end, 1),
		"the end is missing":      labels(first, end-1, 1),
		"<|assistant|> counts":    labels(first-1, end, 1),
		"everything counts":       labels(1, end, 1),
		"it should hold":          labels(first, end, 1)[:end-1],
	} {
		if said := message(t, func() { check.SFT{}.Labels(m.Tokenizer, record, got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("got %q, want %q", said, want)
		}
	}
	whole, err := train.Measure(ctx, m, method.SFT{TrainOnPrompt: true}, data.Set{record}, 128)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := train.Measure(ctx, m, method.SFT{}, data.Set{record}, 128)
	if err != nil {
		t.Fatal(err)
	}
	counted := float64(end - 2) // all but <|bos|> and <|user|>
	for want, got := range map[string]float64{
		"": whole, "as the exercise left it": 0, "the answer alone": answer, "the sum": whole * counted,
		"divided by all tokens": whole * counted / float64(end), "minus sign": -whole, "in bits": whole / math.Ln2,
	} {
		if said := message(t, func() { check.SFT{}.LossWithPrompt(ctx, m, record, got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%v: got %q, want %q", got, said, want)
		}
	}
}

package method_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

func small() *model.Model {
	tok := token.Must(token.Train(context.Background(), []string{"the cat sat on the mat"}, token.TrainOptions{Vocab: 280}))
	return model.Must(model.New(model.Config{Dim: 16, Layers: 1, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))
}

// Hand arithmetic: logits [[-1,1],[-.5,1.5]] with targets 0 and 1 cost 2.1269 and 0.1269, mean 1.1269. A third row with
// target -100 changes nothing.
func TestLossByHand(t *testing.T) {
	for _, how := range []method.Method{method.SFT{}, method.Causal{}} {
		for _, targets := range [][]int32{{0, 1}, {0, 1, data.Ignore}} {
			g := graph.New()
			logits, _ := compute.From([]float32{-1, 1, -.5, 1.5, 7, -7}[:2*len(targets)], len(targets), 2)
			unit, _ := compute.From([]float32{1, 0, 0, 1}, 2, 2)
			ids := g.Ints("targets", len(targets))
			out := &model.Outputs{Hidden: g.Param("logits", logits), Head: g.Constant("unit", unit)}
			loss := how.Loss(out, ids)
			m, err := g.Compile(graph.Options{}, loss)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.SetInts(ids, targets); err != nil {
				t.Fatal(err)
			}
			if err := m.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got, err := m.Scalar(loss); err != nil || math.Abs(got-1.1269) > 1e-4 {
				t.Errorf("%s, %d rows: %g, %v: want 1.1269", how.Name(), len(targets), got, err)
			}
		}
	}
}

func TestWhatIsTrainedOn(t *testing.T) {
	m := small()
	pair, text := data.Record{Prompt: "pp", Answer: "z"}, data.Record{Text: "zz"}
	for _, c := range []struct {
		how    method.Method
		record data.Record
		want   string // brackets around what is trained on
	}{
		{method.SFT{}, pair, "<|bos|> <|user|> p p <|assistant|> [z] [<|eos|>]"},
		{method.SFT{TrainOnPrompt: true}, pair, "<|bos|> <|user|> [p] [p] [<|assistant|>] [z] [<|eos|>]"},
		{method.Causal{}, text, "<|bos|> [z] [z] [<|eos|>]"},
	} {
		examples, err := c.how.Examples(context.Background(), m, data.Set{c.record}, 32)
		if err != nil {
			t.Fatal(err)
		}
		if got := data.Masked(m.Tokenizer, examples[0]).String(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.how, got, c.want)
		}
	}
}

func TestExamplesRefuse(t *testing.T) {
	m, ctx := small(), context.Background()
	long := data.Set{{Prompt: "z", Answer: "z"}, {Prompt: "z", Answer: strings.Repeat("z", 40)}}
	if _, err := (method.SFT{}).Examples(ctx, m, long, 32); !errors.Is(err, data.ErrTooLong) || !strings.Contains(err.Error(), "record 1") {
		t.Errorf("too long: %v", err)
	}
	// An answer is never cut, running text is: its documentation says so.
	cut, err := method.Causal{}.Examples(ctx, m, data.Set{{Text: strings.Repeat("z", 40)}}, 32)
	if err != nil || len(cut[0].IDs) != 32 || slices.Contains(cut[0].IDs, m.Tokenizer.EOS()) {
		t.Errorf("running text: %v, %v", cut, err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := (method.SFT{}).Examples(stopped, m, long[:1], 32); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	m.Tokenizer = nil
	if _, err := (method.SFT{}).Examples(ctx, m, long[:1], 32); err == nil {
		t.Error("no tokenizer: no error")
	}
}

func ExampleSFT() {
	m := small()
	examples, err := method.SFT{}.Examples(context.Background(), m, data.Set{{Prompt: "xy", Answer: "z"}}, 32)
	fmt.Println(data.Masked(m.Tokenizer, examples[0]), err)
	// Output: <|bos|> <|user|> x y <|assistant|> [z] [<|eos|>] <nil>
}

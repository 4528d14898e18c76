package model

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/token"
)

// drawn is a model whose sizes fill no register, with weights large enough that tokens differ. Its text never ends: the
// logit of the token that ends one is zero, which is never the largest.
func drawn(t *testing.T, positions int) *Model {
	t.Helper()
	tok, err := token.Train(context.Background(), nil, token.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(Config{Dim: 40, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 52, Context: positions, Tied: true}, tok, rand.New(rand.NewPCG(5, 6)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range m.Params.Names() {
		if p := m.Params.Get(name); len(p.Shape) == 2 {
			for i := range p.Data {
				p.Data[i] *= 12
			}
		}
	}
	clear(m.Params.Get("model.embed_tokens.weight").Row(tok.EOS()))
	return m
}

// The logits of each step are, bit for bit, those of the sequence decoded alone, with every kind of weights: prompts of
// unequal length, read together, and sequences that end while others go on.
func TestBatchIsExactlyOneByOne(t *testing.T) {
	ctx := context.Background()
	m := drawn(t, 64)
	var prompts [][]int
	for i := range 11 {
		prompts = append(prompts, m.Tokenizer.ChatPrompt(strings.Repeat("why ", i%4)+string(rune('a'+i))))
	}
	for _, weights := range cpu.Formats() {
		d, err := m.Decoder(ctx, weights)
		if err != nil {
			t.Fatal(err)
		}
		alone := make([][][]float32, len(prompts)) // logits by prompt and step
		tokens := make([][]int, len(prompts))
		for i, p := range prompts {
			d.reserve(1, 64)
			next, logits, err := d.prefill(ctx, [][]int{p}, 0)
			if err != nil || next != 1 {
				t.Fatal(next, err)
			}
			for step := range 3 + 2*i {
				alone[i] = append(alone[i], slices.Clone(logits))
				id, err := argmax(logits)
				if err != nil {
					t.Fatal(err)
				}
				tokens[i] = append(tokens[i], id)
				d.clear()
				d.row(id, 0, len(p)+step)
				hidden, err := d.forward(ctx)
				if err != nil {
					t.Fatal(err)
				}
				logits = d.logits(hidden, 1)
			}
		}
		d.reserve(len(prompts), 64)
		next, logits, err := d.prefill(ctx, prompts, 0)
		if err != nil || next != len(prompts) {
			t.Fatalf("%d prompts went together, %v", next, err)
		}
		live := make([]int, len(prompts))
		for i := range live {
			live[i] = i
		}
		V := m.Config.Vocab
		for step := 0; len(live) > 0; step++ {
			for r, i := range live {
				for j, v := range logits[r*V : (r+1)*V] {
					if want := alone[i][step][j]; math.Float32bits(v) != math.Float32bits(want) {
						t.Fatalf("%v, prompt %d, step %d, logit %d: %g beside others, %g alone", weights, i, step, j, v, want)
					}
				}
			}
			live = slices.DeleteFunc(live, func(i int) bool { return step+1 == len(alone[i]) })
			d.clear()
			for _, i := range live {
				d.row(tokens[i][step], i, len(prompts[i])+step)
			}
			if len(live) == 0 {
				break
			}
			hidden, err := d.forward(ctx)
			if err != nil {
				t.Fatal(err)
			}
			logits = d.logits(hidden, len(live))
		}
	}
}

// Many prompts are read in several goes, and each is continued as alone.
func TestPrefillInSeveralGoes(t *testing.T) {
	ctx := context.Background()
	m := drawn(t, 300)
	d, err := m.Decoder(ctx, Float32)
	if err != nil {
		t.Fatal(err)
	}
	var questions, want []string
	for i := range 6 {
		q := strings.Repeat("x", 40*i+1)
		alone, err := m.Answer(ctx, q, Generate{MaxTokens: 8})
		if err != nil {
			t.Fatal(err)
		}
		questions, want = append(questions, q), append(want, alone)
	}
	got, err := d.Answers(ctx, questions, Generate{MaxTokens: 8})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("together %q, %v; alone %q", got, err, want)
	}
	again, err := d.Answers(ctx, questions, Generate{MaxTokens: 8})
	if err != nil || !slices.Equal(again, want) {
		t.Errorf("the second time %q, %v", again, err)
	}
}

// A decoder that has written before allocates for a text, and nothing for each of its tokens; and it starts nothing that
// stays. What a listener hears is a string a piece, which it may keep.
func TestTokensAllocateNothing(t *testing.T) {
	ctx := context.Background()
	m := drawn(t, 400)
	d, err := m.Decoder(ctx, Int8)
	if err != nil {
		t.Fatal(err)
	}
	goroutines := 0
	for name, o := range map[string]Generate{
		"greedy":  {},
		"sampled": {Temperature: 1, TopK: 100, TopP: 0.9, Stop: []string{"never said"}},
	} {
		for _, n := range []int{1, 5} {
			questions := slices.Repeat([]string{"Why?"}, n)
			write := func(tokens int) {
				o.MaxTokens = tokens
				out, err := d.Answers(ctx, questions, o)
				if err != nil {
					t.Fatal(err)
				}
				if name == "greedy" && len(out[0]) < tokens/2 { // tokens are bytes, or special ones without
					t.Fatalf("%d tokens gave only %d bytes: choose another seed", tokens, len(out[0]))
				}
			}
			write(300)
			goroutines = max(goroutines, runtime.NumGoroutine())
			short, long := testing.AllocsPerRun(3, func() { write(100) }), testing.AllocsPerRun(3, func() { write(300) })
			if long > short {
				t.Errorf("%s, %d sequences: %g allocations for 100 tokens, %g for 300", name, n, short, long)
			}
			if now := runtime.NumGoroutine(); now > goroutines {
				t.Errorf("%s: %d goroutines, %d before", name, now, goroutines)
			}
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	ctx := context.Background()
	m := drawn(t, 64)
	d, err := m.Decoder(ctx, Int8)
	if err != nil || d.Weights() != Int8 {
		t.Fatal(err)
	}
	if _, err := d.Answer(ctx, "x", Generate{Weights: Int4}); err == nil || !strings.Contains(err.Error(), "Weights is int4, but this decoder was made for int8") {
		t.Errorf("other weights: %v", err)
	}
	var inside error
	if _, err := d.Answer(ctx, "x", Generate{MaxTokens: 5, OnToken: func(string) { _, inside = d.Answer(ctx, "y", Generate{}) }}); err != nil || !errors.Is(inside, ErrWriting) {
		t.Errorf("%v; inside of another text: %v", err, inside)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := m.Decoder(cancelled, Float32); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while packing: %v", err)
	}
	if _, err := d.Answer(cancelled, "x", Generate{}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "before layer 0") {
		t.Errorf("cancelled while reading the prompt: %v", err)
	}
	if _, err := m.Decoder(ctx, 7); err == nil || !strings.Contains(err.Error(), "want one of [float32 bfloat16 int8 int4]") {
		t.Errorf("unknown weights: %v", err)
	}
	// After all this it still writes.
	if out, err := d.Answer(ctx, "x", Generate{MaxTokens: 5}); err != nil || out == "" {
		t.Errorf("%q, %v", out, err)
	}
}

package model_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// small is a model with random weights, large enough that tokens differ, and
// the tokenizer of 256 bytes and six special tokens.
func small(t testing.TB) *model.Model {
	t.Helper()
	tok, err := token.Train(context.Background(), nil, token.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(model.Config{Dim: 32, Layers: 2, Heads: 4, KVHeads: 2, Hidden: 48, Context: 48, Tied: true}, tok, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range m.Params.Names() {
		if p := m.Params.Get(name); len(p.Shape) == 2 {
			for i := range p.Data {
				p.Data[i] *= 15 // deviation .3: every part matters
			}
		}
	}
	return m
}

func questions() []string {
	out := make([]string, 8)
	for i := range out {
		out[i] = strings.Repeat("where? ", i%4) + fmt.Sprint(i)
	}
	return out
}

// The cache must not be seen: decoding token by token gives what reading all
// of it again would.
func TestCachedDecodingEqualsReadingAgain(t *testing.T) {
	ctx := context.Background()
	m := small(t)
	ids := m.Tokenizer.ChatPrompt("cache")
	var want []byte
	for range 20 {
		logits, err := m.Logits(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		row := logits.Row(len(ids) - 1)
		best := 0
		for i, l := range row {
			if l > row[best] {
				best = i
			}
		}
		if best == m.Tokenizer.EOS() {
			break
		}
		ids = append(ids, best)
		want = append(want, m.Tokenizer.Bytes(best)...)
	}
	if len(want) < 5 {
		t.Fatalf("the test's model says only %q: choose another seed", want)
	}
	got, err := m.Answer(ctx, "cache", model.Generate{MaxTokens: 20})
	if err != nil || got != string(want) {
		t.Errorf("cached decoding gives %q, %v; reading again gives %q", got, err, want)
	}
}

func TestBatchEqualsOneByOne(t *testing.T) {
	ctx := context.Background()
	m := small(t)
	together, err := m.Answers(ctx, questions(), model.Generate{MaxTokens: 20})
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range questions() {
		alone, err := m.Answer(ctx, q, model.Generate{MaxTokens: 20})
		if err != nil || alone != together[i] {
			t.Errorf("%q alone gives %q (%v), in a batch %q", q, alone, err, together[i])
		}
	}
}

// ContinueIDs gives the ids of the very texts that Answers gives, with the end of a turn where there was one, alone and in a batch.
func TestContinueIDs(t *testing.T) {
	ctx, m := context.Background(), small(t)
	d, err := m.Decoder(ctx, model.Float32)
	if err != nil {
		t.Fatal(err)
	}
	o := model.Generate{MaxTokens: 12, Temperature: 2, Seed: 5}
	texts, err := d.Answers(ctx, questions(), o)
	if err != nil {
		t.Fatal(err)
	}
	var prompts [][]int
	for _, q := range questions() {
		prompts = append(prompts, m.Tokenizer.ChatPrompt(q))
	}
	got, err := d.ContinueIDs(ctx, prompts, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, ids := range got {
		// Bytes that are no character become U+FFFD in either.
		if text := strings.ToValidUTF8(m.Tokenizer.Decode(ids), "\uFFFD"); text != strings.ToValidUTF8(texts[i], "\uFFFD") {
			t.Errorf("%d: %q, want %q", i, text, texts[i])
		}
		if end := slices.Index(ids, m.Tokenizer.EOS()); end >= 0 && end != len(ids)-1 || end < 0 && len(ids) != 12 {
			t.Errorf("%d: %v neither ends nor is cut", i, ids)
		}
	}
	alone, err := d.ContinueIDs(ctx, prompts[:1], o)
	if err != nil || !slices.Equal(alone[0], got[0]) {
		t.Errorf("alone %v, in a batch %v, %v", alone, got[0], err)
	}
	if _, err := d.ContinueIDs(ctx, [][]int{{-1}}, o); err == nil {
		t.Error("no such id: no error")
	}
}

func TestSeeds(t *testing.T) {
	ctx := context.Background()
	m := small(t)
	draw := func(seed uint64, n int) []string {
		out, err := m.Answers(ctx, slices.Repeat([]string{"the same"}, n), model.Generate{MaxTokens: 12, Temperature: 1, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if a, b := draw(1, 3), draw(1, 3); !slices.Equal(a, b) {
		t.Errorf("one seed gave %q and %q", a, b)
	}
	if a, b := draw(1, 1), draw(2, 1); a[0] == b[0] {
		t.Errorf("two seeds both gave %q", a[0])
	}
	// More than one batch: question 64 must not repeat the draws of question 0.
	many := draw(1, 66)
	if many[0] == many[1] || many[0] == many[64] {
		t.Errorf("the same question gave the same draw twice: %q, %q, %q", many[0], many[1], many[64])
	}
}

func TestOnTokenAndStop(t *testing.T) {
	ctx := context.Background()
	m := small(t)
	var pieces []string
	whole, err := m.Answer(ctx, "stream", model.Generate{MaxTokens: 24, OnToken: func(s string) { pieces = append(pieces, s) }})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(pieces, "") != whole {
		t.Errorf("pieces %q do not join to %q", pieces, whole)
	}
	if len(whole) < 4 {
		t.Fatalf("the test's model says only %q", whole)
	}
	stop := whole[2:4]
	got, err := m.Answer(ctx, "stream", model.Generate{MaxTokens: 24, Stop: []string{stop}})
	if err != nil || got != whole[:strings.Index(whole, stop)] {
		t.Errorf("stopping at %q gives %q, %v, of %q", stop, got, err, whole)
	}
}

func TestContextAndLimits(t *testing.T) {
	ctx := context.Background()
	m := small(t) // context 48
	if _, err := m.Answer(ctx, strings.Repeat("x", 46), model.Generate{}); !errors.Is(err, model.ErrContext) {
		t.Errorf("49 tokens: error %v, want ErrContext", err)
	}
	// 45 bytes and 3 special tokens fill the context: one token can be said.
	out, err := m.Answer(ctx, strings.Repeat("x", 45), model.Generate{MaxTokens: 9})
	if err != nil || len(out) > 1 {
		t.Errorf("a full context gives %q, %v", out, err)
	}
	for _, o := range []model.Generate{{Temperature: -1}, {Temperature: math.NaN()}, {TopP: 1.1}, {TopP: math.NaN()}, {TopK: -1}, {MaxTokens: -1}, {Weights: 4}, {Weights: -1}} {
		if _, err := m.Answer(ctx, "x", o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	if _, err := m.Logits(ctx, []int{3, 999}); err == nil || !strings.Contains(err.Error(), "999") {
		t.Errorf("an unknown id gives %v", err)
	}
	if _, err := m.Logits(ctx, nil); err == nil {
		t.Error("no ids were accepted")
	}
	if out, err := m.Answers(ctx, nil, model.Generate{}); err != nil || len(out) != 0 {
		t.Errorf("no questions give %q, %v", out, err)
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m := small(t)
	n := 0
	_, err := m.Answer(ctx, "x", model.Generate{MaxTokens: 40, OnToken: func(string) {
		if n++; n == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || n > 4 {
		t.Errorf("cancelled after 3 pieces: error %v after %d", err, n)
	}
}

func TestNext(t *testing.T) {
	m := small(t)
	all, err := m.Next(context.Background(), "ab", 1000)
	if err != nil || len(all) != m.Config.Vocab {
		t.Fatalf("%d candidates, %v", len(all), err)
	}
	sum := 0.0
	for i, c := range all {
		sum += c.Prob
		if i > 0 && c.Prob > all[i-1].Prob {
			t.Errorf("candidate %d is more probable than the one before it", i)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("probabilities sum to %g", sum)
	}
	three, err := m.Next(context.Background(), "ab", 3)
	if err != nil || !slices.Equal(three, all[:3]) {
		t.Errorf("Next(3) = %v, %v, want %v", three, err, all[:3])
	}
}

// The size of the base model.
func baseSize(b *testing.B) *model.Model {
	tok, err := token.Train(context.Background(), nil, token.TrainOptions{})
	if err != nil {
		b.Fatal(err)
	}
	m, err := model.New(model.Config{Vocab: 2048, Dim: 128, Layers: 6, Heads: 4, KVHeads: 2, Hidden: 384, Context: 256, Tied: true}, tok, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		b.Fatal(err)
	}
	return m
}

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			m := baseSize(b)
			qs := slices.Repeat([]string{"What?"}, n)
			const tokens = 100
			for b.Loop() {
				if _, err := m.Answers(context.Background(), qs, model.Generate{MaxTokens: tokens}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*tokens*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

// Many texts side by side are continued as each alone, greedily; more of them than are decoded at once, too.
func TestContinueEqualsGenerate(t *testing.T) {
	m := small(t)
	prompts := make([]string, 70)
	for i := range prompts {
		prompts[i] = strings.Repeat("a", i%5) + fmt.Sprint(i)
	}
	together, err := m.Continue(t.Context(), prompts, model.Generate{MaxTokens: 6})
	if err != nil || len(together) != len(prompts) {
		t.Fatalf("%d texts, %v", len(together), err)
	}
	for i, p := range prompts {
		if alone, err := m.Generate(t.Context(), p, model.Generate{MaxTokens: 6}); err != nil || alone != together[i] {
			t.Errorf("%q: alone %q, together %q, %v", p, alone, together[i], err)
		}
	}
	if none, err := m.Continue(t.Context(), nil, model.Generate{}); err != nil || len(none) != 0 {
		t.Errorf("no prompts: %q, %v", none, err)
	}
	if _, err := m.Continue(t.Context(), []string{strings.Repeat("long ", 40)}, model.Generate{}); !errors.Is(err, model.ErrContext) {
		t.Errorf("a prompt beyond the context: %v", err)
	}
}

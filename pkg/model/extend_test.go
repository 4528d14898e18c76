package model_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/model"
)

// Biases of zero and a head of its own change no logit, by either way of computing them; they are counted by hand, they are
// saved and loaded, and the model that was cloned has none of it.
func TestExtend(t *testing.T) {
	ctx := context.Background()
	m := small(t)
	c := m.Config
	ids := m.Tokenizer.ChatPrompt("the same?")
	want, err := m.Logits(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	before := m.Hash()
	kv := c.KVHeads * c.Dim / c.Heads
	for name, e := range map[string]struct {
		extend func(*model.Model) error
		more   int
	}{
		"biases": {(*model.Model).AddBiases, c.Layers * (2*c.Dim + 2*kv + 2*c.Hidden + c.Dim)},
		"head":   {(*model.Model).Untie, c.Vocab * c.Dim},
	} {
		more := m.Clone()
		if err := e.extend(more); err != nil {
			t.Fatal(err)
		}
		if got := more.Count() - m.Count(); got != e.more {
			t.Errorf("%s: %d parameters more, want %d", name, got, e.more)
		}
		got, err := more.Logits(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Data, want.Data) {
			t.Errorf("%s: the logits differ", name)
		}
		dir := filepath.Join(t.TempDir(), "saved")
		if err := more.Save(ctx, dir); err != nil {
			t.Fatal(err)
		}
		again, err := model.Load(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		if again.Hash() != more.Hash() || again.Config != more.Config {
			t.Errorf("%s: saved %v, loaded %v", name, more.Params.Names(), again.Params.Names())
		}
		if err := e.extend(more); err != nil || more.Hash() != again.Hash() {
			t.Errorf("%s: twice is not once, %v", name, err)
		}
	}
	if m.Hash() != before || m.Config != c {
		t.Error("the original changed")
	}
	// The head's copy is a copy.
	if err := m.Untie(); err != nil {
		t.Fatal(err)
	}
	m.Params.Get("lm_head.weight").Data[0]++
	if m.Params.Get("lm_head.weight").Data[0] == m.Params.Get("model.embed_tokens.weight").Data[0] {
		t.Error("the head still shares the embedding's memory")
	}
}

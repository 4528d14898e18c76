package model_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
)

func TestSaveThenLoad(t *testing.T) {
	ctx := context.Background()
	m := small(t)
	dir := filepath.Join(t.TempDir(), "saved")
	if err := m.Save(ctx, dir); err != nil {
		t.Fatal(err)
	}
	again, err := model.Load(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if again.Hash() != m.Hash() || again.Config != m.Config {
		t.Errorf("saved %v %s, loaded %v %s", m.Config, m.Hash(), again.Config, again.Hash())
	}
	ids := m.Tokenizer.ChatPrompt("the same?")
	a, err := m.Logits(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	b, err := again.Logits(ctx, again.Tokenizer.ChatPrompt("the same?"))
	if err != nil || !slices.Equal(a.Data, b.Data) {
		t.Errorf("logits differ after loading, %v", err)
	}
	// In 16 bits it is half the size and close.
	if err := m.SaveAs(ctx, dir, checkpoint.BF16); err != nil {
		t.Fatal(err)
	}
	if again, err = model.Load(ctx, dir); err != nil || again.Hash() == m.Hash() {
		t.Errorf("16 bits gave the very same weights, %v", err)
	}
}

func TestClone(t *testing.T) {
	m := small(t)
	c := m.Clone()
	before := m.Hash()
	if c.Hash() != before {
		t.Error("the clone's hash differs")
	}
	c.Params.Get("model.norm.weight").Data[0]++
	if m.Hash() != before || c.Hash() == before {
		t.Error("changing a clone must change its hash and not the original's")
	}
}

// The base model's shape: the parameters counted by hand.
func TestCount(t *testing.T) {
	tok := small(t).Tokenizer
	m, err := model.New(model.Config{Vocab: 2048, KVHeads: 2, Tied: true}, tok, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	perLayer := 2*128*128 + 2*64*128 + 3*384*128 + 2*128
	if want := 2048*128 + 6*perLayer + 128; m.Count() != want {
		t.Errorf("%d parameters, want %d", m.Count(), want)
	}
	if s := m.String(); !strings.Contains(s, "1.44 million") {
		t.Errorf("String is %q", s)
	}
	if h := m.HTML(); !strings.Contains(h, "1443456") {
		t.Errorf("the card %q lacks the count", h)
	}
}

func TestNewErrors(t *testing.T) {
	tok := small(t).Tokenizer
	for _, c := range []struct {
		config model.Config
		want   string
	}{
		{model.Config{Dim: 130}, "Dim 130 is not a multiple of Heads 4"},
		{model.Config{Dim: 12}, "make it even"},
		{model.Config{KVHeads: 3}, "Heads 4 is not a multiple of KVHeads 3"},
		{model.Config{Layers: -1}, "Config.Layers is -1"},
		{model.Config{Vocab: 100}, "262 tokens, Config.Vocab is 100"},
		{model.Config{RopeBase: -1}, "RopeBase"},
		{model.Config{NormEps: 2}, "NormEps"},
	} {
		if _, err := model.New(c.config, tok, rand.New(rand.NewPCG(1, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.config, err, c.want)
		}
	}
	if _, err := model.New(model.Config{}, nil, rand.New(rand.NewPCG(1, 1))); err == nil {
		t.Error("no tokenizer was accepted")
	}
}

func TestBrokenFolders(t *testing.T) {
	ctx := context.Background()
	m := small(t)
	read := func(t *testing.T, path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(t *testing.T, path string, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name    string
		damage  func(t *testing.T, dir string)
		is      error
		message string
	}{
		{"no config", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "config.json")) }, fs.ErrNotExist, "config.json"},
		{"no weights", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "model.safetensors")) }, fs.ErrNotExist, "model.safetensors"},
		{"truncated weights", func(t *testing.T, dir string) {
			p := filepath.Join(dir, "model.safetensors")
			b := read(t, p)
			write(t, p, b[:len(b)/2])
		}, checkpoint.ErrCorrupt, "model.safetensors"},
		{"another config", func(t *testing.T, dir string) {
			p := filepath.Join(dir, "config.json")
			write(t, p, []byte(strings.Replace(string(read(t, p)), `"intermediate_size": 48`, `"intermediate_size": 64`, 1)))
		}, nil, "mlp.gate_proj.weight has shape [48 32]"},
		{"fewer layers in the config", func(t *testing.T, dir string) {
			p := filepath.Join(dir, "config.json")
			write(t, p, []byte(strings.Replace(string(read(t, p)), `"num_hidden_layers": 2`, `"num_hidden_layers": 1`, 1)))
		}, nil, "model.layers.1."},
		{"another family", func(t *testing.T, dir string) {
			p := filepath.Join(dir, "config.json")
			write(t, p, []byte(strings.Replace(string(read(t, p)), `"model_type": "llama"`, `"model_type": "bert"`, 1)))
		}, checkpoint.ErrUnsupported, "bert"},
		{"broken tokenizer", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "tokenizer.json"), []byte("{")) }, nil, "tokenizer.json"},
		{"a tensor missing", func(t *testing.T, dir string) {
			one, err := compute.From([]float32{1}, 1)
			if err != nil {
				t.Fatal(err)
			}
			err = checkpoint.SaveDir(dir, []checkpoint.Part{{Name: "model.safetensors", Write: func(w io.Writer) error {
				return checkpoint.Write(w, []checkpoint.Named{{Name: "x", Tensor: one}}, checkpoint.Options{})
			}}})
			if err != nil {
				t.Fatal(err)
			}
		}, checkpoint.ErrNoTensor, "model.embed_tokens.weight"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := m.Save(ctx, dir); err != nil {
				t.Fatal(err)
			}
			c.damage(t, dir)
			_, err := model.Load(ctx, dir)
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.message) || !strings.Contains(err.Error(), dir) {
				t.Errorf("error %v, want one that names the folder and %q", err, c.message)
			}
		})
	}
}

// Text needs a tokenizer; ids do not.
func TestNoTokenizer(t *testing.T) {
	m, _ := vectors(t, "tied")
	if _, err := m.Answer(context.Background(), "x", model.Generate{}); err == nil || !strings.Contains(err.Error(), "tokenizer.json") {
		t.Errorf("error %v", err)
	}
}

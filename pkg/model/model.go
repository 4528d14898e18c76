package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/token"
)

// Model is a decoder with its weights and its tokenizer. Training never changes the model it is given.
type Model struct {
	Config    Config
	Tokenizer *token.Tokenizer
	Params    *nn.Params
	Extras    *Extras // what it computes beside these weights, such as adapters; nil for a plain model
}

// Must returns m or panics with err. For cells.
func Must(m *Model, err error) *Model {
	if err != nil {
		panic(err)
	}
	return m
}

// slot is one parameter that a config asks for.
type slot struct {
	name  string
	shape []int
}

func (c Config) slots() []slot {
	kv := c.KVHeads * c.headDim()
	out := []slot{{"model.embed_tokens.weight", []int{c.Vocab, c.Dim}}}
	linear := func(name string, to, from int, bias bool) {
		out = append(out, slot{name + ".weight", []int{to, from}})
		if bias {
			out = append(out, slot{name + ".bias", []int{to}})
		}
	}
	for l := range c.Layers {
		p := fmt.Sprintf("model.layers.%d.", l)
		out = append(out, slot{p + "input_layernorm.weight", []int{c.Dim}})
		linear(p+"self_attn.q_proj", c.Dim, c.Dim, c.AttentionBias)
		linear(p+"self_attn.k_proj", kv, c.Dim, c.AttentionBias)
		linear(p+"self_attn.v_proj", kv, c.Dim, c.AttentionBias)
		linear(p+"self_attn.o_proj", c.Dim, c.Dim, c.AttentionBias)
		out = append(out, slot{p + "post_attention_layernorm.weight", []int{c.Dim}})
		linear(p+"mlp.gate_proj", c.Hidden, c.Dim, c.MLPBias)
		linear(p+"mlp.up_proj", c.Hidden, c.Dim, c.MLPBias)
		linear(p+"mlp.down_proj", c.Dim, c.Hidden, c.MLPBias)
	}
	out = append(out, slot{"model.norm.weight", []int{c.Dim}})
	if !c.Tied {
		out = append(out, slot{"lm_head.weight", []int{c.Vocab, c.Dim}})
	}
	if c.Score {
		out = append(out, slot{ScoreName + ".weight", []int{1, c.Dim}})
	}
	return out
}

// HeadName is the name of the output layer's weight.
func (c Config) HeadName() string {
	if c.Tied {
		return "model.embed_tokens.weight"
	}
	return "lm_head.weight"
}

// New makes a model with random weights, ones for norms and zeros for biases: normal with deviation 0.02, smaller by
// sqrt(2·Layers) where a block adds to the residual stream (Radford et al., Language Models are Unsupervised Multitask Learners, section 2.3).
func New(c Config, tok *token.Tokenizer, rng *rand.Rand) (*Model, error) {
	if tok == nil {
		return nil, fmt.Errorf("model: New needs a tokenizer")
	}
	if c.Vocab == 0 {
		c.Vocab = tok.Size()
	}
	c = c.withDefaults()
	c.bos, c.eos, c.pad = tok.BOS(), tok.EOS(), tok.PAD()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if tok.Size() > c.Vocab {
		return nil, fmt.Errorf("model: the tokenizer has %d tokens, Config.Vocab is %d: it must be at least as large", tok.Size(), c.Vocab)
	}
	m := &Model{Config: c, Tokenizer: tok, Params: &nn.Params{}}
	for _, s := range c.slots() {
		t := nn.Constant(1, s.shape...)
		switch {
		case strings.HasSuffix(s.name, ".bias"):
			t = nn.Constant(0, s.shape...)
		case len(s.shape) == 2:
			std := 0.02
			if strings.HasSuffix(s.name, "o_proj.weight") || strings.HasSuffix(s.name, "down_proj.weight") {
				std /= math.Sqrt(2 * float64(c.Layers))
			}
			t = nn.Normal(rng, std, s.shape...)
		}
		if err := m.Params.Add(s.name, t); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// The files of a model folder.
const (
	configFile    = "config.json"
	weightsFile   = "model.safetensors"
	tokenizerFile = "tokenizer.json"
)

// Load reads a model from a folder in Hugging Face's layout: config.json, model.safetensors, tokenizer.json.
func Load(ctx context.Context, dir string) (*Model, error) {
	m, err := LoadFS(ctx, os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("model: %s: %w", dir, err)
	}
	return m, nil
}

// LoadFS is Load from any file system, such as an embedded one. Without a tokenizer.json the model has no tokenizer.
func LoadFS(ctx context.Context, fsys fs.FS) (*Model, error) {
	text, err := fs.ReadFile(fsys, configFile)
	if err != nil {
		return nil, err
	}
	m := &Model{Params: &nn.Params{}}
	if err := json.Unmarshal(text, &m.Config); err != nil {
		return nil, fmt.Errorf("%s: %w", configFile, err)
	}
	text, err = fs.ReadFile(fsys, tokenizerFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		if m.Tokenizer, err = token.Parse(text); err != nil {
			return nil, fmt.Errorf("%s: %w", tokenizerFile, err)
		}
		if m.Tokenizer.Size() > m.Config.Vocab {
			return nil, fmt.Errorf("%s has %d tokens, %s says %d", tokenizerFile, m.Tokenizer.Size(), configFile, m.Config.Vocab)
		}
	}
	if err := m.loadWeights(ctx, fsys); err != nil {
		return nil, err
	}
	return m, m.loadExtras(ctx, fsys)
}

// loadWeights fills in the parameters that the config asks for.
func (m *Model) loadWeights(ctx context.Context, fsys fs.FS) error {
	f, err := checkpoint.Open(fsys, weightsFile)
	if err != nil {
		return err
	}
	defer f.Close()
	// A LlamaForSequenceClassification writes nothing, so its folder has no output layer: the embeddings stand in for one.
	if m.Config.Score && !f.Has(m.Config.HeadName()) {
		m.Config.Tied = true
	}
	for _, s := range m.Config.slots() {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := f.Tensor(s.name)
		if err != nil {
			return err
		}
		if !slices.Equal(t.Shape, s.shape) {
			return fmt.Errorf("%s: %s has shape %v, %s asks for %v", weightsFile, s.name, t.Shape, configFile, s.shape)
		}
		if err := m.Params.Add(s.name, t); err != nil {
			return err
		}
	}
	// A tensor that nobody asked for means that the config describes another model.
	for _, e := range f.Entries() {
		known := m.Params.Get(e.Name) != nil || strings.HasSuffix(e.Name, ".rotary_emb.inv_freq") || m.Config.Tied && e.Name == "lm_head.weight"
		if !known {
			return fmt.Errorf("%s: %s %v has no place in the model that %s describes", weightsFile, e.Name, e.Shape, configFile)
		}
	}
	return nil
}

// Save writes the model to a folder, all of it or nothing.
func (m *Model) Save(ctx context.Context, dir string) error {
	return m.SaveAs(ctx, dir, checkpoint.F32)
}

// SaveAs is Save with the weights in another type, such as checkpoint.F16. Extras stand in files of their own, extras.json and
// extras.safetensors, as they are; other programs read the plain model beside them.
func (m *Model) SaveAs(ctx context.Context, dir string, t checkpoint.Type) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	config, err := json.MarshalIndent(m.Config, "", "  ")
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	var tensors []checkpoint.Named
	for _, name := range m.Params.Names() {
		tensors = append(tensors, checkpoint.Named{Name: name, Tensor: m.Params.Get(name)})
	}
	text := func(b []byte) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(b); return err }
	}
	parts := []checkpoint.Part{
		{Name: configFile, Write: text(config)},
		{Name: weightsFile, Write: func(w io.Writer) error { return checkpoint.Write(w, tensors, checkpoint.Options{Type: t}) }},
	}
	if m.Tokenizer != nil {
		parts = append(parts, checkpoint.Part{Name: tokenizerFile, Write: text(m.Tokenizer.JSON())})
	}
	if m.Extras != nil {
		more, err := m.Extras.parts()
		if err != nil {
			return fmt.Errorf("model: save %s: %w", dir, err)
		}
		parts = append(parts, more...)
	}
	err = checkpoint.SaveDir(dir, parts)
	if err == nil && m.Extras == nil {
		err = forgetExtras(dir)
	}
	if err != nil {
		return fmt.Errorf("model: save %s: %w", dir, err)
	}
	return nil
}

// Clone is a copy with weights of its own; the tokenizer, which never changes, is shared.
func (m *Model) Clone() *Model {
	return &Model{Config: m.Config, Tokenizer: m.Tokenizer, Params: m.Params.Clone(), Extras: m.Extras.Clone()}
}

// Count is the number of parameters.
func (m *Model) Count() int {
	n := m.Params.Count()
	if m.Extras != nil {
		n += m.Extras.Params.Count()
	}
	return n
}

// Hash identifies the weights, and the extras where there are some.
func (m *Model) Hash() string {
	if m.Extras != nil {
		return m.Extras.hash(m.Params.Hash())
	}
	return m.Params.Hash()
}

// String is the model in one line.
func (m *Model) String() string {
	c := m.Config
	text := fmt.Sprintf("decoder of %.2f million parameters: %d layers, width %d, %d heads (%d for keys and values), %d tokens known, context %d",
		float64(m.Count())/1e6, c.Layers, c.Dim, c.Heads, c.KVHeads, c.Vocab, c.Context)
	if c.Score {
		text += ", with a scalar head"
	}
	if m.Extras != nil {
		text += ", with " + m.Extras.String()
	}
	return text
}

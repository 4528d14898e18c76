package model

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/checkpoint"
)

// Config is the shape of a Llama-style decoder. Zero fields mean the defaults
// named here, which New fills in. As JSON it is Hugging Face's config.json.
type Config struct {
	Vocab    int     // tokens known; zero means the tokenizer's size
	Dim      int     // width of the residual stream; zero means 128
	Layers   int     // zero means 6
	Heads    int     // query heads; zero means 4
	KVHeads  int     // key and value heads, shared by groups of query heads; zero means Heads
	Hidden   int     // width inside the MLP; zero means 3·Dim
	Context  int     // longest sequence; zero means 256
	RopeBase float64 // base of the rotary wavelengths; zero means 10000
	NormEps  float64 // added to the mean square in RMSNorm; zero means 1e-5
	Tied     bool    // the head shares the embedding's weight

	AttentionBias bool // the projections of attention have biases; plain Llama models have none
	MLPBias       bool // the layers of the MLP have biases

	Score bool // a scalar head stands beside the output layer, score.weight (1, Dim), as a reward model has it

	// The special tokens written to config.json for other programs; this
	// library asks the tokenizer. New and Load set them.
	bos, eos, pad int
}

func (c Config) withDefaults() Config {
	c.Dim = orInt(c.Dim, 128)
	c.Layers = orInt(c.Layers, 6)
	c.Heads = orInt(c.Heads, 4)
	c.KVHeads = orInt(c.KVHeads, c.Heads)
	c.Hidden = orInt(c.Hidden, 3*c.Dim)
	c.Context = orInt(c.Context, 256)
	if c.RopeBase == 0 {
		c.RopeBase = 10000
	}
	if c.NormEps == 0 {
		c.NormEps = 1e-5
	}
	return c
}

// Shape is a parameter's name and its shape, [out, in] where it is a linear layer's weight.
type Shape struct {
	Name string
	Dims []int
}

// Len is the number of its values.
func (s Shape) Len() int {
	n := 1
	for _, d := range s.Dims {
		n *= d
	}
	return n
}

// Shapes are the parameters of a model of that shape, in order: enough to count with, before there are any weights. Vocab has
// no default here.
func (c Config) Shapes() []Shape {
	var out []Shape
	for _, s := range c.withDefaults().slots() {
		out = append(out, Shape{s.name, s.shape})
	}
	return out
}

func orInt(n, zero int) int {
	if n == 0 {
		return zero
	}
	return n
}

// headDim is the width of one head.
func (c Config) headDim() int { return c.Dim / c.Heads }

// check refuses what cannot be built, in the words of this struct.
func (c Config) check() error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"Vocab", c.Vocab}, {"Dim", c.Dim}, {"Layers", c.Layers}, {"Heads", c.Heads},
		{"KVHeads", c.KVHeads}, {"Hidden", c.Hidden}, {"Context", c.Context},
	} {
		// The limit is far above any model there is; it keeps products in range.
		if f.value < 1 || f.value > 1<<24 {
			return fmt.Errorf("field Config.%s is %d, want 1 to %d", f.name, f.value, 1<<24)
		}
	}
	if c.Dim%c.Heads != 0 {
		return fmt.Errorf("Config.Dim %d is not a multiple of Heads %d", c.Dim, c.Heads)
	}
	if c.headDim()%2 != 0 {
		return fmt.Errorf("Config.Dim/Heads is %d, but rotary positions turn pairs: make it even", c.headDim())
	}
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("Config.Heads %d is not a multiple of KVHeads %d", c.Heads, c.KVHeads)
	}
	if !(c.RopeBase > 0) || math.IsInf(c.RopeBase, 0) {
		return fmt.Errorf("Config.RopeBase is %g, want a positive number", c.RopeBase)
	}
	if !(c.NormEps > 0) || c.NormEps > 1 {
		return fmt.Errorf("Config.NormEps is %g, want a small positive number", c.NormEps)
	}
	return nil
}

// MarshalJSON writes the config.json of a LlamaForCausalLM, or with Score of a LlamaForSequenceClassification.
func (c Config) MarshalJSON() ([]byte, error) {
	c = c.withDefaults()
	return checkpoint.Llama{
		VocabSize: c.Vocab, HiddenSize: c.Dim, Layers: c.Layers, Heads: c.Heads, KeyValueHeads: c.KVHeads,
		Intermediate: c.Hidden, MaxPositions: c.Context, RopeTheta: c.RopeBase, NormEps: c.NormEps,
		TieEmbeddings: c.Tied, AttentionBias: c.AttentionBias, MLPBias: c.MLPBias, Score: c.Score, BOS: c.bos, EOS: c.eos, PAD: c.pad,
	}.JSON()
}

// UnmarshalJSON reads the config.json of a LlamaForCausalLM, or of a LlamaForSequenceClassification with one label.
func (c *Config) UnmarshalJSON(data []byte) error {
	l, err := checkpoint.ReadLlama(data)
	if err != nil {
		return err
	}
	*c = Config{
		Vocab: l.VocabSize, Dim: l.HiddenSize, Layers: l.Layers, Heads: l.Heads, KVHeads: l.KeyValueHeads,
		Hidden: l.Intermediate, Context: l.MaxPositions, RopeBase: l.RopeTheta, NormEps: l.NormEps,
		Tied: l.TieEmbeddings, AttentionBias: l.AttentionBias, MLPBias: l.MLPBias, Score: l.Score, bos: l.BOS, eos: l.EOS, pad: l.PAD,
	}
	return c.check()
}

var (
	_ json.Marshaler   = Config{}
	_ json.Unmarshaler = (*Config)(nil)
)

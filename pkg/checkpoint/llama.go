package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// ErrUnsupported is wrapped when a config.json asks for something that this
// library does not compute. Going on would give wrong answers, not errors.
var ErrUnsupported = errors.New("not supported")

// Llama is the part of a Hugging Face config.json that shapes a Llama-family
// decoder (LlamaForCausalLM).
type Llama struct {
	VocabSize     int
	HiddenSize    int // width of the residual stream
	Layers        int
	Heads         int
	KeyValueHeads int // zero means Heads
	Intermediate  int // width inside the MLP
	MaxPositions  int
	RopeTheta     float64 // zero means 10000
	NormEps       float64 // zero means 1e-6
	TieEmbeddings bool
	AttentionBias bool // biases of the four projections of attention
	MLPBias       bool // biases of the three layers of the MLP
	Score         bool // a LlamaForSequenceClassification with one label: a scalar head, as a reward model has it
	BOS, EOS, PAD int  // token ids; -1 means none
}

// llamaJSON is the file itself. Pointers tell absent from zero.
type llamaJSON struct {
	Architectures   []string        `json:"architectures"`
	ModelType       string          `json:"model_type"`
	VocabSize       int             `json:"vocab_size"`
	HiddenSize      int             `json:"hidden_size"`
	Layers          int             `json:"num_hidden_layers"`
	Heads           int             `json:"num_attention_heads"`
	KeyValueHeads   *int            `json:"num_key_value_heads,omitempty"`
	HeadDim         *int            `json:"head_dim,omitempty"`
	Intermediate    int             `json:"intermediate_size"`
	MaxPositions    int             `json:"max_position_embeddings"`
	RopeTheta       *float64        `json:"rope_theta,omitempty"`
	RopeScaling     *ropeJSON       `json:"rope_scaling,omitempty"`
	RopeParameters  *ropeJSON       `json:"rope_parameters,omitempty"` // since transformers 5
	NormEps         *float64        `json:"rms_norm_eps,omitempty"`
	Activation      string          `json:"hidden_act"`
	TieEmbeddings   bool            `json:"tie_word_embeddings"`
	AttentionBias   bool            `json:"attention_bias"`
	MLPBias         bool            `json:"mlp_bias"`
	BOS             *int            `json:"bos_token_id"`
	EOS             json.RawMessage `json:"eos_token_id"` // an id, or a list of ids
	PAD             *int            `json:"pad_token_id"`
	Type            string          `json:"torch_dtype,omitempty"`
	Quantization    json.RawMessage `json:"quantization_config,omitempty"`
	PartialRotation *float64        `json:"partial_rotary_factor,omitempty"`
	NumLabels       *int            `json:"num_labels,omitempty"`
	Labels          map[string]any  `json:"id2label,omitempty"` // its length is the number of labels; left out for two
}

type ropeJSON struct {
	Type    string   `json:"rope_type,omitempty"`
	OldType string   `json:"type,omitempty"`
	Theta   *float64 `json:"rope_theta,omitempty"`
}

// ReadLlama parses a config.json. What it asks for and this library does not
// compute is an error that wraps ErrUnsupported.
func ReadLlama(data []byte) (Llama, error) {
	var c llamaJSON
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&c); err != nil {
		return Llama{}, fmt.Errorf("checkpoint: config.json: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Llama{}, errors.New("checkpoint: config.json: text follows the JSON object")
	}
	l, err := c.llama()
	if err != nil {
		return Llama{}, fmt.Errorf("checkpoint: config.json: %w", err)
	}
	return l, nil
}

func (c *llamaJSON) llama() (Llama, error) {
	if err := c.unsupported(); err != nil {
		return Llama{}, err
	}
	l := Llama{
		VocabSize: c.VocabSize, HiddenSize: c.HiddenSize, Layers: c.Layers, Heads: c.Heads, KeyValueHeads: c.Heads,
		Intermediate: c.Intermediate, MaxPositions: c.MaxPositions, RopeTheta: 10000, NormEps: 1e-6,
		TieEmbeddings: c.TieEmbeddings, AttentionBias: c.AttentionBias, MLPBias: c.MLPBias, BOS: -1, EOS: -1, PAD: -1,
	}
	set(&l.KeyValueHeads, c.KeyValueHeads)
	if c.RopeParameters != nil {
		set(&l.RopeTheta, c.RopeParameters.Theta)
	}
	set(&l.RopeTheta, c.RopeTheta)
	set(&l.NormEps, c.NormEps)
	set(&l.BOS, c.BOS)
	set(&l.PAD, c.PAD)
	if err := l.setEOS(c.EOS); err != nil {
		return Llama{}, err
	}
	l.Score = slices.Contains(c.Architectures, classification)
	return l, l.check(c.HeadDim)
}

func set[T any](dst, src *T) {
	if src != nil {
		*dst = *src
	}
}

// setEOS takes the first id where a file lists several.
func (l *Llama) setEOS(raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var many []int
	if json.Unmarshal(raw, &many) == nil && len(many) > 0 {
		l.EOS = many[0]
		return nil
	}
	if err := json.Unmarshal(raw, &l.EOS); err != nil {
		return fmt.Errorf("eos_token_id %s is neither an id nor a list of ids", raw)
	}
	return nil
}

func (c *llamaJSON) unsupported() error {
	no := func(what string, value any) error {
		return fmt.Errorf("%s = %v: %w; this library runs plain Llama decoders", what, value, ErrUnsupported)
	}
	if c.ModelType != "" && c.ModelType != "llama" {
		return no("model_type", c.ModelType)
	}
	if c.Activation != "" && c.Activation != "silu" {
		return no("hidden_act", c.Activation)
	}
	if len(c.Quantization) > 0 && string(c.Quantization) != "null" {
		return no("quantization_config", string(c.Quantization))
	}
	if c.PartialRotation != nil && *c.PartialRotation != 1 {
		return no("partial_rotary_factor", *c.PartialRotation)
	}
	if labels := c.labels(); slices.Contains(c.Architectures, classification) && labels != 1 {
		return fmt.Errorf("%s with %d labels: %w; this library scores with one, as reward models do", classification, labels, ErrUnsupported)
	}
	for _, r := range []*ropeJSON{c.RopeScaling, c.RopeParameters} {
		if r == nil {
			continue
		}
		for _, kind := range []string{r.Type, r.OldType} {
			if kind != "" && kind != "default" {
				return no("rope type", kind)
			}
		}
	}
	return nil
}

// classification is the architecture of a model with a head of labels in place of the output layer.
const classification = "LlamaForSequenceClassification"

// labels is how many a classification has: transformers leave two unsaid.
func (c *llamaJSON) labels() int {
	switch {
	case c.NumLabels != nil:
		return *c.NumLabels
	case len(c.Labels) > 0:
		return len(c.Labels)
	}
	return 2
}

// check refuses shapes that no model can have, naming the JSON key.
func (l *Llama) check(headDim *int) error {
	for _, f := range []struct {
		key   string
		value int
	}{
		{"vocab_size", l.VocabSize}, {"hidden_size", l.HiddenSize}, {"num_hidden_layers", l.Layers},
		{"num_attention_heads", l.Heads}, {"num_key_value_heads", l.KeyValueHeads},
		{"intermediate_size", l.Intermediate}, {"max_position_embeddings", l.MaxPositions},
	} {
		// 2²⁴ is far above any model there is and keeps every product in range.
		if f.value < 1 || f.value > 1<<24 {
			return fmt.Errorf("%s is %d, want 1 to %d", f.key, f.value, 1<<24)
		}
	}
	if l.HiddenSize%l.Heads != 0 {
		return fmt.Errorf("hidden_size %d is not a multiple of num_attention_heads %d", l.HiddenSize, l.Heads)
	}
	if l.Heads%l.KeyValueHeads != 0 {
		return fmt.Errorf("num_attention_heads %d is not a multiple of num_key_value_heads %d", l.Heads, l.KeyValueHeads)
	}
	if headDim != nil && *headDim != l.HiddenSize/l.Heads {
		return fmt.Errorf("head_dim = %d, other than hidden_size/num_attention_heads = %d: %w", *headDim, l.HiddenSize/l.Heads, ErrUnsupported)
	}
	if !(l.RopeTheta > 0) || math.IsInf(l.RopeTheta, 0) {
		return fmt.Errorf("rope_theta is %g, want a positive number", l.RopeTheta)
	}
	if !(l.NormEps > 0) || l.NormEps > 1 {
		return fmt.Errorf("rms_norm_eps is %g, want a small positive number", l.NormEps)
	}
	return nil
}

// JSON formats the config.json that the Python library transformers reads as
// LlamaForCausalLM, or with Score as LlamaForSequenceClassification. Both places in which its versions look for rope_theta are
// written.
func (l Llama) JSON() ([]byte, error) {
	if l.KeyValueHeads == 0 {
		l.KeyValueHeads = l.Heads
	}
	if l.RopeTheta == 0 {
		l.RopeTheta = 10000
	}
	if l.NormEps == 0 {
		l.NormEps = 1e-6
	}
	if err := l.check(nil); err != nil {
		return nil, fmt.Errorf("checkpoint: config.json: %w", err)
	}
	headDim := l.HiddenSize / l.Heads
	c := llamaJSON{
		Architectures: []string{"LlamaForCausalLM"}, ModelType: "llama",
		VocabSize: l.VocabSize, HiddenSize: l.HiddenSize, Layers: l.Layers, Heads: l.Heads,
		KeyValueHeads: &l.KeyValueHeads, HeadDim: &headDim, Intermediate: l.Intermediate,
		MaxPositions: l.MaxPositions, RopeTheta: &l.RopeTheta,
		RopeParameters: &ropeJSON{Type: "default", Theta: &l.RopeTheta},
		NormEps:        &l.NormEps, Activation: "silu", TieEmbeddings: l.TieEmbeddings,
		AttentionBias: l.AttentionBias, MLPBias: l.MLPBias,
		BOS: id(l.BOS), PAD: id(l.PAD), EOS: json.RawMessage("null"), Type: "float32",
	}
	if l.Score {
		c.Architectures, c.Labels = []string{classification}, map[string]any{"0": "LABEL_0"}
	}
	if l.EOS >= 0 {
		c.EOS = fmt.Appendf(nil, "%d", l.EOS)
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("checkpoint: config.json: %w", err)
	}
	return append(text, '\n'), nil
}

func id(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

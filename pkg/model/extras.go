package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Extras is what a model computes beside its plain weights and what does not fold into them. It is a description; Build
// writes it as a graph and a Decoder runs it, so that a model with extras trains, writes and is saved like any other.
type Extras struct {
	// Prefix is how many positions in front of every text have keys and values of their own in each layer (Li and Liang,
	// arXiv:2101.00190): model.layers.N.self_attn.prefix.keys and .values, (Prefix, KVHeads·headDim), used as they are, not
	// rotated. They take positions of the context.
	Prefix int `json:"prefix,omitempty"`
	// Prompt is how many embeddings stand in front of every text, after the prefix (Lester et al., arXiv:2104.08691):
	// model.prompt.weight, (Prompt, Dim). They run through the model as tokens do, with ids from Config.Vocab on.
	Prompt int `json:"prompt,omitempty"`
	// Sites are adapters at sublayers. Those of one sublayer are passed in order, each reading what the one before it gave.
	Sites []Site `json:"sites,omitempty"`
	// Updates are low-rank ones of linear layers, left beside the weight so that several can share it in one batch.
	Updates []LowRank `json:"updates,omitempty"`

	Params *nn.Params `json:"-"` // all numbers, in the order of Shapes
}

// Site is adapters side by side at one sublayer: each reads the same, and what they give is added up or, with Fusion, mixed
// by attention.
type Site struct {
	Sublayer string       `json:"sublayer"` // such as model.layers.0.mlp or model.layers.0.self_attn
	Adapters []Bottleneck `json:"adapters"`
	// Fusion names the query, key and value of AdapterFusion (Pfeiffer et al., arXiv:2005.00247, section 3.2): Fusion+
	// ".query.weight", ".key.weight" and ".value.weight", each (Dim, Dim). With h what the sublayer gave and zₙ what adapter n
	// adds to it, Σₙ softmaxₙ((Q·h)·(K·zₙ))·V·zₙ is added. Empty for a plain sum.
	Fusion string `json:"fusion,omitempty"`
}

// Bottleneck is a small network beside the stream: it adds Scale·(up·a(down·x + bias) + bias) to what the sublayer gave, where
// x is just that (Houlsby et al., arXiv:1902.00751, section 2.1) or, where Parallel is set, what entered the sublayer, after
// the norm (He et al., arXiv:2110.04366, table 1). Its parameters are Name+".down.weight" (Size, Dim), ".down.bias" (Size),
// ".up.weight" (Dim, Size) and ".up.bias" (Dim).
type Bottleneck struct {
	Name       string     `json:"name"`
	Size       int        `json:"size"`
	Activation Activation `json:"activation"`
	Scale      float64    `json:"scale"`
	Parallel   bool       `json:"parallel,omitempty"`
}

// LowRank adds Scale·B·A·x to what a linear layer gives for x (Hu et al., arXiv:2106.09685, eq. 3). Its parameters are Name+
// ".lora_A.weight" (Rank, in) and ".lora_B.weight" (out, Rank).
type LowRank struct {
	Layer string  `json:"layer"` // such as model.layers.0.self_attn.q_proj
	Name  string  `json:"name"`
	Rank  int     `json:"rank"`
	Scale float64 `json:"scale"`
}

// projections are the linear layers of a block, in the order of a decoder's work.
var projections = [...]string{"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}

// sides are the inputs and outputs of a linear layer of a block.
func (c Config) sides(layer string) (in, out int, ok bool) {
	for _, s := range c.slots() {
		if s.name == layer+".weight" && strings.HasSuffix(layer, "_proj") {
			return s.shape[1], s.shape[0], true
		}
	}
	return 0, 0, false
}

// Activation is the function between down and up.
type Activation string

// The activations.
const (
	ReLU Activation = "relu" // max(0, x)
	GELU Activation = "gelu" // x·Φ(x), arXiv:1606.08415
	SiLU Activation = "silu" // x·sigmoid(x), arXiv:1702.03118, also called swish
	Tanh Activation = "tanh"
)

// Activations lists them.
func Activations() []Activation { return []Activation{ReLU, GELU, SiLU, Tanh} }

// Front is how many positions stand before every text.
func (e *Extras) Front() int {
	if e == nil {
		return 0
	}
	return e.Prefix + e.Prompt
}

// The names of what stands in front.
const promptName = "model.prompt.weight"

func prefixName(layer int, part string) string {
	return fmt.Sprintf("model.layers.%d.self_attn.prefix.%s", layer, part)
}

// Shapes are the parameters that the description asks for on a model of such a shape. Nothing is made.
func (e *Extras) Shapes(c Config) (list []Shape) {
	add := func(name string, sides ...int) { list = append(list, Shape{name, sides}) }
	if e.Prefix > 0 {
		for l := range c.Layers {
			add(prefixName(l, "keys"), e.Prefix, c.KVHeads*c.headDim())
			add(prefixName(l, "values"), e.Prefix, c.KVHeads*c.headDim())
		}
	}
	if e.Prompt > 0 {
		add(promptName, e.Prompt, c.Dim)
	}
	for _, u := range e.Updates {
		in, out, _ := c.sides(u.Layer)
		add(u.Name+".lora_A.weight", u.Rank, in)
		add(u.Name+".lora_B.weight", out, u.Rank)
	}
	for _, s := range e.Sites {
		for _, a := range s.Adapters {
			add(a.Name+".down.weight", a.Size, c.Dim)
			add(a.Name+".down.bias", a.Size)
			add(a.Name+".up.weight", c.Dim, a.Size)
			add(a.Name+".up.bias", c.Dim)
		}
		if s.Fusion != "" {
			for _, part := range []string{"query", "key", "value"} {
				add(s.Fusion+"."+part+".weight", c.Dim, c.Dim)
			}
		}
	}
	return list
}

// Count is how many parameters the description asks for on a model of such a shape.
func (e *Extras) Count(c Config) int {
	n := 0
	for _, s := range e.Shapes(c) {
		n += s.Len()
	}
	return n
}

// Sublayers are the names of a model's sublayers, from the bottom, attention before the MLP.
func (c Config) Sublayers() (list []string) {
	for l := range c.Layers {
		p := fmt.Sprintf("model.layers.%d.", l)
		list = append(list, p+"self_attn", p+"mlp")
	}
	return list
}

// Check says whether the description fits a model of such a shape, and whether Params has what it asks for.
func (e *Extras) Check(c Config) error {
	if e.Prefix < 0 || e.Prompt < 0 || e.Front() >= c.Context {
		return fmt.Errorf("%d positions of prefix and %d of prompt: want none negative, and room for text in a context of %d", e.Prefix, e.Prompt, c.Context)
	}
	for _, u := range e.Updates {
		if _, _, ok := c.sides(u.Layer); !ok {
			return fmt.Errorf("the model has no linear layer %q: want one such as model.layers.0.%s", u.Layer, projections[0])
		}
		if u.Rank < 1 || math.IsNaN(u.Scale) || math.IsInf(u.Scale, 0) {
			return fmt.Errorf("update %s: rank %d, scale %g: want a rank of at least 1 and a finite scale", u.Name, u.Rank, u.Scale)
		}
	}
	places := c.Sublayers()
	for _, s := range e.Sites {
		if !slices.Contains(places, s.Sublayer) {
			return fmt.Errorf("the model has no sublayer %q: want one such as %s", s.Sublayer, places[len(places)-1])
		}
		if len(s.Adapters) == 0 {
			return fmt.Errorf("a site at %s has no adapters", s.Sublayer)
		}
		for _, a := range s.Adapters {
			switch {
			case a.Size < 1:
				return fmt.Errorf("adapter %s is %d wide: want at least 1", a.Name, a.Size)
			case !slices.Contains(Activations(), a.Activation):
				return fmt.Errorf("adapter %s: activation %q: want one of %v", a.Name, a.Activation, Activations())
			case math.IsNaN(a.Scale) || math.IsInf(a.Scale, 0):
				return fmt.Errorf("adapter %s: scale %g: want a finite number", a.Name, a.Scale)
			}
		}
	}
	seen := map[string]bool{}
	for _, s := range e.Shapes(c) {
		if seen[s.Name] {
			return fmt.Errorf("%s stands at two places", s.Name)
		}
		seen[s.Name] = true
	}
	for _, s := range e.Shapes(c) {
		if e.Params == nil || e.Params.Get(s.Name) == nil {
			return fmt.Errorf("%s %v is missing", s.Name, s.Dims)
		}
		if t := e.Params.Get(s.Name); !slices.Equal(t.Shape, s.Dims) {
			return fmt.Errorf("%s has shape %v, want %v", s.Name, t.Shape, s.Dims)
		}
	}
	if n := e.Params.Len(); n != len(seen) {
		return fmt.Errorf("%d parameters, but the description has %d", n, len(seen))
	}
	return nil
}

// Clone is a copy with numbers of its own; nil of nil.
func (e *Extras) Clone() *Extras {
	if e == nil {
		return nil
	}
	c := *e
	c.Sites, c.Updates = slices.Clone(e.Sites), slices.Clone(e.Updates)
	for i, s := range c.Sites {
		c.Sites[i].Adapters = slices.Clone(s.Adapters)
	}
	c.Params = e.Params.Clone()
	return &c
}

// String is the extras in a few words.
func (e *Extras) String() string {
	var parts []string
	say := func(n int, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, fmt.Sprint(n, " ", many))
		}
	}
	adapters, fusions := 0, 0
	for _, s := range e.Sites {
		adapters += len(s.Adapters)
		if s.Fusion != "" {
			fusions++
		}
	}
	say(e.Prefix, "position of prefix", "positions of prefix")
	say(e.Prompt, "embedding of prompt", "embeddings of prompt")
	say(adapters, "adapter", "adapters")
	say(len(e.Updates), "low-rank update", "low-rank updates")
	say(fusions, "fusion", "fusions")
	return strings.Join(parts, ", ")
}

// Extend puts extras on the model, in place of those that it has; nil takes them away.
func (m *Model) Extend(e *Extras) error {
	if e != nil {
		if err := e.Check(m.Config); err != nil {
			return fmt.Errorf("model: extras: %w", err)
		}
	}
	m.Extras = e
	return nil
}

// Names are those of all parameters, the plain ones first.
func (m *Model) Names() []string {
	names := m.Params.Names()
	if m.Extras != nil {
		names = append(names, m.Extras.Params.Names()...)
	}
	return names
}

// Param is a parameter, plain or extra, itself and not a copy; nil if there is none of that name.
func (m *Model) Param(name string) *compute.Tensor {
	if t := m.Params.Get(name); t != nil || m.Extras == nil {
		return t
	}
	return m.Extras.Params.Get(name)
}

// hash covers the description and the numbers.
func (e *Extras) hash(plain string) string {
	h := sha256.New()
	_ = json.NewEncoder(h).Encode(e) // of plain fields, to memory
	fmt.Fprintln(h, plain, e.Params.Hash())
	return hex.EncodeToString(h.Sum(nil))
}

// The files of the extras, beside those of the plain model, which other programs read without them.
const (
	extrasFile  = "extras.json"
	extraParams = "extras.safetensors"
)

package model

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Inputs are the integer inputs of a training graph, each (B·T).
type Inputs struct {
	IDs, Positions, Segments *graph.Node
	Batch, Length            int
}

// Build writes the model into g, over its own parameters: what trains the graph changes m, so train a Clone. The hooks
// let adapters replace layers and freeze parameters. Extras are written too: with a prompt, rows begin with its ids (Front). What enters a block is marked for graph.Options.Recompute.
func (m *Model) Build(g *graph.Graph, in Inputs, h nn.Hooks) (*Outputs, error) {
	c := m.Config
	e := m.Extras
	front := 0 // positions of the prefix
	if e != nil {
		front = e.Prefix
	}
	if in.Length+front > c.Context {
		return nil, fmt.Errorf("model: rows of %d tokens behind a prefix of %d, the context holds %d", in.Length, front, c.Context)
	}
	b := nn.NewBuilder(g, m.Params, e.hooks(h))
	if e != nil {
		b.With(e.Params)
	}
	shape := graph.AttentionShape{Batch: in.Batch, Length: in.Length, Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.headDim()}
	rotate := func(x *graph.Node, heads int) *graph.Node {
		return graph.RoPEFrom(x, in.Positions, graph.Rotation{Heads: heads, Context: c.Context - front, Base: c.RopeBase}, front)
	}
	attend := func(l int, q, k, v *graph.Node) *graph.Node {
		if front == 0 {
			return graph.Attention(q, k, v, in.Segments, shape)
		}
		return graph.PrefixAttention(q, k, v, b.Param(prefixName(l, "keys")), b.Param(prefixName(l, "values")), in.Segments, shape)
	}
	var x *graph.Node // (B·T, D)
	if e != nil && e.Prompt > 0 {
		x = graph.EmbeddingWith(b.Param("model.embed_tokens.weight"), b.Param(promptName), in.IDs)
	} else {
		x = b.Embedding("model.embed_tokens", in.IDs)
	}
	states := []*graph.Node{x}
	for l := range c.Layers {
		x.Keep()
		p := fmt.Sprintf("model.layers.%d.", l)
		h := b.RMSNorm(p+"input_layernorm", x, c.NormEps)
		q := rotate(b.Linear(p+"self_attn.q_proj", h), c.Heads)
		k := rotate(b.Linear(p+"self_attn.k_proj", h), c.KVHeads)
		v := b.Linear(p+"self_attn.v_proj", h)
		a := b.Linear(p+"self_attn.o_proj", attend(l, q, k, v))
		x = graph.Add(x, b.Sublayer(p+"self_attn", h, e.sublayer(b, p+"self_attn", h, a)))
		h = b.RMSNorm(p+"post_attention_layernorm", x, c.NormEps)
		x = graph.Add(x, b.Sublayer(p+"mlp", h, e.sublayer(b, p+"mlp", h, b.SwiGLU(p+"mlp", h))))
		states = append(states, x)
	}
	x = b.RMSNorm("model.norm", x, c.NormEps)
	out := &Outputs{graph: g, tokens: in.Batch * in.Length, Hidden: x, Head: b.Param(c.HeadName()), Params: b.Moving(), Dropout: b.DropoutKey(), States: states}
	return out, b.Err()
}

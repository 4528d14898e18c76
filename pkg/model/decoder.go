package model

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Decoder is a model made ready to write: its weights packed once, and its memory kept from one text to the next. It does
// not follow later changes of the model. A Model's own Generate, Answer and Answers make one for each call.
type Decoder struct {
	m       *Model
	weights Weights
	busy    sync.Mutex

	d      *cpu.Device
	layers []layer
	norm   []float32
	embed  []float32
	head   *cpu.Packed
	table  *cpu.Rotary
	cache  []cpu.Cache // one a layer
	room   int         // positions a sequence has in the cache

	ids, sequence, position []int32 // of the rows under way
	prompts                 []int   // how many rows each prompt under way has; none while decoding

	x, h, q, k, v, a, gate, up, scores []float32 // (rows, …)
	products                           []cpu.Product

	variants   []*variant // the extras that it writes with
	sited      bool       // some have adapters
	updated    bool       // some have low-rank updates
	kinds      []int      // the variant of each sequence; nil where all have the first
	runs       []run      // of the rows under way
	candidates [][]float32
	seen       func(s *site, rows int) []float32 // where the weights of a fusion go; nil for nowhere

	gave, found, narrow, fused []float32 // (rows, …), of adapters
}

// layer holds the weights of a layer, those of products packed: each token reads all of them, and packed they are read
// in order.
type layer struct {
	norm1, norm2               []float32
	q, k, v, o, gate, up, down linear
}

// linear is a layer's packed weight and its bias, nil if it has none.
type linear struct {
	w    *cpu.Packed
	bias []float32
}

// ErrWriting reports a second text of one Decoder while the first is being written, as from OnToken.
var ErrWriting = errors.New("model: this decoder is writing already: wait, or make another for the second text")

// Decoder packs the model's weights, which takes about as long as writing a few tokens.
func (m *Model) Decoder(ctx context.Context, weights Weights) (*Decoder, error) {
	return m.MixedDecoder(ctx, weights, m.Extras)
}

// plainDecoder is a decoder without any extras yet.
func (m *Model) plainDecoder(ctx context.Context, weights Weights) (*Decoder, error) {
	if err := (Generate{Weights: weights}).check(); err != nil {
		return nil, err
	}
	if err := m.whole(); err != nil {
		return nil, err
	}
	c := m.Config
	get := func(name string) []float32 { return m.Params.Get(name).Data }
	d := &Decoder{m: m, weights: weights, d: cpu.Default(), norm: get("model.norm.weight"), embed: get("model.embed_tokens.weight")}
	pack := func(name string) *cpu.Packed {
		w := m.Params.Get(name)
		return d.d.Pack(cpu.Matrix{Data: w.Data, Rows: w.Shape[0], Cols: w.Shape[1]}, weights)
	}
	d.head = pack(c.HeadName())
	layered := func(name string) linear {
		l := linear{w: pack(name + ".weight")}
		if bias := m.Params.Get(name + ".bias"); bias != nil {
			l.bias = bias.Data
		}
		return l
	}
	for l := range c.Layers {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("model: decoder: %w", err)
		}
		p := fmt.Sprintf("model.layers.%d.", l)
		d.layers = append(d.layers, layer{
			norm1: get(p + "input_layernorm.weight"), norm2: get(p + "post_attention_layernorm.weight"),
			q: layered(p + "self_attn.q_proj"), k: layered(p + "self_attn.k_proj"), v: layered(p + "self_attn.v_proj"),
			o: layered(p + "self_attn.o_proj"), gate: layered(p + "mlp.gate_proj"), up: layered(p + "mlp.up_proj"),
			down: layered(p + "mlp.down_proj")})
	}
	d.cache = make([]cpu.Cache, c.Layers)
	return d, nil
}

// ErrHollow reports a model without the numbers of some weight: a run keeps them in another form, such as four bits a value.
var ErrHollow = errors.New("its numbers are not here: the run holds them in another form; Attached.Merged and Result.Model have all weights")

// whole says whether all weights have their numbers.
func (m *Model) whole() error {
	for _, s := range m.Config.slots() {
		if p := m.Params.Get(s.name); p != nil && p.Len() == 0 {
			return fmt.Errorf("model: %s: %w", s.name, ErrHollow)
		}
	}
	return nil
}

// Weights is how the decoder keeps them.
func (d *Decoder) Weights() Weights { return d.weights }

// reserve makes room for some sequences of so many positions.
// They have the first variant, unless d.kinds is set after.
func (d *Decoder) reserve(sequences, room int) {
	d.kinds = nil
	c := d.m.Config
	if d.table == nil || d.table.Positions < room {
		d.table = cpu.NewRotary(room, c.headDim(), c.RopeBase)
	}
	d.room = room
	n := sequences * room * c.KVHeads * c.headDim()
	for i, old := range d.cache {
		if len(old.Keys) < n {
			old.Keys, old.Values = compute.Floats(n), compute.Floats(n)
		}
		old.Context = room
		d.cache[i] = old
	}
}

// clear forgets the rows of the last call.
func (d *Decoder) clear() {
	d.ids, d.sequence, d.position, d.prompts = d.ids[:0], d.sequence[:0], d.position[:0], d.prompts[:0]
}

// row adds a token.
func (d *Decoder) row(id, sequence, position int) {
	d.ids, d.sequence, d.position = append(d.ids, int32(id)), append(d.sequence, int32(sequence)), append(d.position, int32(position))
}

func resize(x *[]float32, n int) []float32 {
	if cap(*x) < n {
		*x = make([]float32, n)
	}
	*x = (*x)[:n]
	return *x
}

// output is one result of linear: y (rows, out), its rows stride apart, = x · wᵀ + bias, added to what y holds where add is set.
type output struct {
	y           []float32
	of          linear
	out, stride int
	add         bool
}

// linear does the products of x (rows, in), its rows stride apart, with some weights.
func (d *Decoder) linear(x []float32, rows, in, stride int, outputs ...output) {
	d.products = d.products[:0]
	for _, o := range outputs {
		d.products = append(d.products, cpu.Product{C: cpu.Matrix{Data: o.y, Rows: rows, Cols: o.out, Stride: o.stride}, Packed: o.of.w, Epilogue: cpu.Epilogue{Accumulate: o.add, Bias: o.of.bias}})
	}
	d.d.MatMulNTs(cpu.Matrix{Data: x, Rows: rows, Cols: in, Stride: stride}, d.products)
}

// whole is the width of a row in whole registers: a value is then computed by the same instructions in whatever row it
// stands, and a batch gives the bits that each sequence gives alone.
func whole(n int) int { return (n + 15) &^ 15 }

// forward runs the rows through all layers, writing their keys and values to the cache, and returns the hidden values after
// the last norm (rows, D), valid until the next call. Each row is one token at one position of one sequence, so the same
// code reads whole prompts and takes one step of many sequences.
func (d *Decoder) forward(ctx context.Context) ([]float32, error) {
	c := d.m.Config
	rows, dim, kv, inner := len(d.ids), c.Dim, c.KVHeads*c.headDim(), whole(c.Hidden)
	x, h := resize(&d.x, rows*dim), resize(&d.h, rows*dim)
	q, a := resize(&d.q, rows*dim), resize(&d.a, rows*dim)
	k, v := resize(&d.k, rows*kv), resize(&d.v, rows*kv)
	gate, up := resize(&d.gate, rows*inner), resize(&d.up, rows*inner)
	eps := float32(c.NormEps)
	d.group()
	d.embedRows(x, rows, dim)
	for i, l := range d.layers {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("model: stopped before layer %d: %w", i, err)
		}
		d.d.RMSNorm(h, x, l.norm1, rows, dim, eps)
		d.linear(h, rows, dim, dim, output{y: q, of: l.q, out: dim}, output{y: k, of: l.k, out: kv}, output{y: v, of: l.v, out: kv})
		d.update(i, 0, h, dim, dim, q, dim, dim)
		d.update(i, 1, h, dim, dim, k, kv, kv)
		d.update(i, 2, h, dim, dim, v, kv, kv)
		d.d.RoPE(q, q, d.position, rows, c.Heads, d.table, false)
		d.d.RoPE(k, k, d.position, rows, c.KVHeads, d.table, false)
		cache := d.cache[i]
		for r := range rows {
			at := (int(d.sequence[r])*d.room + int(d.position[r])) * kv
			copy(cache.Keys[at:at+kv], k[r*kv:(r+1)*kv])
			copy(cache.Values[at:at+kv], v[r*kv:(r+1)*kv])
		}
		d.attend(a, q, k, v, cache)
		d.end(i, 0, h, a, x, rows, dim, dim, l.o)
		d.d.RMSNorm(h, x, l.norm2, rows, dim, eps)
		d.linear(h, rows, dim, dim, output{y: gate, of: l.gate, out: c.Hidden, stride: inner}, output{y: up, of: l.up, out: c.Hidden, stride: inner})
		d.update(i, 4, h, dim, dim, gate, c.Hidden, inner)
		d.update(i, 5, h, dim, dim, up, c.Hidden, inner)
		d.d.SwiGLU(gate, gate, up, rows*inner)
		d.end(i, 1, h, gate, x, rows, c.Hidden, inner, l.down)
	}
	d.d.RMSNorm(h, x, d.norm, rows, dim, eps)
	return h, nil
}

// attend looks back over the cache, or, in a prompt, over the prompt: there the rows share what they read.
func (d *Decoder) attend(o, q, k, v []float32, cache cpu.Cache) {
	c := d.m.Config
	if len(d.prompts) == 0 {
		d.d.CachedAttention(o, q, cache, d.sequence, d.position, len(d.ids), c.Heads, c.KVHeads, c.headDim())
		return
	}
	wide, narrow := c.Dim, c.KVHeads*c.headDim()
	at := 0
	for _, n := range d.prompts {
		if sequence := d.sequence[at : at+n]; d.of(int(sequence[0])).prefix > 0 { // the prefix is in the cache
			d.d.CachedAttention(o[at*wide:], q[at*wide:], cache, sequence, d.position[at:at+n], n, c.Heads, c.KVHeads, c.headDim())
			at += n
			continue
		}
		s := cpu.AttentionShape{Batch: 1, Length: n, Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.headDim()}
		d.d.Attention(o[at*wide:], q[at*wide:], k[at*narrow:], v[at*narrow:], nil, s)
		at += n
	}
}

// logits are the scores of every token after each hidden row: (rows, V), valid until the next call.
func (d *Decoder) logits(hidden []float32, rows int) []float32 {
	out := resize(&d.scores, rows*d.m.Config.Vocab)
	d.linear(hidden, rows, d.m.Config.Dim, d.m.Config.Dim, output{y: out, of: linear{w: d.head}, out: d.m.Config.Vocab})
	return out
}

// prefillRows is how many rows of prompts are read at once, so that many short prompts share what is read of the weights.
const prefillRows = 512

// prefill reads the prompts from number lo on, as many as go together, and returns the number of the next and the logits
// after the last token of each (prompts, V).
func (d *Decoder) prefill(ctx context.Context, prompts [][]int, lo int) (next int, logits []float32, err error) {
	d.clear()
	for next = lo; next < len(prompts) && (next == lo || len(d.ids)+d.of(next).prompt+len(prompts[next]) <= prefillRows); next++ {
		d.open(prompts[next], next)
	}
	hidden, err := d.forward(ctx)
	if err != nil {
		return lo, nil, err
	}
	dim, end := d.m.Config.Dim, 0
	for i, n := range d.prompts {
		end += n
		copy(hidden[i*dim:(i+1)*dim], hidden[(end-1)*dim:end*dim])
	}
	return next, d.logits(hidden, next-lo), nil
}

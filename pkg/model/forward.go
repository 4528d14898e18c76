package model

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// decoder runs the model directly on the kernels. Each row is one token at one position of one sequence, so the same
// code reads a whole prompt and takes one step of many sequences.
type decoder struct {
	m      *Model
	d      *cpu.Device
	layers []layer
	norm   []float32
	embed  []float32
	head   *cpu.Packed
	table  *cpu.Rotary
	cache  []cpu.Cache // one a layer
	room   int         // positions a sequence has in the cache

	x, h, q, k, v, a, gate, up []float32 // (rows, …)
	products                   []cpu.Product
}

// layer holds the weights of a layer, those of products packed: each token reads all of them, and packed they are read
// in order.
type layer struct {
	norm1, norm2               []float32
	q, k, v, o, gate, up, down *cpu.Packed
}

func (m *Model) decoder(sequences, room int, weights Weights) *decoder {
	c := m.Config
	get := func(name string) []float32 { return m.Params.Get(name).Data }
	d := &decoder{m: m, d: cpu.Default(), norm: get("model.norm.weight"), embed: get("model.embed_tokens.weight"),
		table: cpu.NewRotary(room, c.headDim(), c.RopeBase), room: room}
	pack := func(name string) *cpu.Packed {
		w := m.Params.Get(name)
		weight := cpu.Matrix{Data: w.Data, Rows: w.Shape[0], Cols: w.Shape[1]}
		return d.d.Pack(weight, weights)
	}
	d.head = pack(c.head())
	for l := range c.Layers {
		p := fmt.Sprintf("model.layers.%d.", l)
		d.layers = append(d.layers, layer{
			norm1: get(p + "input_layernorm.weight"), norm2: get(p + "post_attention_layernorm.weight"),
			q: pack(p + "self_attn.q_proj.weight"), k: pack(p + "self_attn.k_proj.weight"), v: pack(p + "self_attn.v_proj.weight"),
			o: pack(p + "self_attn.o_proj.weight"), gate: pack(p + "mlp.gate_proj.weight"), up: pack(p + "mlp.up_proj.weight"),
			down: pack(p + "mlp.down_proj.weight")})
		n := sequences * room * c.KVHeads * c.headDim()
		d.cache = append(d.cache, cpu.Cache{Keys: compute.Floats(n), Values: compute.Floats(n), Context: room})
	}
	return d
}

func resize(x *[]float32, n int) []float32 {
	if cap(*x) < n {
		*x = make([]float32, n)
	}
	*x = (*x)[:n]
	return *x
}

// output is one result of linear: y (rows, out) = x · wᵀ, added to what y holds where add is set.
type output struct {
	y   []float32
	w   *cpu.Packed
	out int
	add bool
}

// linear does the products of x (rows, in) with some weights.
func (d *decoder) linear(x []float32, rows, in int, outputs ...output) {
	d.products = d.products[:0]
	for _, o := range outputs {
		d.products = append(d.products, cpu.Product{C: cpu.Matrix{Data: o.y, Rows: rows, Cols: o.out}, Packed: o.w, Epilogue: cpu.Epilogue{Accumulate: o.add}})
	}
	d.d.MatMulNTs(cpu.Matrix{Data: x, Rows: rows, Cols: in}, d.products)
}

// forward runs rows through all layers, writing their keys and values to the cache, and returns the hidden values after
// the last norm (rows, D), valid until the next call.
func (d *decoder) forward(ids, sequence, position []int32) []float32 {
	c := d.m.Config
	rows, dim, kv := len(ids), c.Dim, c.KVHeads*c.headDim()
	x, h := resize(&d.x, rows*dim), resize(&d.h, rows*dim)
	q, a := resize(&d.q, rows*dim), resize(&d.a, rows*dim)
	k, v := resize(&d.k, rows*kv), resize(&d.v, rows*kv)
	gate, up := resize(&d.gate, rows*c.Hidden), resize(&d.up, rows*c.Hidden)
	eps := float32(c.NormEps)
	d.d.Embedding(x, d.embed, ids, rows, dim)
	for i, l := range d.layers {
		d.d.RMSNorm(h, x, l.norm1, rows, dim, eps)
		d.linear(h, rows, dim, output{y: q, w: l.q, out: dim}, output{y: k, w: l.k, out: kv}, output{y: v, w: l.v, out: kv})
		d.d.RoPE(q, q, position, rows, c.Heads, d.table, false)
		d.d.RoPE(k, k, position, rows, c.KVHeads, d.table, false)
		cache := d.cache[i]
		for r := range rows {
			at := (int(sequence[r])*d.room + int(position[r])) * kv
			copy(cache.Keys[at:at+kv], k[r*kv:(r+1)*kv])
			copy(cache.Values[at:at+kv], v[r*kv:(r+1)*kv])
		}
		d.d.CachedAttention(a, q, cache, sequence, position, rows, c.Heads, c.KVHeads, c.headDim())
		d.linear(a, rows, dim, output{y: x, w: l.o, out: dim, add: true})
		d.d.RMSNorm(h, x, l.norm2, rows, dim, eps)
		d.linear(h, rows, dim, output{y: gate, w: l.gate, out: c.Hidden}, output{y: up, w: l.up, out: c.Hidden})
		d.d.SwiGLU(gate, gate, up, rows*c.Hidden)
		d.linear(gate, rows, c.Hidden, output{y: x, w: l.down, out: dim, add: true})
	}
	d.d.RMSNorm(h, x, d.norm, rows, dim, eps)
	return h
}

// logits are the scores of every token after each hidden row: (rows, V).
func (d *decoder) logits(out, hidden []float32, rows int) {
	d.linear(hidden, rows, d.m.Config.Dim, output{y: out, w: d.head, out: d.m.Config.Vocab})
}

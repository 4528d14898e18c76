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
	head   []float32
	table  *cpu.Rotary
	cache  []cpu.Cache // one a layer
	room   int         // positions a sequence has in the cache

	x, h, q, k, v, a, gate, up, down []float32 // (rows, …)
}

type layer struct {
	norm1, q, k, v, o, norm2, gate, up, down []float32
}

func (m *Model) decoder(sequences, room int) *decoder {
	c := m.Config
	get := func(name string) []float32 { return m.Params.Get(name).Data }
	d := &decoder{m: m, d: cpu.Default(), norm: get("model.norm.weight"), embed: get("model.embed_tokens.weight"),
		head: get(c.head()), table: cpu.NewRotary(room, c.headDim(), c.RopeBase), room: room}
	for l := range c.Layers {
		p := fmt.Sprintf("model.layers.%d.", l)
		d.layers = append(d.layers, layer{
			get(p + "input_layernorm.weight"), get(p + "self_attn.q_proj.weight"), get(p + "self_attn.k_proj.weight"),
			get(p + "self_attn.v_proj.weight"), get(p + "self_attn.o_proj.weight"), get(p + "post_attention_layernorm.weight"),
			get(p + "mlp.gate_proj.weight"), get(p + "mlp.up_proj.weight"), get(p + "mlp.down_proj.weight")})
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

// forward runs rows through all layers, writing their keys and values to the cache, and returns the hidden values after
// the last norm (rows, D), valid until the next call.
func (d *decoder) forward(ids, sequence, position []int32) []float32 {
	c := d.m.Config
	rows, dim, kv := len(ids), c.Dim, c.KVHeads*c.headDim()
	x, h := resize(&d.x, rows*dim), resize(&d.h, rows*dim)
	q, a := resize(&d.q, rows*dim), resize(&d.a, rows*dim)
	k, v := resize(&d.k, rows*kv), resize(&d.v, rows*kv)
	gate, up, down := resize(&d.gate, rows*c.Hidden), resize(&d.up, rows*c.Hidden), resize(&d.down, rows*dim)
	linear := func(y, x, w []float32, in, out int) {
		d.d.MatMulNT(cpu.Matrix{Data: y, Rows: rows, Cols: out}, cpu.Matrix{Data: x, Rows: rows, Cols: in}, cpu.Matrix{Data: w, Rows: out, Cols: in}, cpu.Epilogue{})
	}
	eps := float32(c.NormEps)
	d.d.Embedding(x, d.embed, ids, rows, dim)
	for i, l := range d.layers {
		d.d.RMSNorm(h, x, l.norm1, rows, dim, eps)
		linear(q, h, l.q, dim, dim)
		linear(k, h, l.k, dim, kv)
		linear(v, h, l.v, dim, kv)
		d.d.RoPE(q, q, position, rows, c.Heads, d.table, false)
		d.d.RoPE(k, k, position, rows, c.KVHeads, d.table, false)
		cache := d.cache[i]
		for r := range rows {
			at := (int(sequence[r])*d.room + int(position[r])) * kv
			copy(cache.Keys[at:at+kv], k[r*kv:(r+1)*kv])
			copy(cache.Values[at:at+kv], v[r*kv:(r+1)*kv])
		}
		d.d.CachedAttention(a, q, cache, sequence, position, rows, c.Heads, c.KVHeads, c.headDim())
		linear(h, a, l.o, dim, dim)
		d.d.Add(x, x, h, rows*dim)
		d.d.RMSNorm(h, x, l.norm2, rows, dim, eps)
		linear(gate, h, l.gate, dim, c.Hidden)
		linear(up, h, l.up, dim, c.Hidden)
		d.d.SwiGLU(gate, gate, up, rows*c.Hidden)
		linear(down, gate, l.down, c.Hidden, dim)
		d.d.Add(x, x, down, rows*dim)
	}
	d.d.RMSNorm(h, x, d.norm, rows, dim, eps)
	return h
}

// logits are the scores of every token after each hidden row: (rows, V).
func (d *decoder) logits(out, hidden []float32, rows int) {
	c := d.m.Config
	d.d.MatMulNT(cpu.Matrix{Data: out, Rows: rows, Cols: c.Vocab}, cpu.Matrix{Data: hidden, Rows: rows, Cols: c.Dim},
		cpu.Matrix{Data: d.head, Rows: c.Vocab, Cols: c.Dim}, cpu.Epilogue{})
}

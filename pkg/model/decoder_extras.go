package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// variant is extras made ready to run: what one sequence of a batch is decoded with.
type variant struct {
	prefix, prompt int
	keys, values   [][]float32 // of the prefix, by layer
	embed          []float32   // of the prompt (Prompt, D)
	sites          [][2][]site // by layer: after attention, after the MLP

	updates [][len(projections)][]update // by layer and projection
}

// update is a LowRank, its B scaled.
type update struct {
	a, b *cpu.Packed
	rank int
}

// site is a Site, its weights packed.
type site struct {
	adapters          []bottleneck
	query, key, value *cpu.Packed // of a fusion, nil for a sum
	of                Site
}

type bottleneck struct {
	down, up   linear // up is scaled
	size       int
	activation Activation
	parallel   bool
}

// run is some rows that stand together and have the same variant.
type run struct{ variant, lo, hi int }

// pack makes extras ready, nil ones too.
func (d *Decoder) pack(e *Extras) (*variant, error) {
	v := &variant{}
	if e == nil {
		return v, nil
	}
	c := d.m.Config
	if err := e.Check(c); err != nil {
		return nil, fmt.Errorf("model: decoder: extras: %w", err)
	}
	get := func(name string) []float32 { return e.Params.Get(name).Data }
	v.prefix, v.prompt = e.Prefix, e.Prompt
	if e.Prompt > 0 {
		v.embed = get(promptName)
	}
	for l := range c.Layers {
		if e.Prefix > 0 {
			v.keys, v.values = append(v.keys, get(prefixName(l, "keys"))), append(v.values, get(prefixName(l, "values")))
		}
	}
	packed := func(data []float32, rows, cols int) *cpu.Packed {
		return d.d.Pack(cpu.Matrix{Data: data, Rows: rows, Cols: cols}, Float32) // small, and all that was learned
	}
	for _, u := range e.Updates {
		if v.updates == nil {
			v.updates = make([][len(projections)][]update, c.Layers)
		}
		in, out, _ := c.sides(u.Layer)
		for l := range c.Layers {
			for k, name := range projections {
				if u.Layer == fmt.Sprintf("model.layers.%d.%s", l, name) {
					v.updates[l][k] = append(v.updates[l][k], update{packed(get(u.Name+".lora_A.weight"), u.Rank, in),
						packed(scaled(get(u.Name+".lora_B.weight"), u.Scale), out, u.Rank), u.Rank})
				}
			}
		}
	}
	if len(e.Sites) == 0 {
		return v, nil
	}
	v.sites = make([][2][]site, c.Layers)
	places := c.Sublayers()
	for _, s := range e.Sites {
		made := site{of: s}
		for _, a := range s.Adapters {
			made.adapters = append(made.adapters, bottleneck{
				down: linear{packed(get(a.Name+".down.weight"), a.Size, c.Dim), get(a.Name + ".down.bias")},
				up:   linear{packed(scaled(get(a.Name+".up.weight"), a.Scale), c.Dim, a.Size), scaled(get(a.Name+".up.bias"), a.Scale)},
				size: a.Size, activation: a.Activation, parallel: a.Parallel})
		}
		if s.Fusion != "" {
			of := func(part string) *cpu.Packed { return packed(get(s.Fusion+"."+part+".weight"), c.Dim, c.Dim) }
			made.query, made.key, made.value = of("query"), of("key"), of("value")
		}
		at := slices.Index(places, s.Sublayer)
		v.sites[at/2][at%2] = append(v.sites[at/2][at%2], made)
	}
	return v, nil
}

func scaled(x []float32, by float64) []float32 {
	y := slices.Clone(x)
	for i := range y {
		y[i] *= float32(by)
	}
	return y
}

// MixedDecoder is a Decoder that writes with several extras on one set of weights, packed once. AnswersBy says which for each
// question; the other methods take the first. Extras of nil are the plain model.
func (m *Model) MixedDecoder(ctx context.Context, weights Weights, extras ...*Extras) (*Decoder, error) {
	if len(extras) == 0 {
		extras = []*Extras{m.Extras}
	}
	d, err := m.plainDecoder(ctx, weights)
	if err != nil {
		return nil, err
	}
	for _, e := range extras {
		v, err := d.pack(e)
		if err != nil {
			return nil, err
		}
		d.variants = append(d.variants, v)
		d.sited = d.sited || v.sites != nil
		d.updated = d.updated || v.updates != nil
	}
	return d, nil
}

// front is how many positions stand before the text of a sequence.
func (v *variant) front() int { return v.prefix + v.prompt }

// of is the variant of a sequence.
func (d *Decoder) of(sequence int) *variant { return d.variants[d.kind(sequence)] }

// kind is its number.
func (d *Decoder) kind(sequence int) int {
	if d.kinds == nil {
		return 0
	}
	return d.kinds[sequence]
}

// open adds the rows of a text of one sequence: the prompt's, then the tokens'. The prefix goes to the cache.
func (d *Decoder) open(ids []int, sequence int) {
	v := d.of(sequence)
	kv := d.m.Config.KVHeads * d.m.Config.headDim()
	for l := range v.keys {
		at := sequence * d.room * kv
		copy(d.cache[l].Keys[at:], v.keys[l])
		copy(d.cache[l].Values[at:], v.values[l])
	}
	for i := range v.prompt {
		d.row(d.m.Config.Vocab+i, sequence, v.prefix+i)
	}
	for i, id := range ids {
		d.row(id, sequence, v.front()+i)
	}
	d.prompts = append(d.prompts, v.prompt+len(ids))
}

// embedRows looks up the rows under way: tokens, and embeddings of prompts, whose ids lie above the vocabulary.
func (d *Decoder) embedRows(x []float32, rows, dim int) {
	soft := false
	for _, r := range d.runs {
		soft = soft || d.variants[r.variant].prompt > 0
	}
	if !soft {
		d.d.Embedding(x, d.embed, d.ids, rows, dim)
		return
	}
	for _, r := range d.runs {
		d.d.EmbeddingWith(x[r.lo*dim:], d.embed, d.variants[r.variant].embed, d.ids[r.lo:r.hi], r.hi-r.lo, dim, d.m.Config.Vocab)
	}
}

// group finds the runs of rows with the same variant.
func (d *Decoder) group() {
	d.runs = d.runs[:0]
	for i, s := range d.sequence {
		k := d.kind(int(s))
		if n := len(d.runs); n > 0 && d.runs[n-1].variant == k {
			d.runs[n-1].hi = i + 1
			continue
		}
		d.runs = append(d.runs, run{k, i, i + 1})
	}
}

// update adds low-rank updates to y (rows, out), what projection k of a layer gave for x (rows, in); rows are strides apart.
func (d *Decoder) update(l, k int, x []float32, in, stride int, y []float32, out, yStride int) {
	if !d.updated {
		return
	}
	for _, r := range d.runs {
		v := d.variants[r.variant]
		if v.updates == nil {
			continue
		}
		rows := r.hi - r.lo
		for _, u := range v.updates[l][k] {
			wide := whole(u.rank)
			h := resize(&d.narrow, rows*wide)
			d.linear(x[r.lo*stride:], rows, in, stride, output{y: h, of: linear{w: u.a}, out: u.rank, stride: wide})
			d.linear(h, rows, u.rank, wide, output{y: y[r.lo*yStride:], of: linear{w: u.b}, out: out, stride: yStride, add: true})
		}
	}
}

// end ends sublayer part (0 attention, 1 MLP) of a layer: x += w·a, and what the adapters there add. in entered the sublayer.
func (d *Decoder) end(l, part int, in, a, x []float32, rows, width, stride int, of linear) {
	dim := d.m.Config.Dim
	k := [...]int{3, 6}[part] // o_proj, down_proj
	if !d.sited {
		d.linear(a, rows, width, stride, output{y: x, of: of, out: dim, add: true})
		d.update(l, k, a, width, stride, x, dim, dim)
		return
	}
	// What the sublayer gave is the difference that it made: so an adapter that adds zero leaves every bit as it was.
	gave := resize(&d.gave, rows*dim)
	copy(gave, x[:rows*dim])
	d.linear(a, rows, width, stride, output{y: x, of: of, out: dim, add: true})
	d.update(l, k, a, width, stride, x, dim, dim)
	d.d.Blend(gave, x, -1, 1, rows*dim)
	for _, r := range d.runs {
		v := d.variants[r.variant]
		if v.sites == nil {
			continue
		}
		for i := range v.sites[l][part] {
			lo, hi := r.lo*dim, r.hi*dim
			d.adapt(&v.sites[l][part][i], in[lo:hi], gave[lo:hi], x[lo:hi], r.hi-r.lo, i+1 < len(v.sites[l][part]))
		}
	}
}

// adapt adds what a site gives to x, and, where another site follows, to gave.
func (d *Decoder) adapt(s *site, in, gave, x []float32, rows int, more bool) {
	dim := d.m.Config.Dim
	if s.query != nil {
		d.fuse(s, in, gave, x, rows, more)
		return
	}
	before := gave
	if more && len(s.adapters) > 1 { // they read what the site found
		before = resize(&d.found, rows*dim)
		copy(before, gave)
	}
	for i := range s.adapters {
		b := &s.adapters[i]
		h, stride := d.inner(b, in, before, rows)
		d.linear(h, rows, b.size, stride, output{y: x, of: b.up, out: dim, add: true})
		if more {
			d.linear(h, rows, b.size, stride, output{y: gave, of: b.up, out: dim, add: true})
		}
	}
}

// inner is what stands in the bottleneck: rows of size values, stride apart.
func (d *Decoder) inner(b *bottleneck, in, gave []float32, rows int) (h []float32, stride int) {
	from := gave
	if b.parallel {
		from = in
	}
	stride = whole(b.size)
	h = resize(&d.narrow, rows*stride)
	dim := d.m.Config.Dim
	d.linear(from, rows, dim, dim, output{y: h, of: b.down, out: b.size, stride: stride})
	switch n := rows * stride; b.activation {
	case GELU:
		d.d.GELU(h, h, n)
	case SiLU:
		d.d.SiLU(h, h, n)
	case Tanh:
		d.d.Tanh(h, h, n)
	default:
		d.d.ReLU(h, h, n)
	}
	return h, stride
}

// fuse is AdapterFusion of a site.
func (d *Decoder) fuse(s *site, in, gave, x []float32, rows int, more bool) {
	dim, n := d.m.Config.Dim, len(s.adapters)
	all := resize(&d.fused, (2*n+3)*rows*dim)
	cut := func() (piece []float32) { piece, all = all[:rows*dim], all[rows*dim:]; return piece }
	sum, z := cut(), cut()
	d.candidates = append(d.candidates[:0], cut())
	d.linear(gave, rows, dim, dim, output{y: d.candidates[0], of: linear{w: s.query}, out: dim})
	for i := range s.adapters {
		b := &s.adapters[i]
		h, stride := d.inner(b, in, gave, rows)
		d.linear(h, rows, b.size, stride, output{y: z, of: b.up, out: dim})
		key, value := cut(), cut()
		d.linear(z, rows, dim, dim, output{y: key, of: linear{w: s.key}, out: dim}, output{y: value, of: linear{w: s.value}, out: dim})
		d.candidates = append(d.candidates, key, value)
	}
	var weights []float32
	if d.seen != nil {
		weights = d.seen(s, rows)
	}
	d.d.Fuse(sum, weights, d.candidates, rows, dim)
	d.d.Add(x, x, sum, rows*dim)
	if more {
		d.d.Add(gave, gave, sum, rows*dim)
	}
}

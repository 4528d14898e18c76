package graph

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
)

// decoder builds a small Llama-style model with a loss: 2 layers, tied head, packed segments.
type decoder struct {
	g                            *Graph
	ids, positions, seg, targets *Node
	loss                         *Node
	params                       []*Node
	blocks                       []*Node // what enters each layer
	tensors                      []*compute.Tensor
}

func newDecoder(t *testing.T, seed uint64) *decoder {
	t.Helper()
	const B, T, D, V, F, H, KV, HD = 2, 7, 16, 11, 24, 4, 2, 4
	rng := rand.New(rand.NewPCG(seed, 1))
	d := &decoder{g: New()}
	param := func(name string, shape ...int) *Node {
		x := compute.New(shape...)
		for i := range x.Data {
			x.Data[i] = float32(rng.NormFloat64()) * 0.4
			if len(shape) == 1 {
				x.Data[i]++
			}
		}
		n := d.g.Param(name, x)
		d.params, d.tensors = append(d.params, n), append(d.tensors, x)
		return n
	}
	d.ids, d.positions = d.g.Ints("ids", B*T), d.g.Ints("positions", B*T)
	d.seg, d.targets = d.g.Ints("segments", B*T), d.g.Ints("targets", B*T)
	table := param("embed", V, D)
	x := Embedding(table, d.ids)
	r := func(heads int) Rotation { return Rotation{Heads: heads, Context: 16, Base: 10000} }
	for range 2 {
		d.blocks = append(d.blocks, x)
		h := RMSNorm(x, param("norm", D), 1e-5)
		q := RoPE(Linear(h, param("q", H*HD, D), param("q.bias", H*HD)), d.positions, r(H))
		k := RoPE(Linear(h, param("k", KV*HD, D), nil), d.positions, r(KV))
		v := Linear(h, param("v", KV*HD, D), nil)
		a := Attention(q, k, v, d.seg, AttentionShape{Batch: B, Length: T, Heads: H, KVHeads: KV, HeadDim: HD})
		x = Add(x, Linear(a, param("o", D, H*HD), nil))
		h = RMSNorm(x, param("norm", D), 1e-5)
		m := SwiGLU(Linear(h, param("gate", F, D), nil), Linear(h, param("up", F, D), nil))
		x = Add(x, Linear(m, param("down", D, F), nil))
	}
	x = RMSNorm(x, param("norm", D), 1e-5)
	d.loss = LinearCrossEntropy(x, table, d.targets, nil)
	if err := d.g.Err(); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *decoder) feed(t *testing.T, m *Machine) {
	t.Helper()
	for n, v := range map[*Node][]int32{
		d.ids:       {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 1, 2},
		d.positions: {0, 1, 2, 3, 0, 1, 2, 0, 1, 2, 3, 4, 5, 6},
		d.seg:       {0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0},
		d.targets:   {2, 3, 4, -100, 6, 7, 0, 9, 10, 0, 1, 1, 2, -100},
	} {
		if err := m.SetInts(n, v); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDecoderGradientsMeetFiniteDifferences(t *testing.T) {
	d := newDecoder(t, 5)
	grads, err := d.g.Grad(d.loss, d.params...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.g.Compile(Options{}, append(grads, d.loss)...)
	if err != nil {
		t.Fatal(err)
	}
	d.feed(t, m)
	run := func() float64 {
		if err := m.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		v, err := m.Scalar(d.loss)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if first, second := run(), run(); first != second || math.IsNaN(first) {
		t.Fatalf("two runs gave %v and %v", first, second)
	}
	for i, p := range d.params {
		v, err := m.Value(grads[i])
		if err != nil {
			t.Fatal(err)
		}
		g := v.Clone().Data
		// Along the gradient itself the slope is its norm: one check that every value takes part in.
		var norm float64
		for _, x := range g {
			norm += float64(x) * float64(x)
		}
		norm = math.Sqrt(norm)
		const h = 2e-3
		move := func(by float64) {
			for j := range g {
				d.tensors[i].Data[j] += float32(by * float64(g[j]) / norm)
			}
		}
		move(h)
		up := run()
		move(-2 * h)
		down := run()
		move(h)
		if slope := (up - down) / (2 * h); math.Abs(slope-norm) > 2e-2*norm+1e-4 {
			t.Errorf("%s: slope %g along the gradient, its norm is %g", p.Name(), slope, norm)
		}
	}
}

func TestSecondGradIsRefused(t *testing.T) {
	d := newDecoder(t, 7)
	if _, err := d.g.Grad(d.loss, d.params[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := d.g.Grad(d.loss, d.params[1]); !errors.Is(err, ErrGraded) {
		t.Fatalf("second Grad: %v, want ErrGraded", err)
	}
}

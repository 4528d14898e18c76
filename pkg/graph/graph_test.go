package graph_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
)

// decoder builds a small Llama-style model with a loss: 2 layers, tied head, packed segments.
type decoder struct {
	g                            *graph.Graph
	ids, positions, seg, targets *graph.Node
	loss                         *graph.Node
	params                       []*graph.Node
	tensors                      []*compute.Tensor
}

func newDecoder(t *testing.T, seed uint64) *decoder {
	t.Helper()
	const B, T, D, V, F, H, KV, HD = 2, 7, 16, 11, 24, 4, 2, 4
	rng := rand.New(rand.NewPCG(seed, 1))
	d := &decoder{g: graph.New()}
	param := func(name string, shape ...int) *graph.Node {
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
	x := graph.Embedding(table, d.ids)
	r := func(heads int) graph.Rotation { return graph.Rotation{Heads: heads, Context: 16, Base: 10000} }
	for range 2 {
		h := graph.RMSNorm(x, param("norm", D), 1e-5)
		q := graph.RoPE(graph.Linear(h, param("q", H*HD, D), param("q.bias", H*HD)), d.positions, r(H))
		k := graph.RoPE(graph.Linear(h, param("k", KV*HD, D), nil), d.positions, r(KV))
		v := graph.Linear(h, param("v", KV*HD, D), nil)
		a := graph.Attention(q, k, v, d.seg, graph.AttentionShape{Batch: B, Length: T, Heads: H, KVHeads: KV, HeadDim: HD})
		x = graph.Add(x, graph.Linear(a, param("o", D, H*HD), nil))
		h = graph.RMSNorm(x, param("norm", D), 1e-5)
		m := graph.SwiGLU(graph.Linear(h, param("gate", F, D), nil), graph.Linear(h, param("up", F, D), nil))
		x = graph.Add(x, graph.Linear(m, param("down", D, F), nil))
	}
	x = graph.RMSNorm(x, param("norm", D), 1e-5)
	d.loss = graph.LinearCrossEntropy(x, table, d.targets, nil)
	if err := d.g.Err(); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *decoder) feed(t *testing.T, m *graph.Machine) {
	t.Helper()
	for n, v := range map[*graph.Node][]int32{
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
	m, err := d.g.Compile(graph.Options{}, append(grads, d.loss)...)
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

func TestRunAllocatesNothing(t *testing.T) {
	d := newDecoder(t, 6)
	grads, err := d.g.Grad(d.loss, d.params...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.g.Compile(graph.Options{}, append(grads, d.loss)...)
	if err != nil {
		t.Fatal(err)
	}
	d.feed(t, m)
	ctx := context.Background()
	if n := testing.AllocsPerRun(20, func() {
		if err := m.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Fatalf("%v allocations a run, want none", n)
	}
}

func TestSecondGradIsRefused(t *testing.T) {
	d := newDecoder(t, 7)
	if _, err := d.g.Grad(d.loss, d.params[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := d.g.Grad(d.loss, d.params[1]); !errors.Is(err, graph.ErrGraded) {
		t.Fatalf("second Grad: %v, want ErrGraded", err)
	}
}

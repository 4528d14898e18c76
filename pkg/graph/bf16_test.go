package graph

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// With products in bfloat16 a linear layer and its gradients are the float64 products of what was rounded: eight significant
// binary digits, ties to even.
func TestProductsInBFloat16(t *testing.T) {
	d := cpu.Default()
	if err := d.BF16(); err != nil {
		t.Skipf("products in bfloat16 are NOT tested here: %v", err)
	}
	const rows, in, out = 50, 70, 40
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	x, w, bias, head := draw(rows*in), draw(out*in), draw(out), draw(out)
	g := New()
	nx, nw, nb, nh := g.Input("x", rows, in), g.Input("w", out, in), g.Input("bias", out), g.Input("head", 1, out)
	y := Linear(nx, nw, nb)
	loss := Mean(Linear(y, nh, nil)) // so the gradient of y is one product, 1/rows times head
	grads, err := g.Grad(loss, nx, nw)
	if err != nil {
		t.Fatal(err)
	}
	m, err := g.Compile(Options{Products: cpu.BFloat16}, append(grads, y)...)
	if err != nil {
		t.Fatal(err)
	}
	for n, data := range map[*Node][]float32{nx: x, nw: w, nb: bias, nh: head} {
		if err := m.SetFloats(n, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	rounded := func(v float32) float64 {
		fraction, exponent := math.Frexp(float64(v))
		return math.Ldexp(math.RoundToEven(fraction*256), exponent-8)
	}
	slope := func(o int) float64 { return rounded(float32(rounded(float32(1)/rows) * rounded(head[o]))) }
	check := func(name string, n *Node, cols, depth int, start func(i, j int) float64, term func(i, j, k int) float64) {
		t.Helper()
		value, err := m.Value(n)
		if err != nil {
			t.Fatal(err)
		}
		for at, got := range value.Data {
			i, j := at/cols, at%cols
			sum := start(i, j)
			size := math.Abs(sum)
			for k := range depth {
				v := term(i, j, k)
				sum, size = sum+v, size+math.Abs(v)
			}
			if math.Abs(float64(got)-sum) > float64(depth+2)*0x1p-24*size {
				t.Fatalf("%s: value %d %d is %g, want %g", name, i, j, got, sum)
			}
		}
	}
	zero := func(int, int) float64 { return 0 }
	check("y", y, out, in, func(_, o int) float64 { return float64(bias[o]) }, func(r, o, k int) float64 { return rounded(x[r*in+k]) * rounded(w[o*in+k]) })
	check("dx", grads[0], in, out, zero, func(r, i, o int) float64 { return slope(o) * rounded(w[o*in+i]) })
	check("dw", grads[1], in, rows, zero, func(o, i, r int) float64 { return slope(o) * rounded(x[r*in+i]) })
}

func TestCompileRefusesProducts(t *testing.T) {
	plain, err := cpu.New(cpu.Options{Level: cpu.Portable, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	g := New()
	y := Linear(g.Input("x", 2, 3), g.Input("w", 4, 3), nil)
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{Device: plain, Products: cpu.BFloat16}, "graph: Compile: linear [2 4]: compute: linear (compute.Linear) on cpu: portable, 1 threads: the device does not have this operator: cpu: products in bfloat16 need the instruction VDPBF16PS (AVX512_BF16), which level portable does not have: leave products in float32"},
		{Options{Products: cpu.Int8}, "graph: Compile: Products is int8, want float32 or bfloat16"},
	} {
		if _, err := g.Compile(c.options, y); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.options, err, c.want)
		}
	}
}

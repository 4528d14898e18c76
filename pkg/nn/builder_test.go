package nn_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

// params holds what a SwiGLU MLP of width 2 inside 2 needs.
func params(t *testing.T) *nn.Params {
	t.Helper()
	var p nn.Params
	add := func(name string, data []float32, shape ...int) {
		x, err := compute.From(data, shape...)
		if err == nil {
			err = p.Add(name, x)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	add("mlp.gate_proj.weight", []float32{1, 0, 0, 1}, 2, 2)
	add("mlp.up_proj.weight", []float32{2, 0, 0, 3}, 2, 2)
	add("mlp.down_proj.weight", []float32{1, 1, 0, 1}, 2, 2)
	add("lora", []float32{10, 0, 0, 10}, 2, 2)
	return &p
}

// run computes one node of a graph whose input x is (1, 2).
func run(t *testing.T, g *graph.Graph, x, y *graph.Node) []float32 {
	t.Helper()
	m, err := g.Compile(graph.Options{}, y)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetFloats(x, []float32{1, -2}); err != nil {
		t.Fatal(err)
	}
	if err := m.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	v, err := m.Value(y)
	if err != nil {
		t.Fatal(err)
	}
	return v.Data
}

func near(t *testing.T, got []float32, want ...float64) {
	t.Helper()
	for i, w := range want {
		if math.Abs(float64(got[i])-w) > 1e-5 {
			t.Errorf("got %v, want %v", got, want)
			return
		}
	}
}

// x = (1, -2): gate (1, -2), up (2, -6), silu(gate)·up = (2σ(1), 12σ(-2)),
// down adds both in the first and keeps the second.
var first, second = 2 / (1 + math.Exp(-1)), 12 / (1 + math.Exp(2))

func TestSwiGLU(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 1, 2)
	b := nn.NewBuilder(g, params(t), nn.Hooks{})
	y := b.SwiGLU("mlp", x)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	near(t, run(t, g, x, y), first+second, second)
	if n := len(b.Moving()); n != 3 {
		t.Errorf("%d parameters move, want 3", n)
	}
}

// Of (1, −2) the mean is −½ and the variance 2¼: with eps 4 the root is 2½ and the normed values are ±0.6.
func TestLayerNorm(t *testing.T) {
	for bias, want := range map[bool][]float64{false: {1.2, -1.8}, true: {11.2, 18.2}} {
		p := params(t)
		tensors := map[string][]float32{"ln.weight": {2, 3}}
		if bias {
			tensors["ln.bias"] = []float32{10, 20}
		}
		for name, data := range tensors {
			if err := p.Add(name, &compute.Tensor{Shape: []int{2}, Data: data}); err != nil {
				t.Fatal(err)
			}
		}
		g := graph.New()
		x := g.Input("x", 1, 2)
		b := nn.NewBuilder(g, p, nn.Hooks{})
		y := b.LayerNorm("ln", x, 4)
		if err := b.Err(); err != nil {
			t.Fatal(err)
		}
		near(t, run(t, g, x, y), want...)
		if n := len(b.Moving()); n != len(tensors) {
			t.Errorf("%d parameters move, want %d", n, len(tensors))
		}
	}
}

// Dropouts share a key; a rate of zero needs none.
func TestDropout(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 1, 2)
	b := nn.NewBuilder(g, params(t), nn.Hooks{})
	if b.Dropout(x, 0) != x || b.DropoutKey() != nil {
		t.Error("a rate of zero adds to the graph")
	}
	y := b.Dropout(b.Dropout(x, 0.25), 0.25)
	key := b.DropoutKey()
	m, err := g.Compile(graph.Options{}, y)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetFloats(x, []float32{9, 9}); err != nil {
		t.Fatal(err)
	}
	seen := map[float32]bool{}
	for step := range 40 {
		if err := m.SetInts(key, graph.DropoutKey(1, step)); err != nil {
			t.Fatal(err)
		}
		if err := m.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		v, err := m.Value(y)
		if err != nil {
			t.Fatal(err)
		}
		seen[v.Data[0]], seen[v.Data[1]] = true, true
	}
	for v := range seen { // 9 / 0.75² is 16
		if v != 0 && math.Abs(float64(v)-16) > 1e-5 || len(seen) != 2 {
			t.Errorf("values %v, want 0 and 16", seen)
		}
	}
}

// A hook adds to one layer by name, with a tensor of its own, while the base
// stays frozen: what LoRA does.
func TestHooks(t *testing.T) {
	g := graph.New()
	p := params(t)
	x := g.Input("x", 1, 2)
	var seen []string
	b := nn.NewBuilder(g, p, nn.Hooks{
		Trainable: func(string) bool { return false },
		Linear: func(b *nn.Builder, name string, x *graph.Node) *graph.Node {
			seen = append(seen, name)
			y := b.Plain(name, x)
			if name != "mlp.down_proj" {
				return y
			}
			return graph.Add(y, graph.Linear(x, b.Bind("extra", p.Get("lora"), true), nil))
		},
	})
	y := b.SwiGLU("mlp", x)
	if err := b.Err(); err != nil {
		t.Fatal(err)
	}
	near(t, run(t, g, x, y), first+second+10*first, second+10*second)
	if moving := b.Moving(); len(moving) != 1 || moving[0].Name() != "extra" {
		t.Errorf("%v move, want the extra tensor alone", moving)
	}
	if got := strings.Join(seen, " "); got != "mlp.gate_proj mlp.up_proj mlp.down_proj" {
		t.Errorf("the hook saw %s", got)
	}
}

func TestSublayerHook(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 1, 2)
	b := nn.NewBuilder(g, params(t), nn.Hooks{Sublayer: func(_ *nn.Builder, name string, in, out *graph.Node) *graph.Node {
		if name != "mlp" {
			t.Errorf("the hook was called for %q", name)
		}
		return graph.Add(in, out)
	}})
	y := b.Sublayer("mlp", x, b.SwiGLU("mlp", x))
	near(t, run(t, g, x, y), 1+first+second, -2+second)
}

func TestParamTwiceIsOneNode(t *testing.T) {
	b := nn.NewBuilder(graph.New(), params(t), nn.Hooks{})
	once := b.Param("lora")
	if again := b.Param("lora"); again != once || len(b.Moving()) != 1 {
		t.Error("asking twice made two nodes")
	}
}

func TestBuilderErrors(t *testing.T) {
	b := nn.NewBuilder(graph.New(), params(t), nn.Hooks{})
	b.Param("nobody")
	if err := b.Err(); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("an unknown parameter gives %v", err)
	}
	b = nn.NewBuilder(graph.New(), params(t), nn.Hooks{})
	b.Param("lora")
	b.Bind("lora", nn.Constant(0, 1), true)
	if err := b.Err(); err == nil || !strings.Contains(err.Error(), `"lora" is bound already`) {
		t.Errorf("binding a name twice gives %v", err)
	}
}

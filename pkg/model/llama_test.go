package model_test

import (
	"context"
	"math"
	"os"
	"testing"

	"github.com/tunebook/tunebook/pkg/checkpoint"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// vectors opens what testdata/llama.py computed with transformers in float64.
func vectors(t *testing.T, name string) (*model.Model, func(name string) []float32) {
	t.Helper()
	dir := "testdata/" + name
	m, err := model.Load(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	f, err := checkpoint.Open(os.DirFS(dir), "vectors.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return m, func(name string) []float32 {
		x, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data
	}
}

func near(t *testing.T, name string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(float64(got[i]-want[i])) <= tolerance*math.Max(1, math.Abs(float64(want[i])))) {
			t.Fatalf("%s[%d] = %g, want %g", name, i, got[i], want[i])
		}
	}
}

// The cached decoder and the training graph both give what LlamaForCausalLM gives, with tied and untied heads,
// grouped heads and biases: logits, loss and the gradient of every weight.
func TestMeetsTransformers(t *testing.T) {
	const B, T = 2, 13
	for _, name := range []string{"tied", "untied", "biased"} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			m, get := vectors(t, name)
			ids, targets := get("ids"), get("targets")
			want := get("logits")
			V := m.Config.Vocab
			whole := func(x []float32) []int32 {
				out := make([]int32, len(x))
				for i, v := range x {
					out[i] = int32(v)
				}
				return out
			}
			for b := range B {
				row := make([]int, T)
				for i := range row {
					row[i] = int(ids[b*T+i])
				}
				logits, err := m.Logits(ctx, row)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "logits", logits.Data, want[b*T*V:(b+1)*T*V], 1e-4)
			}

			g := graph.New()
			in := model.Inputs{IDs: g.Ints("ids", B*T), Positions: g.Ints("positions", B*T), Segments: g.Ints("segments", B*T), Batch: B, Length: T}
			out, err := m.Build(g, in, nn.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			target := g.Ints("targets", B*T)
			loss := graph.LinearCrossEntropy(out.Hidden, out.Head, target, nil)
			grads, err := g.Grad(loss, out.Params...)
			if err != nil {
				t.Fatal(err)
			}
			machine, err := g.Compile(graph.Options{}, append(grads, loss)...)
			if err != nil {
				t.Fatal(err)
			}
			positions := make([]int32, B*T)
			for i := range positions {
				positions[i] = int32(i % T)
			}
			for n, v := range map[*graph.Node][]int32{in.IDs: whole(ids), in.Positions: positions, in.Segments: make([]int32, B*T), target: whole(targets)} {
				if err := machine.SetInts(n, v); err != nil {
					t.Fatal(err)
				}
			}
			if err := machine.Run(ctx); err != nil {
				t.Fatal(err)
			}
			value := func(n *graph.Node) *compute.Tensor {
				v, err := machine.Value(n)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			near(t, "loss", value(loss).Data, get("loss"), 1e-5)
			for i, p := range out.Params {
				near(t, p.Name(), value(grads[i]).Data, get("grad."+p.Name()), 1e-4)
			}
		})
	}
}

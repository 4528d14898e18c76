package graph

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// weighOp is Σ weight·x, a scalar: it gives every value of a specimen a gradient of its own.
type weighOp struct{ weights []float32 }

func (*weighOp) Name() string                 { return "test.weigh" }
func (*weighOp) Shape([]*Node) ([]int, error) { return nil, nil }
func (o *weighOp) Reference(out []float64, in []Value) {
	out[0] = 0
	for i, v := range in[0].Floats {
		out[0] += float64(o.weights[i]) * v
	}
}
func (o *weighOp) Backward(in []*Node, _, grad *Node) []*Node {
	return []*Node{apply(&weighBackOp{weights: o.weights, shape: in[0].shape}, grad)}
}
func (o *weighOp) Bind(b *Binding) (func(), error) { return onHost(b, o) }

type weighBackOp struct {
	noSecond
	weights []float32
	shape   []int
}

func (*weighBackOp) Name() string                   { return "test.weigh.dx" }
func (o *weighBackOp) Shape([]*Node) ([]int, error) { return o.shape, nil }
func (o *weighBackOp) Reference(out []float64, in []Value) {
	for i := range out {
		out[i] = in[0].Floats[0] * float64(o.weights[i])
	}
}
func (o *weighBackOp) Bind(b *Binding) (func(), error) { return onHost(b, o) }

// onHost runs a test's own operator, which no device has, as its reference.
func onHost(b *Binding, o Operator) (func(), error) {
	if d, ok := b.Device.(*exact); ok {
		return d.own(b, o)
	}
	out, in := hostFloats(b.Out[0]), make([]Value, len(b.In))
	return func() {
		for i, x := range b.In {
			in[i] = Value{Shape: b.Nodes[i].shape, Floats: widen(hostFloats(x))}
		}
		wide := make([]float64, len(out))
		o.Reference(wide, in)
		for i, v := range wide {
			out[i] = float32(v)
		}
	}, nil
}

// hostFloats are the values of a buffer of the CPU.
func hostFloats(b compute.Buffer) []float32 { return b.(compute.HostFloats) }

// trial is a specimen under a loss, differentiated by gorgonia.
type trial struct {
	*bench
	out, loss *Node
	grads     []*Node
}

func (s specimen) trial(t *testing.T) trial {
	t.Helper()
	b, out := newBench(s)
	if err := b.g.Err(); err != nil {
		t.Fatalf("%v: %v", s, err)
	}
	loss := apply(&weighOp{b.tensor(out.size()).Data}, out)
	grads, err := b.g.Grad(loss, b.moving...)
	if err != nil {
		t.Fatalf("%v: %v", s, err)
	}
	return trial{b, out, loss, grads}
}

func (t trial) all() []*Node { return append([]*Node{t.out, t.loss}, t.grads...) }

// slow computes the outputs in float64 by walking the references; moved replaces values of leaves.
func slow(moved map[*Node][]float64, outputs ...*Node) map[*Node][]float64 {
	memory := map[*Node][]float64{}
	for _, n := range needed(outputs) {
		switch {
		case n.op == nil && moved[n] != nil:
			memory[n] = moved[n]
		case n.op == nil:
			memory[n] = widen(n.floats)
		default:
			in := make([]Value, len(n.inputs))
			for i, from := range n.inputs {
				in[i] = Value{Shape: from.shape, Floats: memory[from], Ints: from.ints}
			}
			memory[n] = make([]float64, n.size())
			n.op.Reference(memory[n], in)
		}
	}
	return memory
}

// Central differences over four points, (8(f(h)−f(−h)) − (f(2h)−f(−2h))) / 12h, are off by h⁴/30 times the fifth
// derivative, 3e-14 of it for h = 1e-3. Rounding adds about 1.5·n·2⁻⁵³·S/h for sums of n terms of total size S, 2e-11·S
// for n = 100. No specimen's fifth derivative comes near 1e4, so 1e-9·S holds with room, and a wrong factor of one in a
// million does not.
const (
	stride    = 1e-3
	tolerance = 1e-9
)

func TestBackwardMeetsFiniteDifferences(t *testing.T) {
	for _, s := range catalog() {
		t.Run(s.String(), func(t *testing.T) {
			x := s.trial(t)
			values := slow(nil, x.all()...)
			size := 1.0
			for i, v := range values[x.out] {
				size += math.Abs(v * float64(x.loss.op.(*weighOp).weights[i]))
			}
			for i, leaf := range x.moving {
				if !slices.Equal(x.grads[i].shape, leaf.shape) {
					t.Fatalf("the gradient of %v has shape %v", leaf, x.grads[i].shape)
				}
				at := widen(leaf.floats)
				moved := map[*Node][]float64{leaf: at}
				for j, v := range at {
					f := func(by float64) float64 {
						at[j] = v + by*stride
						return slow(moved, x.loss)[x.loss][0]
					}
					want := (8*(f(1)-f(-1)) - (f(2) - f(-2))) / (12 * stride)
					at[j] = v
					if got := values[x.grads[i]][j]; !(math.Abs(got-want) <= tolerance*size) {
						t.Fatalf("input %d [%d]: gradient %.12g, differences give %.12g", i, j, got, want)
					}
				}
			}
		})
	}
}

// devices are all levels of this processor, alone and with more workers than there is work for.
func devices(t *testing.T) []*cpu.Device {
	t.Helper()
	var list []*cpu.Device
	for _, level := range cpu.Levels() {
		for _, threads := range workers {
			d, err := cpu.New(cpu.Options{Level: level, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(d.Close)
			list = append(list, d)
		}
	}
	return list
}

// poison makes every value that a machine computes a NaN, so that whoever reads before it writes is seen.
func (m *Machine) poison() {
	for n, value := range m.memory {
		if n.op != nil {
			for i := range hostFloats(value) {
				hostFloats(value)[i] = float32(math.NaN())
			}
		}
	}
}

// far is how far float32 may be from float64 for a sum of so many terms: each addition and each product rounds by 2⁻²⁴
// of what stands there, the vectorised exp by 2⁻²¹ (8 roundings), and the values that the specimens use keep partial
// sums below size. Three operators follow each other in a trial.
func far(terms int, size float64) float64 { return 3 * float64(terms+8) * 0x1p-24 * size }

func largest(x []float64) float64 {
	size := 1.0
	for _, v := range x {
		size = math.Max(size, math.Abs(v))
	}
	return size
}

// Every node of every plan, forward and backward, is what its float64 reference says, at each level.
func TestFastMeetsReference(t *testing.T) {
	for _, d := range devices(t) {
		for _, s := range catalog() {
			for mode, name := range map[Mode]string{Train: "train", Inspect: "inspect"} {
				t.Run(fmt.Sprintf("%v/%d/%v/%s", d.Level(), d.Threads(), s, name), func(t *testing.T) {
					x := s.trial(t)
					m, err := x.g.Compile(Options{Device: d, Mode: mode}, x.all()...)
					if err != nil {
						t.Fatal(err)
					}
					for n, values := range x.ints { // the ranges that SetInts accepts let the specimen through
						if err := m.SetInts(n, values); err != nil {
							t.Fatal(err)
						}
					}
					m.poison()
					if err := m.Run(context.Background()); err != nil {
						t.Fatal(err)
					}
					look := x.all()
					if mode == Inspect {
						look = needed(look)
					}
					want := slow(nil, look...)
					for _, n := range look {
						if n.ints != nil {
							continue
						}
						v, err := m.Value(n)
						if err != nil {
							t.Fatal(err)
						}
						if !slices.Equal(v.Shape, n.shape) {
							t.Fatalf("%v: the value has shape %v", n, v.Shape)
						}
						terms := s.terms
						if n == x.loss {
							terms += x.out.size()
						}
						allowed := far(terms, largest(want[n]))
						for i, v := range v.Data {
							if !(math.Abs(float64(v)-want[n][i]) <= allowed) {
								t.Fatalf("%v[%d] = %.8g, want %.8g within %.1g", n, i, v, want[n][i], allowed)
							}
						}
					}
				})
			}
		}
	}
}

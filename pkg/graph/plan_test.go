package graph

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// The printed plan has a line for each step and the numbers of the summary, which are arithmetic.
func TestPlanIsPrinted(t *testing.T) {
	const rows, in, out = 40, 300, 500
	g := New()
	x, w := g.Input("x", rows, in), g.Input("w", out, in)
	loss := Mean(Linear(x, w, nil))
	grads, err := g.Grad(loss, x, w)
	if err != nil {
		t.Fatal(err)
	}
	m, err := g.Compile(Options{}, append(grads, loss)...)
	if err != nil {
		t.Fatal(err)
	}
	p := m.Plan()
	if want := 3. * 2 * rows * in * out; p.FLOPs() != want {
		t.Errorf("%g FLOPs for three products of 2·%d·%d·%d", p.FLOPs(), rows, in, out)
	}
	// Values: the product and its gradient, both parameters' gradients, and one line of the cache for the scalar.
	if want := 4 * (2*rows*out + rows*in + out*in + 16); p.Values != want {
		t.Errorf("values take %d bytes, want %d", p.Values, want)
	}
	if want := 4 * (rows*in + out*in + 1); p.Bound != want { // one: where the gradient starts
		t.Errorf("inputs take %d bytes, want %d", p.Bound, want)
	}
	lines := strings.Split(strings.TrimSuffix(p.String(), "\n"), "\n")
	if len(lines) != 3+len(p.Steps) {
		t.Fatalf("%d lines for %d steps:\n%v", len(lines), len(p.Steps), p)
	}
	if want := "5 steps, 0.04 GFLOP"; !strings.HasPrefix(lines[0], want) || !strings.Contains(lines[0], fmt.Sprintf("%.1f MB of inputs", float64(p.Bound)/1e6)) {
		t.Errorf("summary %q, want %q …", lines[0], want)
	}
	// 12 MFLOP a product and 80 kB for its result; the ends of the columns stand below those of the header.
	product := "linear     [40 500]         12.000        80.000  linear"
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasSuffix(l, product) }) {
		t.Errorf("no line ends with %q:\n%v", product, p)
	}
	if want := fmt.Sprintf("total 36.000 %.3f", float64(p.Values)/1e3); strings.Join(strings.Fields(lines[len(lines)-1]), " ") != want {
		t.Errorf("totals %q, want %q", lines[len(lines)-1], want)
	}
	var bytes int
	for i, s := range p.Steps {
		bytes += s.Bytes
		line := lines[2+i]
		if want := regexp.MustCompile(fmt.Sprintf(`^ *%d +%s +%s +[0-9.]+ +[0-9.]+ +%s$`, i, regexp.QuoteMeta(s.Op), regexp.QuoteMeta(fmt.Sprint(s.Shape)), regexp.QuoteMeta(s.Name))); !want.MatchString(line) {
			t.Errorf("line %q does not match %v", line, want)
		}
		for _, column := range []string{"MFLOP", "kB"} {
			end := strings.Index(lines[1], column) + len(column)
			if line[end-1] == ' ' || line[end] != ' ' {
				t.Errorf("column %s of %q does not end below its header", column, line)
			}
		}
	}
	if bytes != p.Values {
		t.Errorf("the steps take %d bytes, the plan says %d", bytes, p.Values)
	}
	if reads := p.Steps[0].Inputs; !slices.Equal(reads, []string{"x", "w"}) {
		t.Errorf("the product reads %v", reads)
	}
}

// The gradients of a loss that nobody scales are in place when the loss is there: the two are one step, and the plan has
// no copy of them. A machine that copies them, and one that scales, have the same bits.
func TestGradientsOfALossAreInPlace(t *testing.T) {
	const rows, dim, vocab = 300, 20, 40
	build := func(scale float64, mode Mode, device *cpu.Device) (*Machine, [][]float32) {
		b := &bench{g: New(), rng: rand.New(rand.NewPCG(1, 1)), ints: map[*Node][]int32{}}
		x, w := b.x(rows, dim), b.x(vocab, dim)
		loss := LinearCrossEntropy(x, w, b.integers(b.some(rows, vocab)...), nil)
		if scale != 1 {
			loss = Scale(loss, scale)
		}
		grads, err := b.g.Grad(loss, x, w)
		if err != nil {
			t.Fatal(err)
		}
		m, err := b.g.Compile(Options{Device: device, Mode: mode}, append(grads, loss)...)
		if err != nil {
			t.Fatal(err)
		}
		m.poison()
		return m, rerun(t, m, append(grads, loss)...)
	}
	for _, device := range devices(t) {
		for _, c := range []struct {
			scale    float64
			mode     Mode
			together bool
		}{{1, Train, true}, {1, Inspect, false}, {0.25, Train, false}} {
			m, got := build(c.scale, c.mode, device)
			_, want := build(1, Inspect, device)
			for i := range want {
				for j, v := range want[i] {
					if got[i][j] != v*float32(c.scale) {
						t.Fatalf("scale %g, mode %v: output %d [%d] is %g, want %g", c.scale, c.mode, i, j, got[i][j], v*float32(c.scale))
					}
				}
			}
			apart := slices.ContainsFunc(m.steps, func(s step) bool { _, second := s.node.op.(*entropyBackOp); return second })
			if apart == c.together {
				t.Errorf("scale %g, mode %v: the loss and its gradients are apart: %v", c.scale, c.mode, apart)
			}
			// Both gradients and three products: the logits, and one for each.
			if p := m.Plan(); p.FLOPs() != 6*rows*dim*vocab || c.together && p.Arena != 4*(rows*dim+vocab*dim+align) {
				t.Errorf("scale %g, mode %v: %g FLOPs in an arena of %d bytes", c.scale, c.mode, p.FLOPs(), p.Arena)
			}
		}
	}
}

// live is the most bytes that must be alive at once: a value lives from the step that makes it to its last reader's,
// outputs to the end; what is added to in place is one value. No arena can be smaller.
func live(m *Machine) (peak int) {
	type life struct{ first, last, size int }
	values := map[*float32]*life{} // by where they begin, of one time after another
	var all []*life
	born := func(i int, x []float32) {
		if v := values[&x[0]]; v == nil || v.last < i { // otherwise added to in place
			values[&x[0]] = &life{i, i, 4 * len(x)}
			all = append(all, values[&x[0]])
		}
	}
	for i, s := range m.steps {
		for _, in := range s.node.inputs {
			if in.op != nil {
				values[&hostFloats(m.memory[in])[0]].last = i
			}
		}
		if outs := s.outs; outs != nil {
			for _, x := range outs {
				born(i, hostFloats(x))
			}
		} else {
			born(i, hostFloats(m.memory[s.node]))
		}
	}
	for n := range m.outputs {
		values[m.place(n)].last = len(m.steps)
	}
	for i := range m.steps {
		sum := 0
		for _, v := range all {
			if v.first <= i && i <= v.last {
				sum += v.size
			}
		}
		peak = max(peak, sum)
	}
	return peak
}

// wide is a model large enough that what a machine takes is its values.
func wide(t *testing.T) (*Graph, []*Node) {
	t.Helper()
	return stack(t, 512, 64, 192, 6)
}

// stack is a model of rows / 64 sequences with its gradients; what enters a layer is marked.
func stack(t *testing.T, rows, D, F, layers int) (*Graph, []*Node) {
	t.Helper()
	const T, V = 64, 512
	B := rows / T
	g := New()
	var params []*Node
	param := func(shape ...int) *Node {
		n := g.Param("w", compute.New(shape...))
		params = append(params, n)
		return n
	}
	table, ids, targets := param(V, D), g.Ints("ids", B*T), g.Ints("targets", B*T)
	x := Embedding(table, ids)
	for range layers {
		x.Keep()
		h := RMSNorm(x, param(D), 1e-5)
		q, k, v := Linear(h, param(D, D), nil), Linear(h, param(D, D), nil), Linear(h, param(D, D), nil)
		x = Add(x, Linear(Attention(q, k, v, nil, heads(B, T, 4, 4, D/4)), param(D, D), nil))
		h = RMSNorm(x, param(D), 1e-5)
		x = Add(x, Linear(SwiGLU(Linear(h, param(F, D), nil), Linear(h, param(F, D), nil)), param(D, F), nil))
	}
	loss := LinearCrossEntropy(x, table, targets, nil)
	grads, err := g.Grad(loss, params...)
	if err != nil {
		t.Fatal(err)
	}
	return g, append(grads, loss)
}

// The arena is within 1.3 of what must be alive at once. What everything together takes from the runtime, from the
// parameters to the graph's nodes and the kernels' scratch memory, is within 1.3 of what the plan says.
func TestMemoryIsThePlans(t *testing.T) {
	runtime.GC()
	runtime.GC() // what other tests left in pools goes in the second
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g, outputs := wide(t)
	device, err := cpu.New(cpu.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	m, err := g.Compile(Options{Device: device}, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	p := m.Plan()
	taken := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	peak := live(m)
	t.Logf("alive at once %d, arena %d, values apart %d, inputs %d, taken %d bytes", peak, p.Arena, p.Values, p.Bound, taken)
	if p.Arena < peak || float64(p.Arena) > 1.3*float64(peak) {
		t.Errorf("the arena has %d bytes, %d must be alive at once", p.Arena, peak)
	}
	if planned := p.Bytes(); float64(taken) < 0.98*float64(planned) || float64(taken) > 1.3*float64(planned) {
		t.Errorf("model and machine took %d bytes, the plan says %d", taken, planned)
	}
	apart, err := g.Compile(Options{Device: device, Unfused: true}, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	if inspect, err := g.Compile(Options{Mode: Inspect}, outputs...); err != nil || inspect.Plan().Arena != apart.Plan().Values {
		t.Errorf("Inspect keeps all values, %d bytes, in %d (%v)", apart.Plan().Values, inspect.Plan().Arena, err)
	}
	runtime.KeepAlive(m)
	runtime.KeepAlive(outputs)
}

// Frozen weights cost nothing: with the last layer's weight alone moving, the plan has the products of its gradient and no
// other gradient of a weight, neither below it nor of the head, and the values are those of the plan that has them all.
func TestFrozenWeightsHaveNoGradients(t *testing.T) {
	build := func(all bool) (*Machine, []*Node) {
		g := New()
		ids, targets := g.Ints("ids", 4), g.Ints("targets", 4)
		table, below, last, head := g.Param("table", ramp(5, 3)), g.Param("below", ramp(3, 3)), g.Param("last", ramp(3, 3)), g.Param("head", ramp(6, 3))
		x := Linear(Linear(Embedding(table, ids), below, nil), last, nil)
		wrt := []*Node{last}
		if all {
			wrt = append(wrt, table, below, head)
		}
		loss := LinearCrossEntropy(x, head, targets, nil)
		grads, err := g.Grad(loss, wrt...)
		if err != nil {
			t.Fatal(err)
		}
		outputs := append(grads, loss)
		m, err := g.Compile(Options{}, outputs...)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(m.SetInts(ids, []int32{1, 2, 0, 4}), m.SetInts(targets, []int32{5, 0, 1, 1}), m.Run(context.Background())); err != nil {
			t.Fatal(err)
		}
		return m, outputs
	}
	frozen, out := build(false)
	var ops []string
	for _, s := range frozen.Plan().Steps {
		ops = append(ops, s.Op)
	}
	if want := []string{"embedding", "linear", "linear", "cross-entropy+dx", "linear.dw"}; !slices.Equal(ops, want) {
		t.Errorf("the plan is %q, want %q", ops, want)
	}
	// 4 rows: two layers and a gradient of 3 × 3, a head of 6 × 3 forward and back, 2 operations for each weight and row.
	if got, want := frozen.Plan().FLOPs(), 2*4*(3*9+2*18.); got != want {
		t.Errorf("%g operations, want %g", got, want)
	}
	moving, all := build(true)
	for i, n := range []*Node{all[0], all[len(all)-1]} {
		want, errAll := moving.Value(n)
		got, err := frozen.Value(out[i])
		if err = errors.Join(err, errAll); err != nil || !slices.Equal(got.Data, want.Data) {
			t.Errorf("%v is %v with the rest frozen, %v without (%v)", n, got, want, err)
		}
	}
}

// ramp is a tensor of small values that differ.
func ramp(shape ...int) *compute.Tensor {
	x := compute.New(shape...)
	for i := range x.Data {
		x.Data[i] = float32(i%7-3) / 4
	}
	return x
}

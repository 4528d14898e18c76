package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// trained is a decoder with all gradients, and what to ask a machine for.
func trained(t *testing.T, seed uint64) (*decoder, []*Node) {
	t.Helper()
	d := newDecoder(t, seed)
	grads, err := d.g.Grad(d.loss, d.params...)
	if err != nil {
		t.Fatal(err)
	}
	return d, append(grads, d.loss)
}

func (d *decoder) compile(t *testing.T, o Options, outputs ...*Node) *Machine {
	t.Helper()
	m, err := d.g.Compile(o, outputs...)
	if err != nil {
		t.Fatal(err)
	}
	d.feed(t, m)
	return m
}

// A gradient asked for alone is the one that comes with all others.
func TestOutputsAloneAndTogether(t *testing.T) {
	for _, s := range catalog() {
		x := s.trial(t)
		together := run(t, x.g, Options{}, x.all()...)
		for i, n := range x.all() {
			if alone := run(t, x.g, Options{}, n)[0]; !slices.Equal(alone, together[i]) {
				t.Errorf("%v: %v alone is %v, with all others %v", s, n, alone, together[i])
			}
		}
	}
}

// Step goes through the plan in order; after each step the node has the value that a whole run gives it, and later
// nodes have not been touched.
func TestStep(t *testing.T) {
	ctx := context.Background()
	d, outputs := trained(t, 9)
	whole, m := d.compile(t, Options{Mode: Inspect}, outputs...), d.compile(t, Options{Mode: Inspect}, outputs...)
	if err := whole.Run(ctx); err != nil {
		t.Fatal(err)
	}
	steps := m.Plan().Steps
	for round := range 2 { // after the last step it starts over
		m.poison()
		for i, want := range steps {
			n, err := m.Step(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if n == nil || n.Name() != want.Name || n.Op() != want.Op || !slices.Equal(n.Shape(), want.Shape) {
				t.Fatalf("round %d, step %d is %v, the plan says %+v", round, i, n, want)
			}
			got, err := m.Value(n)
			if err != nil {
				t.Fatal(err)
			}
			if reference, err := whole.Value(n); err != nil || !slices.Equal(got.Data, reference.Data) {
				t.Fatalf("%v is %v after its step, %v after a run (%v)", n, got, reference, err)
			}
			if i+1 == len(steps) {
				continue
			}
			for next := range m.memory {
				if next.name == steps[i+1].Name && !math.IsNaN(float64(hostFloats(m.memory[next])[0])) {
					t.Fatalf("%v has a value before its step", next)
				}
			}
		}
		if n, err := m.Step(ctx); n != nil || err != nil {
			t.Fatalf("after the last step: %v, %v, want nil", n, err)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := m.Step(stopped); !errors.Is(err, context.Canceled) {
		t.Errorf("a step of a cancelled context: %v", err)
	}
}

// An Inspect machine has every node of its plan, a Train machine what was asked for and the inputs. Both say why not.
func TestValue(t *testing.T) {
	d, outputs := trained(t, 10)
	beside := Scale(d.params[0], 2) // not in the plan
	for mode, name := range map[Mode]string{Train: "train", Inspect: "inspect"} {
		m := d.compile(t, Options{Mode: mode}, outputs...)
		if err := m.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, n := range needed(outputs) {
			v, err := m.Value(n)
			switch dead := n.op != nil && !slices.Contains(outputs, n) && mode == Train; {
			case n.ints != nil:
				if err == nil || !strings.Contains(err.Error(), "integers") || !strings.Contains(err.Error(), n.name) {
					t.Errorf("%s: integers %v: %v", name, n, err)
				}
			case dead:
				if err == nil || !strings.Contains(err.Error(), n.name) || !strings.Contains(err.Error(), "graph.Inspect") {
					t.Errorf("%s: %v: error %v, want one that names it and the way out", name, n, err)
				}
			case err != nil || !slices.Equal(v.Shape, n.shape):
				t.Errorf("%s: %v is %v, %v", name, n, v, err)
			}
		}
		if _, err := m.Value(beside); err == nil || !strings.Contains(err.Error(), beside.name) || !strings.Contains(err.Error(), "not in this plan") {
			t.Errorf("%s: a node beside the plan: %v", name, err)
		}
		if _, err := m.Value(nil); err == nil {
			t.Errorf("%s: nil has a value", name)
		}
		if _, err := m.Scalar(outputs[0]); err == nil || !strings.Contains(err.Error(), fmt.Sprint(outputs[0].shape)) {
			t.Errorf("%s: the scalar of %v: %v", name, outputs[0], err)
		}
		if _, err := m.Step(context.Background()); (err == nil) != (mode == Inspect) {
			t.Errorf("%s: Step gives %v", name, err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	g := New()
	x := g.Input("x", 1)
	for name, outputs := range map[string][]*Node{"nothing": nil, "nil": {x, nil}, "foreign": {New().Input("y", 1)}} {
		if _, err := g.Compile(Options{}, outputs...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// An input alone is a plan without steps.
	if got := run(t, g, Options{}, x)[0]; !slices.Equal(got, []float32{0}) {
		t.Errorf("an input alone is %v", got)
	}
}

// gate is an operator that tells when it runs and waits.
type gate struct {
	noSecond
	inside, open chan bool
}

func (*gate) Name() string                        { return "test.gate" }
func (*gate) Shape(in []*Node) ([]int, error)     { return in[0].shape, nil }
func (*gate) Reference(out []float64, in []Value) { copy(out, in[0].Floats) }
func (o *gate) Bind(b *Binding) (func(), error) {
	return func() {
		o.inside <- true
		<-o.open
		copy(hostFloats(b.Out[0]), hostFloats(b.In[0]))
	}, nil
}

// A machine that runs refuses a second goroutine. Building one graph in two goroutines is documented as not allowed.
func TestSecondGoroutineIsRefused(t *testing.T) {
	ctx := context.Background()
	g := New()
	o := &gate{inside: make(chan bool), open: make(chan bool)}
	out := apply(o, g.Param("x", vector(7)))
	m, err := g.Compile(Options{Mode: Inspect}, out)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	<-o.inside
	for name, call := range map[string]func() error{
		"Run":  func() error { return m.Run(ctx) },
		"Step": func() error { _, err := m.Step(ctx); return err },
	} {
		answer := make(chan error, 1)
		go func() { answer <- call() }()
		select {
		case err := <-answer:
			if !errors.Is(err, ErrBusy) {
				t.Errorf("%s beside a run: %v, want ErrBusy", name, err)
			}
		case <-o.inside:
			t.Fatalf("%s beside a run is inside an operator, too", name)
		}
	}
	o.open <- true
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if v, err := m.Scalar(out); err != nil || v != 7 {
		t.Errorf("value %v, %v", v, err)
	}
}

// Graphs of their own, in goroutines of their own, share nothing: run it with -race.
func TestGraphsInParallel(t *testing.T) {
	want := func() float32 { d, out := trained(t, 11); return value(t, d.compile(t, Options{}, out...), d.loss) }()
	results := make(chan float32)
	for range 4 {
		go func() {
			d, out := trained(t, 11)
			results <- value(t, d.compile(t, Options{}, out...), d.loss)
		}()
	}
	for range 4 {
		if got := <-results; got != want {
			t.Errorf("loss %g beside others, %g alone", got, want)
		}
	}
}

func value(t *testing.T, m *Machine, n *Node) float32 {
	if err := m.Run(context.Background()); err != nil {
		t.Error(err)
	}
	v, err := m.Scalar(n)
	if err != nil {
		t.Error(err)
	}
	return float32(v)
}

// A run that was stopped says where; the next one is whole again.
func TestRunStops(t *testing.T) {
	d, outputs := trained(t, 12)
	m := d.compile(t, Options{}, outputs...)
	want := rerun(t, m, outputs...)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.Run(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), m.Plan().Steps[0].Name) {
		t.Errorf("a cancelled run: %v", err)
	}
	for i, got := range rerun(t, m, outputs...) {
		if !slices.Equal(got, want[i]) {
			t.Errorf("output %d is another after a stopped run", i)
		}
	}
}

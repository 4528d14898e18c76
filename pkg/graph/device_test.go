package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/compute/reference"
	"github.com/tunebook/tunebook/pkg/optim"
)

// exact is a device as unlike the CPU as the interface allows: its memory is its own, in float64, and it does nothing before
// it must, when somebody waits. Its operators are the plain loops of compute/reference.
type exact struct {
	queue  []func() error
	bound  []compute.Op
	lacks  string // the operator that it does not have
	breaks string // the operator that fails when it runs
	room   int    // values that it still has memory for
}

func newExact() *exact { return &exact{room: math.MaxInt} }

// cells are a buffer of exact.
type cells struct {
	owner  *exact
	floats []float64
	ints   []int32
}

func (c *cells) Len() int { return len(c.floats) + len(c.ints) }
func (c *cells) Type() compute.Type {
	if c.ints != nil {
		return compute.Int32
	}
	return compute.Float32
}
func (c *cells) Slice(from, to int) compute.Buffer {
	if c.ints != nil {
		return &cells{c.owner, nil, c.ints[from:to:to]}
	}
	return &cells{c.owner, c.floats[from:to:to], nil}
}

func (d *exact) String() string { return "exact: a device of this test" }
func (d *exact) Scratch() int   { return 0 }
func (d *exact) take(n int) error {
	if n > d.room {
		return fmt.Errorf("exact: no room for %d values, there is some for %d", n, d.room)
	}
	d.room -= n
	return nil
}
func (d *exact) Floats(n int) (compute.Buffer, error) {
	return &cells{d, make([]float64, n), nil}, d.take(n)
}
func (d *exact) Ints(n int) (compute.Buffer, error) {
	return &cells{d, nil, make([]int32, n)}, d.take(n)
}

func (d *exact) Copy(to, from compute.Buffer) error {
	if to.Len() != from.Len() || to.Type() != from.Type() {
		return fmt.Errorf("exact: copy of %d %v to %d %v", from.Len(), from.Type(), to.Len(), to.Type())
	}
	switch from := from.(type) {
	case compute.HostFloats:
		values := widen(from) // as it is now: the host may write to it at once
		d.later(func() error { copy(to.(*cells).floats, values); return nil })
	case compute.HostInts:
		values := slices.Clone(from)
		d.later(func() error { copy(to.(*cells).ints, values); return nil })
	case *cells:
		d.later(func() error {
			for i, v := range from.floats {
				to.(compute.HostFloats)[i] = float32(v)
			}
			return nil
		})
	}
	return nil
}

func (d *exact) later(f func() error) { d.queue = append(d.queue, f) }

func (d *exact) Sync() error {
	var errs []error
	for _, f := range d.queue {
		errs = append(errs, f())
	}
	d.queue = nil
	return errors.Join(errs...)
}

func (d *exact) Bind(op compute.Op, out, in []compute.Buffer) (compute.Bound, error) {
	if op.Name() == d.lacks {
		return compute.Bound{}, compute.Unsupported(d, op)
	}
	if err := compute.Check(op, out, in); err != nil {
		return compute.Bound{}, err
	}
	var to [][]float64
	var from []reference.Value
	for _, b := range out {
		to = append(to, b.(*cells).floats)
	}
	for _, b := range in {
		from = append(from, reference.Value{Floats: b.(*cells).floats, Ints: b.(*cells).ints})
	}
	if err := inPlace(op, out, in); err != nil {
		return compute.Bound{}, err
	}
	d.bound = append(d.bound, op)
	return compute.Bound{Bytes: 1, Run: func() {
		d.later(func() error {
			if op.Name() == d.breaks {
				return fmt.Errorf("exact: %s is broken", op.Name())
			}
			return reference.Run(op, to, from)
		})
	}}, nil
}

// inPlace refuses an output that overlaps an input, unless it has that input's buffer and the description allows it.
func inPlace(op compute.Op, out, in []compute.Buffer) error {
	outs, _ := op.Args()
	for i, a := range out {
		for j, b := range in {
			x, y := a.(*cells).floats, b.(*cells).floats
			if len(x) == 0 || len(y) == 0 || !overlap(x, y) {
				continue
			}
			if &x[0] != &y[0] || len(x) != len(y) || !slices.Contains(outs[i].Over, j) {
				return fmt.Errorf("exact: %s: output %d lies in input %d, where it may lie in %v", op.Name(), i, j, outs[i].Over)
			}
		}
	}
	return nil
}

func overlap(x, y []float64) bool {
	from := func(x []float64) uintptr { return uintptr(unsafe.Pointer(&x[0])) }
	return from(x) < from(y)+8*uintptr(len(y)) && from(y) < from(x)+8*uintptr(len(x))
}

// own runs a test's own operator.
func (d *exact) own(b *Binding, o Operator) (func(), error) {
	var in []Value
	for i, x := range b.In {
		in = append(in, Value{Shape: b.Nodes[i].shape, Floats: x.(*cells).floats, Ints: x.(*cells).ints})
	}
	return func() { d.later(func() error { o.Reference(b.Out[0].(*cells).floats, in); return nil }) }, nil
}

// away is how far a value of exact may be from the reference: float32 where it comes back, and where tables of rotations go
// there. Few values depend on more than four rotations.
func away(size float64) float64 { return 8 * 0x1p-24 * size }

// Every operator and its derivative runs on another device as it does on the CPU: from leaves that go there to values that
// come back.
func TestCatalogOnAnotherDevice(t *testing.T) {
	for _, mode := range []Mode{Train, Inspect} {
		for _, s := range catalog() {
			x := s.trial(t)
			d := newExact()
			want := slow(nil, x.all()...)
			for i, got := range run(t, x.g, Options{Device: d, Mode: mode}, x.all()...) {
				n := x.all()[i]
				for j, v := range got {
					if !(math.Abs(float64(v)-want[n][j]) <= away(largest(want[n]))) {
						t.Fatalf("%v, mode %v: %v[%d] is %.9g, want %.9g", s, mode, n, j, v, want[n][j])
					}
				}
			}
			if len(d.bound) == 0 && s.constructor != "Dropout" { // with a rate of zero there is none
				t.Errorf("%v: the device got no operator", s)
			}
		}
	}
}

// The loss and all gradients of a decoder, fused and not, kept and computed again, and as a learner steps through them.
func TestDecoderOnAnotherDevice(t *testing.T) {
	for _, o := range []Options{{}, {Unfused: true}, {Recompute: true}, {Mode: Inspect}} {
		d, outputs := trained(t, 17)
		for _, n := range d.blocks {
			n.Keep()
		}
		device := newExact()
		o.Device = device
		m := d.compile(t, o, outputs...)
		got, want := rerun(t, m, outputs...), slow(nil, outputs...)
		for i, n := range outputs {
			for j, v := range got[i] {
				if !(math.Abs(float64(v)-want[n][j]) <= away(largest(want[n]))) {
					t.Fatalf("%+v: %v[%d] is %.9g, want %.9g", o, n, j, v, want[n][j])
				}
			}
		}
		adds := slices.ContainsFunc(device.bound, func(op compute.Op) bool { linear, ok := op.(compute.Linear); return ok && linear.Add })
		if fused := o.Mode == Train && !o.Unfused; adds != fused {
			t.Errorf("%+v: products that add: %v", o, adds)
		}
		// What the machine and its operators hold: the plan counts a byte for each that this device says it took, and the table
		// of rotations, cosines and sines of 16 positions and two pairs.
		if p := m.Plan(); p.Scratch != 0 || p.Own < 4*2*16*2+len(device.bound) {
			t.Errorf("%+v: %d operators hold %d bytes, scratch %d", o, len(device.bound), p.Own, p.Scratch)
		}
		if p, err := m.Profile(context.Background(), 2); err != nil || len(p.Steps) != len(m.steps) {
			t.Errorf("%+v: a profile of %d steps (%v)", o, len(p.Steps), err)
		}
	}
	d, outputs := trained(t, 17)
	m, want := d.compile(t, Options{Device: newExact(), Mode: Inspect}, outputs...), slow(nil, outputs...)
	for {
		n, err := m.Step(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == nil {
			break
		}
		v, err := m.Value(n)
		if err != nil {
			t.Fatal(err)
		}
		for j, x := range v.Data {
			if !(math.Abs(float64(x)-want[n][j]) <= away(largest(want[n]))) {
				t.Fatalf("after its step %v[%d] is %.9g, want %.9g", n, j, x, want[n][j])
			}
		}
	}
}

// Products in bfloat16 are asked of the device, which may have them: here the sides of a product are rounded to eight digits,
// 1 + 2⁻⁹ to 1, so that (1 + 2⁻⁹)·3 + 5 is 8.
func TestBFloat16OnAnotherDevice(t *testing.T) {
	g := New()
	x, w := g.Param("x", &compute.Tensor{Shape: []int{1, 1}, Data: []float32{1 + 0x1p-9}}), g.Param("w", &compute.Tensor{Shape: []int{1, 1}, Data: []float32{3}})
	y := Add(Linear(x, w, nil), g.Param("to", &compute.Tensor{Shape: []int{1, 1}, Data: []float32{5}}))
	grads, err := g.Grad(Mean(y), x, w)
	if err != nil {
		t.Fatal(err)
	}
	for products, want := range map[cpu.Format][3]float32{cpu.Float32: {8 + 3*0x1p-9, 3, 1 + 0x1p-9}, cpu.BFloat16: {8, 3, 1}} {
		got := run(t, g, Options{Device: newExact(), Products: products}, y, grads[0], grads[1])
		if [3]float32{got[0][0], got[1][0], got[2][0]} != want {
			t.Errorf("%v: %v, want %v", products, got, want)
		}
	}
}

// Three steps of training: parameters that the optimizer moves are seen by the next run, and what was asked for once, loss
// and gradients, is up to date after each. Both devices have float32 parameters, so after a step they differ by the rounding
// of the CPU's gradients, as in TestDecoderMeetsStockMachine, which AdamW makes into steps of the rate.
func TestTrainingOnAnotherDevice(t *testing.T) {
	const rate = 1e-3
	train := func(device compute.Device) (losses []float64, weights [][]float32) {
		d, outputs := trained(t, 19)
		m := d.compile(t, Options{Device: device}, outputs...)
		var slopes []*compute.Tensor
		for _, n := range outputs[:len(d.params)] {
			v, err := m.Value(n)
			if err != nil {
				t.Fatal(err)
			}
			slopes = append(slopes, v)
		}
		adam := optim.NewAdamW(cpu.Default(), d.tensors, optim.Options{})
		for step := range 3 {
			ids := []int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 1, int32(step)} // another batch each time
			if err := errors.Join(m.SetInts(d.ids, ids), m.Run(context.Background())); err != nil {
				t.Fatal(err)
			}
			loss, err := m.Scalar(d.loss)
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, loss)
			adam.Step(slopes, rate, 1)
		}
		for _, x := range d.tensors {
			weights = append(weights, x.Data)
		}
		return losses, weights
	}
	want, weights := train(newExact())
	for _, device := range devices(t) {
		got, moved := train(device)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-5*want[i] {
				t.Errorf("%v: step %d has the loss %.8g, on another device %.8g", device, i, got[i], want[i])
			}
		}
		if want[0] == want[1] || want[1] == want[2] {
			t.Fatalf("losses %v: nothing moves", want)
		}
		for i, x := range moved {
			var off, size float64
			for j, v := range x {
				off += math.Pow(float64(v-weights[i][j]), 2)
				size += 3 * rate * rate
			}
			if share := math.Sqrt(off / size); share > 0.01 {
				t.Errorf("%v: parameter %d is apart by %.2g of three steps", device, i, share)
			}
		}
	}
}

// What a device cannot do is said by Compile, with the operator's name, the device's and what can be done; what goes wrong in a
// run is said by that run.
func TestDeviceRefuses(t *testing.T) {
	d, outputs := trained(t, 23)
	for _, lacks := range []string{"attention", "linear", "rmsnorm.back", "cross-entropy", "rope"} {
		device := newExact()
		device.lacks = lacks
		_, err := d.g.Compile(Options{Device: device}, outputs...)
		if !errors.Is(err, compute.ErrUnsupported) {
			t.Errorf("without %s: %v", lacks, err)
			continue
		}
		for _, want := range []string{"graph: Compile: " + lacks, device.String(), "leave Options.Device nil"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("without %s: error %v, want one with %q", lacks, err, want)
			}
		}
	}
	whole := newExact()
	m := d.compile(t, Options{Device: whole}, outputs...)
	used := math.MaxInt - whole.room
	for room := 0; room < used; room += used/50 + 1 {
		device := newExact()
		device.room = room
		if _, err := d.g.Compile(Options{Device: device}, outputs...); err == nil || !strings.Contains(err.Error(), "graph: Compile: ") || !strings.Contains(err.Error(), "no room") {
			t.Errorf("with room for %d values: %v", room, err)
		}
	}
	want := rerun(t, m, outputs...)
	whole.breaks = "attention"
	if err := m.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "graph: run: exact: attention is broken") {
		t.Errorf("a run with a broken operator: %v", err)
	}
	if _, err := m.Profile(context.Background(), 1); err == nil || !strings.Contains(err.Error(), "attention") {
		t.Errorf("a profile with a broken operator: %v", err)
	}
	whole.breaks = ""
	for i, got := range rerun(t, m, outputs...) {
		if !slices.Equal(got, want[i]) {
			t.Errorf("after the fault output %d is %v, before it %v", i, got, want[i])
		}
	}
}

// No device is the CPU, also one that a struct of options left empty.
func TestNoDeviceIsTheCPU(t *testing.T) {
	var none *cpu.Device
	g := New()
	m, err := g.Compile(Options{Device: none}, Scale(g.Param("x", vector(2)), 3))
	if err != nil {
		t.Fatal(err)
	}
	if m.device != compute.Device(cpu.Default()) {
		t.Errorf("device %v", m.device)
	}
}

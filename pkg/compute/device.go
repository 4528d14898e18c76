package compute

import (
	"errors"
	"fmt"
)

// Device computes operators on memory of its own: compute/cpu is one. What another device must do to run every graph is
// this interface and the operators that the graph has.
type Device interface {
	String() string // what it is, for reports and errors

	// Floats and Ints give n zeros of the device's memory, n at least 0, or say why there is no room. The memory lives as long
	// as a buffer that shares it. A device that works on the memory of this process gives HostFloats and HostInts, and then
	// takes any of them in Bind, as they are; other devices are given copies.
	Floats(n int) (Buffer, error)
	Ints(n int) (Buffer, error)

	// Copy copies all of from to a buffer of the same type and length. Either may be host memory: what is read from there has
	// been read when Copy returns, what is written there is there after Sync. Copies and operators take effect in the order of
	// the calls.
	Copy(to, from Buffer) error

	// Bind prepares an operator for its buffers, once, before it is run many times. It fails on buffers that do not fit
	// (Check) and, with an error that wraps ErrUnsupported, on an operator that the device does not have.
	Bind(op Op, out, in []Buffer) (Bound, error)

	// Sync waits for all that was run and copied, and returns the first thing that went wrong since the last call.
	Sync() error

	// Scratch is the memory in bytes, beside its buffers and what Bind took, that the device has taken by now for values on
	// the way.
	Scratch() int
}

// Bound is an operator with its buffers.
type Bound struct {
	// Run starts the operator; it may return before the values are there (Sync). It allocates nothing and gives equal bits
	// for equal inputs.
	Run   func()
	Bytes int // of the device's memory that this operator alone holds, as a step between its inputs and outputs
}

// ErrUnsupported says that a device does not have an operator.
var ErrUnsupported = errors.New("the device does not have this operator")

// Unsupported is ErrUnsupported with the names of both.
func Unsupported(d Device, op Op) error {
	return fmt.Errorf("compute: %s (%T) on %v: %w", op.Name(), op, d, ErrUnsupported)
}

// Buffer is memory of a device: Len values of a Type, next to each other.
type Buffer interface {
	Type() Type
	Len() int
	Slice(from, to int) Buffer // values from to to−1, sharing their memory; it panics where there are none, as slices do
}

// Type is what the values of a buffer are.
type Type int

// The types.
const (
	Float32 Type = iota
	Int32
)

func (t Type) String() string {
	switch t {
	case Float32:
		return "float32"
	case Int32:
		return "int32"
	}
	return fmt.Sprintf("Type(%d)", int(t))
}

// HostFloats is memory of this process as a Buffer.
type HostFloats []float32

// HostInts is memory of this process as a Buffer.
type HostInts []int32

func (HostFloats) Type() Type { return Float32 }
func (HostInts) Type() Type   { return Int32 }

func (x HostFloats) Len() int { return len(x) }
func (x HostInts) Len() int   { return len(x) }

func (x HostFloats) Slice(from, to int) Buffer { return x[from:to:to] }
func (x HostInts) Slice(from, to int) Buffer   { return x[from:to:to] }

// Op describes an operator to a device: a comparable struct of its sizes and constants, so that equal descriptions may share
// a kernel. What it computes is documented with its type and written as plain loops in compute/reference.
type Op interface {
	Name() string          // for errors and reports
	Args() (out, in []Arg) // the buffers that Bind takes, in order
}

// Arg is a buffer that an operator writes or reads, in row-major order. Outputs are written whole, whatever they held. They
// overlap neither each other nor an input, but for Over.
type Arg struct {
	Name  string
	Shape []int // a scalar's is empty
	Type  Type
	Over  []int // of an output: the inputs, by number, whose very buffer it may have
}

// Len is the number of values.
func (a Arg) Len() int { return size(a.Shape) }

func (a Arg) String() string { return fmt.Sprintf("%s %v", a.Name, a.Shape) }

// floats and ints make an Arg.
func floats(name string, shape ...int) Arg { return Arg{Name: name, Shape: shape} }
func ints(name string, shape ...int) Arg   { return Arg{Name: name, Shape: shape, Type: Int32} }

// over lets an output have the buffer of one of these inputs.
func (a Arg) over(inputs ...int) Arg { a.Over = inputs; return a }

// sum is an output that, with add, the last input is added to, in its place if need be.
func (a Arg) sum(add bool, in []Arg) Arg {
	if add {
		return a.over(len(in) - 1)
	}
	return a
}

// when is the argument where it is there at all.
func (a Arg) when(some bool) []Arg {
	if some {
		return []Arg{a}
	}
	return nil
}

// limited is an operator whose numbers have limits beyond positive sizes.
type limited interface{ limits() error }

// Check says whether a description makes sense, and whether buffers are those that it describes: as many, of its types and
// lengths. Integers are not looked at: they come later.
func Check(op Op, out, in []Buffer) error {
	if l, ok := op.(limited); ok {
		if err := l.limits(); err != nil {
			return fmt.Errorf("compute: %s: %w", op.Name(), err)
		}
	}
	wantOut, wantIn := op.Args()
	if err := check(op, "output", wantOut, out); err != nil {
		return err
	}
	return check(op, "input", wantIn, in)
}

func check(op Op, kind string, want []Arg, got []Buffer) error {
	if len(got) != len(want) {
		return fmt.Errorf("compute: %s: want %d %ss %v, got %d", op.Name(), len(want), kind, want, len(got))
	}
	for i, a := range want {
		for _, d := range a.Shape {
			if d <= 0 {
				return fmt.Errorf("compute: %s: %s %d, %v: want positive sizes", op.Name(), kind, i, a)
			}
		}
		if got[i] == nil {
			return fmt.Errorf("compute: %s: %s %d, %v, is nil", op.Name(), kind, i, a)
		}
		if t, n := got[i].Type(), got[i].Len(); t != a.Type || n != a.Len() {
			return fmt.Errorf("compute: %s: %s %d, %v, is %d values of %v, got %d of %v", op.Name(), kind, i, a, a.Len(), a.Type, n, t)
		}
	}
	return nil
}

// CopyHost is Copy between buffers of host memory, for devices that work on it.
func CopyHost(to, from Buffer) error {
	if to.Len() == from.Len() {
		switch x := from.(type) {
		case HostFloats:
			if y, ok := to.(HostFloats); ok {
				copy(y, x)
				return nil
			}
		case HostInts:
			if y, ok := to.(HostInts); ok {
				copy(y, x)
				return nil
			}
		}
	}
	return fmt.Errorf("compute: copy of %d %v (%T) to %d %v (%T): want host memory of one type and length", from.Len(), from.Type(), from, to.Len(), to.Type(), to)
}

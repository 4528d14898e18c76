package compute

import (
	"fmt"
	"math"
)

// Add is y = a + b.
//
// In: a (N), b (N). Out: y (N), which may be a or b.
type Add struct{ N int }

// Scale is y = Factor·x.
//
// In: x (N). Out: y (N), which may be x.
type Scale struct {
	N      int
	Factor float64
}

// ScaleBy is y = factor·x with a factor that is computed.
//
// In: x (N), factor, a scalar. Out: y (N), which may be x.
type ScaleBy struct{ N int }

// Mean is the mean of N values.
//
// In: x (N). Out: y, a scalar.
type Mean struct{ N int }

// MeanBack is its derivative: each value's share of dy.
//
// In: dy, a scalar. Out: dx (N).
type MeanBack struct{ N int }

// Sum is the sum of N values.
//
// In: x (N). Out: y, a scalar.
type Sum struct{ N int }

// SumBack is its derivative: dy for each value.
//
// In: dy, a scalar. Out: dx (N).
type SumBack struct{ N int }

// SwiGLU is y = silu(gate)·up (Shazeer, arXiv:2002.05202, eq. 5).
//
// In: gate (N), up (N). Out: y (N).
type SwiGLU struct{ N int }

// SwiGLUBack is its derivative.
//
// In: dy (N), gate (N), up (N). Out: dgate (N), which may be gate; dup (N), which may be up.
type SwiGLUBack struct{ N int }

// GELU is y = x·Φ(x), Φ the distribution function of the normal distribution, or with Tanh the approximation
// x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 (Hendrycks and Gimpel, arXiv:1606.08415, section 2).
//
// In: x (N). Out: y (N), which may be x.
type GELU struct {
	N    int
	Tanh bool
}

// GELUBack is its derivative.
//
// In: dy (N), x (N). Out: dx (N), which may be dy.
type GELUBack struct {
	N    int
	Tanh bool
}

// Dropout is y = x/(1−Rate) where a mask keeps a value, and 0 elsewhere (Srivastava et al., JMLR 15, 2014); with dy for x it
// is its own derivative. Value i is kept unless the upper 31 bits of its random word are below Rate·2³¹, to the nearest
// integer. The word is number ⌊i mod 64 / 16⌋ of the block 16·⌊i/64⌋ + i mod 16 of Philox4x32-10 (Salmon et al., SC'11,
// section 3.3), with the counter: block (two words), step, Layer. Every device draws the same masks.
//
// In: x (N), key (3) of integers: the low and high half of the seed, which is Philox's key, and the step of training; below
// zero, values pass as they are. Out: y (N), which may be x.
type Dropout struct {
	N     int
	Rate  float64 // at least 0 and below 1
	Layer uint32  // among the dropouts of a model
}

// Mask is the seed and the step that a Dropout's key has, and whether there is a mask at all.
func Mask(key []int32) (seed uint64, step uint32, on bool) {
	return uint64(uint32(key[0])) | uint64(uint32(key[1]))<<32, uint32(key[2]), key[2] >= 0
}

// MaskKey is the key for a seed and a step, which counts modulo 2³¹; below zero there is no mask.
func MaskKey(seed uint64, step int) []int32 {
	if step < 0 {
		step = -1
	} else {
		step &= math.MaxInt32
	}
	return []int32{int32(uint32(seed)), int32(uint32(seed >> 32)), int32(step)}
}

func (o Dropout) limits() error {
	if !(o.Rate >= 0 && o.Rate < 1) {
		return fmt.Errorf("rate %g: want at least 0 and below 1", o.Rate)
	}
	return nil
}

func (Add) Name() string        { return "add" }
func (Scale) Name() string      { return "scale" }
func (ScaleBy) Name() string    { return "scale-by" }
func (Mean) Name() string       { return "mean" }
func (MeanBack) Name() string   { return "mean.dx" }
func (Sum) Name() string        { return "sum" }
func (SumBack) Name() string    { return "sum.dx" }
func (SwiGLU) Name() string     { return "swiglu" }
func (SwiGLUBack) Name() string { return "swiglu.back" }
func (Dropout) Name() string    { return "dropout" }

func (o GELU) Name() string {
	if o.Tanh {
		return "gelu-tanh"
	}
	return "gelu"
}

func (o GELUBack) Name() string { return GELU{Tanh: o.Tanh}.Name() + ".dx" }

func (o Add) Args() (out, in []Arg) {
	return []Arg{floats("y", o.N).over(0, 1)}, []Arg{floats("a", o.N), floats("b", o.N)}
}

func (o Scale) Args() (out, in []Arg) {
	return []Arg{floats("y", o.N).over(0)}, []Arg{floats("x", o.N)}
}

func (o ScaleBy) Args() (out, in []Arg) {
	return []Arg{floats("y", o.N).over(0)}, []Arg{floats("x", o.N), floats("factor")}
}

func (o Mean) Args() (out, in []Arg) { return []Arg{floats("y")}, []Arg{floats("x", o.N)} }

func (o MeanBack) Args() (out, in []Arg) { return []Arg{floats("dx", o.N)}, []Arg{floats("dy")} }

func (o Sum) Args() (out, in []Arg) { return []Arg{floats("y")}, []Arg{floats("x", o.N)} }

func (o SumBack) Args() (out, in []Arg) { return []Arg{floats("dx", o.N)}, []Arg{floats("dy")} }

func (o SwiGLU) Args() (out, in []Arg) {
	return []Arg{floats("y", o.N)}, []Arg{floats("gate", o.N), floats("up", o.N)}
}

func (o SwiGLUBack) Args() (out, in []Arg) {
	return []Arg{floats("dgate", o.N).over(1), floats("dup", o.N).over(2)}, []Arg{floats("dy", o.N), floats("gate", o.N), floats("up", o.N)}
}

func (o GELU) Args() (out, in []Arg) { return []Arg{floats("y", o.N).over(0)}, []Arg{floats("x", o.N)} }

func (o GELUBack) Args() (out, in []Arg) {
	return []Arg{floats("dx", o.N).over(0)}, []Arg{floats("dy", o.N), floats("x", o.N)}
}

func (o Dropout) Args() (out, in []Arg) {
	return []Arg{floats("y", o.N).over(0)}, []Arg{floats("x", o.N), ints("key", 3)}
}

package compute

import (
	"fmt"
	"math"
)

// AttentionShape names the sizes of causal self-attention. Rows are Batch·Length, sequence by sequence.
type AttentionShape struct {
	Batch, Length  int // B, T
	Heads, KVHeads int // each key-value head serves Heads/KVHeads query heads (Ainslie et al., arXiv:2305.13245)
	HeadDim        int
}

func (s AttentionShape) query(name string) Arg {
	return floats(name, s.Batch*s.Length, s.Heads*s.HeadDim)
}
func (s AttentionShape) key(name string) Arg {
	return floats(name, s.Batch*s.Length, s.KVHeads*s.HeadDim)
}

// prefix are keys and values of n rows before all, none where n is zero.
func (s AttentionShape) prefix(name string, n int) []Arg {
	width := s.KVHeads * s.HeadDim
	return append(floats(name+"k", n, width).when(n != 0), floats(name+"v", n, width).when(n != 0)...)
}

// Attention is causal softmax(q·kᵀ/√HeadDim)·v with grouped heads. Segments keep packed sequences apart: a row sees only
// earlier rows of its sequence with its own number, and rows of one number are neighbours.
//
// Every row also sees the Prefix keys and values, whatever its segment, before its own (Li and Liang, arXiv:2101.00190).
//
// In: q (Batch·Length, Heads·HeadDim), k and v (Batch·Length, KVHeads·HeadDim), with Segments segments (Batch·Length) of
// integers, with Prefix prefix keys and values (Prefix, KVHeads·HeadDim). Out: o, as large as q.
type Attention struct {
	AttentionShape
	Segments bool
	Prefix   int // zero for none
}

// AttentionBack is its derivative, which computes the probabilities once more.
//
// In: do and o, as large as q; q, k and v; with Segments segments; with Prefix its keys and values. Out: dq, dk and dv, with
// Prefix those of its keys and values, as large as what they are gradients of.
type AttentionBack struct {
	AttentionShape
	Segments bool
	Prefix   int
}

// RoPE turns value i of each head with value i+HeadDim/2 by the angle of its row's position: rotary position embeddings in
// the layout of Llama (Su et al., arXiv:2104.09864, section 3.2.2). Inverse turns back, which is also the derivative.
// HeadDim is even; RotaryTable makes the table.
//
// In: x (Rows, Heads·HeadDim), positions (Rows) of integers from 0 to Context−1, cos and sin (Context, HeadDim/2). Out: y
// (Rows, Heads·HeadDim), which may be x.
type RoPE struct {
	Rows, Heads, HeadDim, Context int
	Inverse                       bool
}

// RotaryTable is the cosines and sines of position·base^(−2i/headDim) for positions 0 to positions−1 and pairs i, each
// (positions, headDim/2). headDim must be even.
func RotaryTable(positions, headDim int, base float64) (cos, sin []float32) {
	half := headDim / 2
	cos, sin = make([]float32, positions*half), make([]float32, positions*half)
	for p := range positions {
		for i := range half {
			s, c := math.Sincos(float64(p) * math.Pow(base, -2*float64(i)/float64(headDim)))
			cos[p*half+i], sin[p*half+i] = float32(c), float32(s)
		}
	}
	return cos, sin
}

func (s AttentionShape) limits() error {
	if s.KVHeads <= 0 || s.Heads%s.KVHeads != 0 {
		return fmt.Errorf("%+v: want heads a multiple of key-value heads", s)
	}
	return nil
}

func (o RoPE) limits() error {
	if o.HeadDim%2 != 0 {
		return fmt.Errorf("heads of %d values: want an even number", o.HeadDim)
	}
	return nil
}

func (Attention) Name() string     { return "attention" }
func (AttentionBack) Name() string { return "attention.back" }
func (RoPE) Name() string          { return "rope" }

func (o Attention) Args() (out, in []Arg) {
	in = []Arg{o.query("q"), o.key("k"), o.key("v")}
	in = append(in, ints("segments", o.Batch*o.Length).when(o.Segments)...)
	return []Arg{o.query("o")}, append(in, o.prefix("prefix ", o.Prefix)...)
}

func (o AttentionBack) Args() (out, in []Arg) {
	in = []Arg{o.query("do"), o.query("o"), o.query("q"), o.key("k"), o.key("v")}
	in = append(in, ints("segments", o.Batch*o.Length).when(o.Segments)...)
	out = append([]Arg{o.query("dq"), o.key("dk"), o.key("dv")}, o.prefix("prefix d", o.Prefix)...)
	return out, append(in, o.prefix("prefix ", o.Prefix)...)
}

func (o RoPE) Args() (out, in []Arg) {
	width := o.Heads * o.HeadDim
	in = []Arg{floats("x", o.Rows, width), ints("positions", o.Rows), floats("cos", o.Context, o.HeadDim/2), floats("sin", o.Context, o.HeadDim/2)}
	return []Arg{floats("y", o.Rows, width).over(0)}, in
}

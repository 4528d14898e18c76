package compute

import "fmt"

// ScaleColumns multiplies each column by a factor: y = x·w + bias or, with Over, y = x·w/c + bias, where c is a length that
// counts as a constant (DoRA, Liu et al., arXiv:2402.09353, section 4.3). Where c is zero the factor is one.
//
// In: x (Rows, Dim), w (Dim), with Over c (Dim), with Bias bias (Dim). Out: y (Rows, Dim), which may be x.
type ScaleColumns struct {
	Rows, Dim int
	Over      bool
	Bias      bool
}

// ScaleColumnsBack is its derivative: dx = dy·w/c, and dw the sums of the columns of dy·x/c. That of a bias is LinearBias.
//
// In: dy (Rows, Dim), x (Rows, Dim), w (Dim), with Over c (Dim). Out: dx (Rows, Dim), dw (Dim).
type ScaleColumnsBack struct {
	Rows, Dim int
	Over      bool
}

// ScaleRows multiplies each row by a factor: y = x·gate.
//
// In: x (Rows, Dim), gate (Rows). Out: y (Rows, Dim), which may be x.
type ScaleRows struct{ Rows, Dim int }

// LowRankNorms are the lengths of the rows of W + s·B·A, s the Scale, without W + s·B·A: with p = A·Wᵀ, g = A·Aᵀ and the
// squares of the lengths of the rows of W,
//
//	c_o² = squares_o + Σ_k s·b_ok·(2·p_ko + s·Σ_j g_kj·b_oj)
//
// so that B of zeros gives exactly the roots of squares. What rounding makes negative is zero.
//
// In: p (Rank, Out), g (Rank, Rank), b (Out, Rank), squares (Out). Out: c (Out).
type LowRankNorms struct {
	Out, Rank int
	Scale     float64
}

// LinearNF4 is Linear with a weight of four bits a value (QLoRA, Dettmers et al., arXiv:2305.14314, section 3): each is a
// number of NF4 times the scale of its block, of NF4Block values that follow each other in the row-major weight; the last
// block may be shorter. Integer i of codes has the values from 8·i on, the first in the lowest four bits.
//
// In: x (Rows, In), codes (⌈Out·In/8⌉) of any integers, scales (⌈Out·In/NF4Block⌉), with Bias bias (Out), with Add to
// (Rows, Out). Out: y (Rows, Out), which may be to.
type LinearNF4 struct {
	Rows, In, Out int
	Bias          bool
	Add           bool
}

// LinearInputNF4 is the gradient of its input: dx = dy·w + to.
//
// In: dy (Rows, Out), codes, scales, with Add to (Rows, In). Out: dx (Rows, In), which may be to.
type LinearInputNF4 struct {
	Rows, In, Out int
	Add           bool
}

// NF4Block is how many values of a LinearNF4 share a scale.
const NF4Block = 64

// NF4 are the values of the type NormalFloat with four bits, as Dettmers et al. give them (arXiv:2305.14314, appendix E):
// quantiles of the normal distribution, the ends −1 and 1, and zero exactly.
var NF4 = [16]float32{
	-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
	-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0,
	0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
	0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
}

func (ScaleColumns) Name() string     { return "scalecolumns" }
func (ScaleColumnsBack) Name() string { return "scalecolumns.back" }
func (ScaleRows) Name() string        { return "scalerows" }
func (LowRankNorms) Name() string     { return "lowranknorms" }
func (LinearNF4) Name() string        { return "linearnf4" }
func (LinearInputNF4) Name() string   { return "linearnf4.dx" }

func (o ScaleColumns) Args() (out, in []Arg) {
	in = []Arg{floats("x", o.Rows, o.Dim), floats("w", o.Dim)}
	in = append(in, floats("c", o.Dim).when(o.Over)...)
	in = append(in, floats("bias", o.Dim).when(o.Bias)...)
	return []Arg{floats("y", o.Rows, o.Dim).over(0)}, in
}

func (o ScaleColumnsBack) Args() (out, in []Arg) {
	in = []Arg{floats("dy", o.Rows, o.Dim), floats("x", o.Rows, o.Dim), floats("w", o.Dim)}
	in = append(in, floats("c", o.Dim).when(o.Over)...)
	return []Arg{floats("dx", o.Rows, o.Dim), floats("dw", o.Dim)}, in
}

func (o ScaleRows) Args() (out, in []Arg) {
	return []Arg{floats("y", o.Rows, o.Dim).over(0)}, []Arg{floats("x", o.Rows, o.Dim), floats("gate", o.Rows)}
}

func (o LowRankNorms) Args() (out, in []Arg) {
	return []Arg{floats("c", o.Out)}, []Arg{floats("p", o.Rank, o.Out), floats("g", o.Rank, o.Rank), floats("b", o.Out, o.Rank), floats("squares", o.Out)}
}

// weightNF4 are the arguments that hold a weight of four bits.
func weightNF4(out, in int) []Arg {
	const word = 8
	return []Arg{ints("codes", (out*in+word-1)/word), floats("scales", (out*in+NF4Block-1)/NF4Block)}
}

func (o LinearNF4) Args() (out, in []Arg) {
	in = append([]Arg{floats("x", o.Rows, o.In)}, weightNF4(o.Out, o.In)...)
	in = append(in, floats("bias", o.Out).when(o.Bias)...)
	in = append(in, floats("to", o.Rows, o.Out).when(o.Add)...)
	return []Arg{floats("y", o.Rows, o.Out).sum(o.Add, in)}, in
}

func (o LinearInputNF4) Args() (out, in []Arg) {
	in = append([]Arg{floats("dy", o.Rows, o.Out)}, weightNF4(o.Out, o.In)...)
	in = append(in, floats("to", o.Rows, o.In).when(o.Add)...)
	return []Arg{floats("dx", o.Rows, o.In).sum(o.Add, in)}, in
}

// limits: a description with sizes that are not positive is refused before its buffers, whose sizes follow from them.
func (o LinearNF4) limits() error      { return positive(o.Rows, o.In, o.Out) }
func (o LinearInputNF4) limits() error { return positive(o.Rows, o.In, o.Out) }

func positive(sizes ...int) error {
	for _, n := range sizes {
		if n <= 0 {
			return fmt.Errorf("sizes %v: want positive ones", sizes)
		}
	}
	return nil
}

package reference

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Value is an input of Run: floats or integers.
type Value struct {
	Floats []float64
	Ints   []int32
}

// Run computes what an operator describes, in its order of outputs and inputs (compute.Op); an output may be an input
// where the description says so (Arg.Over). It fails on buffers of other numbers or sizes and on an operator that it does not know, with
// compute.ErrUnsupported.
func Run(op compute.Op, out [][]float64, in []Value) error {
	if err := fit(op, out, in); err != nil {
		return err
	}
	x := make([][]float64, len(in))
	for i, v := range in {
		x[i] = v.Floats
	}
	if products(op, out, x, in) || adapters(op, out, x, in) || norms(op, out, x) || attend(op, out, x, in) || elements(op, out, x, in) || heads(op, out, x, in) || activations(op, out, x) || fuse(op, out, x) || scalars(op, out, x, in) {
		return nil
	}
	return fmt.Errorf("reference: %s (%T): %w", op.Name(), op, compute.ErrUnsupported)
}

// fit is compute.Check for values of float64.
func fit(op compute.Op, out [][]float64, in []Value) error {
	wide := func(n int) compute.Buffer { return make(compute.HostFloats, n) }
	var to, from []compute.Buffer
	for _, v := range out {
		to = append(to, wide(len(v)))
	}
	for _, v := range in {
		if v.Ints != nil {
			from = append(from, compute.HostInts(v.Ints))
		} else {
			from = append(from, wide(len(v.Floats)))
		}
	}
	return compute.Check(op, to, from)
}

// plus adds what an operator with Add takes as its last input. It is read before the output is written, which may be the same.
func plus(add bool, y []float64, x [][]float64, run func()) {
	if !add {
		run()
		return
	}
	to := append([]float64(nil), x[len(x)-1]...)
	run()
	for i, v := range to {
		y[i] += v
	}
}

// sides are what a product multiplies.
func sides(rounded bool, a, b []float64) (x, y []float64) {
	if !rounded {
		return a, b
	}
	x, y = make([]float64, len(a)), make([]float64, len(b))
	BFloat16(x, a)
	BFloat16(y, b)
	return x, y
}

func products(op compute.Op, out, x [][]float64, in []Value) bool {
	y := out[0]
	switch op := op.(type) {
	case compute.Linear:
		var bias []float64
		if op.Bias {
			bias = x[2]
		}
		a, w := sides(op.BF16, x[0], x[1])
		plus(op.Add, y, x, func() { Linear(y, a, w, bias, op.Rows, op.In, op.Out) })
	case compute.LinearInput:
		dy, w := sides(op.BF16, x[0], x[1])
		plus(op.Add, y, x, func() { LinearBackward(y, nil, nil, dy, nil, w, op.Rows, op.In, op.Out) })
	case compute.LinearWeight:
		dy, a := sides(op.BF16, x[0], x[1])
		LinearBackward(nil, y, nil, dy, a, nil, op.Rows, op.In, op.Out)
	case compute.LinearBias:
		LinearBackward(nil, nil, y, x[0], nil, nil, op.Rows, 0, op.Out)
	case compute.Embedding:
		table := x[0]
		if op.More > 0 {
			table = append(slices.Clone(table), x[2]...)
		}
		Embedding(y, table, in[1].Ints, op.Dim)
	case compute.EmbeddingBack:
		ids := slices.Clone(in[1].Ints)
		for i := range ids {
			ids[i] -= int32(op.From)
		}
		plus(op.Add, y, x, func() { EmbeddingBackward(y, x[0], ids, op.Dim) })
	default:
		return false
	}
	return true
}

func adapters(op compute.Op, out, x [][]float64, in []Value) bool {
	y := out[0]
	optional := func(at int, there bool) []float64 {
		if !there {
			return nil
		}
		return x[at]
	}
	switch op := op.(type) {
	case compute.ScaleColumns:
		ScaleColumns(y, x[0], x[1], optional(2, op.Over), optional(len(x)-1, op.Bias), op.Rows, op.Dim)
	case compute.ScaleColumnsBack:
		ScaleColumnsBackward(y, out[1], x[0], x[1], x[2], optional(3, op.Over), op.Rows, op.Dim)
	case compute.ScaleRows:
		ScaleRows(y, x[0], x[1], op.Rows, op.Dim)
	case compute.LowRankNorms:
		LowRankNorms(y, x[0], x[1], x[2], x[3], op.Out, op.Rank, op.Scale)
	case compute.LinearNF4:
		w := NF4(in[1].Ints, x[2], op.Out*op.In)
		plus(op.Add, y, x, func() { Linear(y, x[0], w, optional(3, op.Bias), op.Rows, op.In, op.Out) })
	case compute.LinearInputNF4:
		w := NF4(in[1].Ints, x[2], op.Out*op.In)
		plus(op.Add, y, x, func() { LinearBackward(y, nil, nil, x[0], nil, w, op.Rows, op.In, op.Out) })
	default:
		return false
	}
	return true
}

func norms(op compute.Op, out, x [][]float64) bool {
	y := out[0]
	switch op := op.(type) {
	case compute.RMSNorm:
		RMSNorm(y, x[0], x[1], op.Rows, op.Dim, op.Eps)
	case compute.RMSNormBack:
		plus(op.Add, y, x, func() { RMSNormBackward(y, out[1], x[0], x[1], x[2], op.Rows, op.Dim, op.Eps) })
	case compute.LayerNorm:
		var bias []float64
		if op.Bias {
			bias = x[2]
		}
		LayerNorm(y, x[0], x[1], bias, op.Rows, op.Dim, op.Eps)
	case compute.LayerNormBack:
		var dbias []float64
		if op.Bias {
			dbias = out[2]
		}
		LayerNormBackward(y, out[1], dbias, x[0], x[1], x[2], op.Rows, op.Dim, op.Eps)
	default:
		return false
	}
	return true
}

func attend(op compute.Op, out, x [][]float64, in []Value) bool {
	segments := func(at int, there bool) []int32 {
		if !there {
			return nil
		}
		return in[at].Ints
	}
	switch op := op.(type) {
	case compute.Attention:
		pk, pv := prefixOf(op.Prefix, x)
		PrefixAttention(out[0], x[0], join(x[1], pk), join(x[2], pv), segments(3, op.Segments), Shape(op.AttentionShape), op.Prefix)
	case compute.AttentionBack:
		pk, pv := prefixOf(op.Prefix, x)
		k, v := join(x[3], pk), join(x[4], pv)
		dk, dv := make([]float64, len(k)), make([]float64, len(v))
		PrefixAttentionBackward(out[0], dk, dv, x[0], x[2], k, v, segments(5, op.Segments), Shape(op.AttentionShape), op.Prefix)
		copy(out[1], dk)
		copy(out[2], dv)
		if op.Prefix > 0 {
			copy(out[3], dk[len(x[3]):])
			copy(out[4], dv[len(x[4]):])
		}
	case compute.RoPE:
		Rotate(out[0], x[0], in[1].Ints, op.Heads, op.HeadDim, x[2], x[3], op.Inverse)
	default:
		return false
	}
	return true
}

// prefixOf are the keys and values of a prefix, the last two inputs where there is one.
func prefixOf(prefix int, x [][]float64) (keys, values []float64) {
	if prefix > 0 {
		keys, values = x[len(x)-2], x[len(x)-1]
	}
	return keys, values
}

func join(a, b []float64) []float64 { return append(slices.Clone(a), b...) }

func elements(op compute.Op, out, x [][]float64, in []Value) bool {
	y := out[0]
	switch op := op.(type) {
	case compute.Add:
		Add(y, x[0], x[1])
	case compute.Scale:
		Scale(y, x[0], op.Factor)
	case compute.ScaleBy:
		Scale(y, x[0], x[1][0])
	case compute.Mean:
		y[0] = Mean(x[0])
	case compute.MeanBack:
		MeanBackward(y, x[0][0])
	case compute.Sum:
		y[0] = Sum(x[0])
	case compute.SumBack:
		SumBackward(y, x[0][0])
	case compute.MaskedMean:
		y[0] = MaskedMean(x[0], in[1].Ints)
	case compute.MaskedMeanBack:
		MaskedMeanBackward(y, x[0][0], in[1].Ints)
	case compute.SwiGLU:
		SwiGLU(y, x[0], x[1])
	case compute.SwiGLUBack:
		SwiGLUBackward(y, out[1], x[0], x[1], x[2])
	case compute.GELU:
		if op.Tanh {
			GELUTanh(y, x[0])
		} else {
			GELU(y, x[0])
		}
	case compute.GELUBack:
		if op.Tanh {
			GELUTanhBackward(y, x[0], x[1])
		} else {
			GELUBackward(y, x[0], x[1])
		}
	case compute.Dropout:
		if seed, step, on := compute.Mask(in[1].Ints); on {
			Dropout(y, x[0], seed, step, op.Layer, op.Rate)
		} else {
			copy(y, x[0])
		}
	default:
		return false
	}
	return true
}

func heads(op compute.Op, out, x [][]float64, in []Value) bool {
	switch op := op.(type) {
	case compute.LinearCrossEntropy:
		var weights, dx, dw []float64
		if op.Weights {
			weights = x[3]
		}
		rest := out[1:]
		if op.DX {
			dx, rest = rest[0], rest[1:]
		}
		if op.DW {
			dw = rest[0]
		}
		out[0][0] = LinearCrossEntropy(x[0], x[1], in[2].Ints, weights, op.Rows, op.Dim, op.Vocab)
		LinearCrossEntropyBackward(dx, dw, 1, x[0], x[1], in[2].Ints, weights, op.Rows, op.Dim, op.Vocab)
	case compute.LinearLogProb:
		LinearLogProb(out[0], x[0], x[1], in[2].Ints, op.Rows, op.Dim, op.Vocab)
	case compute.LinearLogProbBack:
		LinearLogProbBackward(out[0], out[1], x[0], x[1], x[2], in[3].Ints, op.Rows, op.Dim, op.Vocab)
	case compute.LinearEntropy:
		LinearEntropy(out[0], x[0], x[1], op.Rows, op.Dim, op.Vocab)
	case compute.LinearEntropyBack:
		LinearEntropyBackward(out[0], out[1], x[0], x[1], x[2], op.Rows, op.Dim, op.Vocab)
	case compute.LinearDivergence:
		LinearDivergence(out[0], x[0], x[1], x[2], x[3], op.Rows, op.Dim, op.DimRef, op.Vocab, op.Divergence)
	case compute.LinearDivergenceBack:
		LinearDivergenceBackward(out[0], out[1], x[0], x[1], x[2], x[3], x[4], op.Rows, op.Dim, op.DimRef, op.Vocab, op.Divergence)
	case compute.RowDistance:
		if op.Cosine {
			CosineDistance(out[0], x[0], x[1], op.Rows, op.Dim)
		} else {
			SquaredError(out[0], x[0], x[1], op.Rows, op.Dim)
		}
	case compute.RowDistanceBack:
		if op.Cosine {
			CosineDistanceBackward(out[0], x[0], x[1], x[2], op.Rows, op.Dim)
		} else {
			SquaredErrorBackward(out[0], x[0], x[1], x[2], op.Rows, op.Dim)
		}
	default:
		return false
	}
	return true
}

func scalars(op compute.Op, out, x [][]float64, in []Value) bool {
	y := out[0]
	switch op := op.(type) {
	case compute.Unary:
		Unary(y, x[0], op)
	case compute.UnaryBack:
		UnaryBackward(y, x[0], x[1], compute.Unary(op))
	case compute.Binary:
		Binary(y, x[0], x[1], op.Kind)
	case compute.BinaryBack:
		BinaryBackward(y, x[0], x[1], x[2], op.Kind, op.Second)
	case compute.SumBy:
		SumBy(y, x[0], in[1].Ints)
	case compute.SumByBack:
		SumByBackward(y, x[0], in[1].Ints)
	default:
		return false
	}
	return true
}

package cpu

import (
	"fmt"
	"unsafe"

	"github.com/tunebook/tunebook/pkg/compute"
)

var _ compute.Device = (*Device)(nil)

// Floats gives n zeros, on huge pages where there are many: a compute.HostFloats.
func (d *Device) Floats(n int) (compute.Buffer, error) {
	if n < 0 {
		return nil, fmt.Errorf("cpu: %d values: want zero or more", n)
	}
	return compute.HostFloats(compute.Floats(n)), nil
}

// Ints gives n zeros: a compute.HostInts.
func (d *Device) Ints(n int) (compute.Buffer, error) {
	if n < 0 {
		return nil, fmt.Errorf("cpu: %d values: want zero or more", n)
	}
	return make(compute.HostInts, n), nil
}

// Copy copies from one buffer to another of the same type and length.
func (d *Device) Copy(to, from compute.Buffer) error { return compute.CopyHost(to, from) }

// Sync has nothing to wait for: operators are done when they return.
func (d *Device) Sync() error { return nil }

// Bind is an operator on host memory: the method of the same name on the slices. It has every operator of package compute;
// products in bfloat16 where BF16 says so.
func (d *Device) Bind(op compute.Op, out, in []compute.Buffer) (compute.Bound, error) {
	if err := compute.Check(op, out, in); err != nil {
		return compute.Bound{}, err
	}
	if err := d.BF16(); err != nil && inBF16(op) {
		return compute.Bound{}, fmt.Errorf("%w: %w", compute.Unsupported(d, op), err)
	}
	b := &binding{Device: d}
	for _, x := range out {
		data, ok := x.(compute.HostFloats)
		if !ok {
			return compute.Bound{}, fmt.Errorf("cpu: %s writes to %T: want host memory", op.Name(), x)
		}
		b.out = append(b.out, data)
	}
	for _, x := range in {
		data, ints := []float32(nil), []int32(nil)
		switch x := x.(type) {
		case compute.HostFloats:
			data = x
		case compute.HostInts:
			ints = x
		default:
			return compute.Bound{}, fmt.Errorf("cpu: %s reads from %T: want host memory", op.Name(), x)
		}
		b.in, b.ints = append(b.in, data), append(b.ints, ints)
	}
	for _, family := range []func(*binding, compute.Op) func(){(*binding).products, (*binding).adapters, (*binding).rows, (*binding).attention, (*binding).elements, (*binding).heads, (*binding).activations, (*binding).fusion, (*binding).scalars} {
		if run := family(b, op); run != nil {
			return compute.Bound{Run: run, Bytes: b.own}, nil
		}
	}
	return compute.Bound{}, compute.Unsupported(d, op)
}

// inBF16 says whether an operator multiplies in bfloat16.
func inBF16(op compute.Op) bool {
	switch op := op.(type) {
	case compute.Linear:
		return op.BF16
	case compute.LinearInput:
		return op.BF16
	case compute.LinearWeight:
		return op.BF16
	}
	return false
}

// binding is an operator's slices, in the order of its description.
type binding struct {
	*Device
	out, in [][]float32
	ints    [][]int32 // of the inputs
	own     int       // bytes that keep took
}

// keep are values that an operator keeps between its parts.
func (b *binding) keep(n int) []float32 {
	b.own += 4 * n
	return compute.Floats(n)
}

// input and integers are what may be left out: input i, nil without it.
func (b *binding) input(i int, there bool) []float32 {
	if !there {
		return nil
	}
	return b.in[i]
}

func (b *binding) integers(i int, there bool) []int32 {
	if !there {
		return nil
	}
	return b.ints[i]
}

// last is the input that an output is added to, nil for none, and whether it is the output itself.
func (b *binding) last(there bool) (to []float32, same bool) {
	to = b.input(len(b.in)-1, there)
	return to, there && unsafe.SliceData(to) == unsafe.SliceData(b.out[0])
}

// onto adds a product to a value of its size, which may be what c holds.
func (b *binding) onto(c Matrix, there bool) Epilogue {
	switch to, same := b.last(there); {
	case same:
		return Epilogue{Accumulate: true}
	case there:
		return Epilogue{Residual: matrix(to, c.Rows, c.Cols)}
	}
	return Epilogue{}
}

func matrix(data []float32, rows, cols int) Matrix { return Matrix{Data: data, Rows: rows, Cols: cols} }

func (b *binding) products(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.Linear:
		y, x, w := matrix(out[0], op.Rows, op.Out), matrix(in[0], op.Rows, op.In), matrix(in[1], op.Out, op.In)
		e := b.onto(y, op.Add)
		e.Bias = b.input(2, op.Bias)
		if op.BF16 {
			return func() { d.MatMulNTBF16(y, x, w, e) }
		}
		return func() { d.MatMulNT(y, x, w, e) }
	case compute.LinearInput:
		dx, dy, w := matrix(out[0], op.Rows, op.In), matrix(in[0], op.Rows, op.Out), matrix(in[1], op.Out, op.In)
		e := b.onto(dx, op.Add)
		if op.BF16 {
			return func() { d.MatMulNNBF16(dx, dy, w, e) }
		}
		return func() { d.MatMulNN(dx, dy, w, e) }
	case compute.LinearWeight:
		dw, dy, x := matrix(out[0], op.Out, op.In), matrix(in[0], op.Rows, op.Out), matrix(in[1], op.Rows, op.In)
		if op.BF16 {
			return func() { d.MatMulTNBF16(dw, dy, x, Epilogue{}) }
		}
		return func() { d.MatMulTN(dw, dy, x, Epilogue{}) }
	case compute.LinearBias:
		return func() { d.ColumnSums(out[0], in[0], op.Rows, op.Out) }
	case compute.Embedding:
		ids, more := b.ints[1], b.input(2, op.More > 0)
		return func() { d.EmbeddingWith(out[0], in[0], more, ids, op.Rows, op.Dim, op.Vocab) }
	case compute.EmbeddingBack:
		ids := b.ints[1]
		to, same := b.last(op.Add)
		if to == nil {
			return func() {
				d.EmbeddingBackwardFrom(out[0], in[0], ids, op.Rows, op.Dim, op.From, op.Vocab, false)
			}
		}
		return func() {
			if !same {
				copy(out[0], to)
			}
			d.EmbeddingBackwardFrom(out[0], in[0], ids, op.Rows, op.Dim, op.From, op.Vocab, true)
		}
	}
	return nil
}

func (b *binding) rows(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.RMSNorm:
		return func() { d.RMSNorm(out[0], in[0], in[1], op.Rows, op.Dim, float32(op.Eps)) }
	case compute.RMSNormBack:
		if op.Add {
			return func() {
				d.RMSNormBackwardAdd(out[0], out[1], in[3], in[0], in[1], in[2], op.Rows, op.Dim, float32(op.Eps))
			}
		}
		return func() { d.RMSNormBackward(out[0], out[1], in[0], in[1], in[2], op.Rows, op.Dim, float32(op.Eps)) }
	case compute.LayerNorm:
		bias := b.input(2, op.Bias)
		return func() { d.LayerNorm(out[0], in[0], in[1], bias, op.Rows, op.Dim, float32(op.Eps)) }
	case compute.LayerNormBack:
		var dbias []float32
		if op.Bias {
			dbias = out[2]
		}
		return func() {
			d.LayerNormBackward(out[0], out[1], dbias, in[0], in[1], in[2], op.Rows, op.Dim, float32(op.Eps))
		}
	}
	return nil
}

func (b *binding) attention(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.Attention:
		segments := b.integers(3, op.Segments)
		if op.Prefix > 0 {
			p := Prefix{Keys: in[len(in)-2], Values: in[len(in)-1], Rows: op.Prefix}
			return func() { d.PrefixAttention(out[0], in[0], in[1], in[2], p, segments, op.AttentionShape) }
		}
		return func() { d.Attention(out[0], in[0], in[1], in[2], segments, op.AttentionShape) }
	case compute.AttentionBack:
		segments := b.integers(5, op.Segments)
		if op.Prefix > 0 {
			p := Prefix{Keys: in[len(in)-2], Values: in[len(in)-1], Rows: op.Prefix}
			dp := Prefix{Keys: out[3], Values: out[4], Rows: op.Prefix}
			parts := b.keep(2 * op.Batch * op.Prefix * op.KVHeads * op.HeadDim)
			return func() {
				d.PrefixAttentionBackward(out[0], out[1], out[2], dp, parts, in[0], in[1], in[2], in[3], in[4], p, segments, op.AttentionShape)
			}
		}
		return func() {
			d.AttentionBackward(out[0], out[1], out[2], in[0], in[1], in[2], in[3], in[4], segments, op.AttentionShape)
		}
	case compute.RoPE:
		positions, table := b.ints[1], &Rotary{op.Context, op.HeadDim, in[2], in[3]}
		return func() { d.RoPE(out[0], in[0], positions, op.Rows, op.Heads, table, op.Inverse) }
	}
	return nil
}

func (b *binding) elements(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.Add:
		return func() { d.Add(out[0], in[0], in[1], op.N) }
	case compute.Scale:
		return func() { d.Blend(out[0], in[0], 0, float32(op.Factor), op.N) }
	case compute.ScaleBy:
		return func() { d.Blend(out[0], in[0], 0, in[1][0], op.N) }
	case compute.Mean:
		return func() { out[0][0] = float32(d.Sum(in[0], op.N) / float64(op.N)) }
	case compute.MeanBack:
		return func() { d.Fill(out[0], in[0][0]/float32(op.N), op.N) }
	case compute.Sum:
		return func() { out[0][0] = float32(d.Sum(in[0], op.N)) }
	case compute.SumBack:
		return func() { d.Fill(out[0], in[0][0], op.N) }
	case compute.MaskedMean:
		labels := b.ints[1]
		return func() { out[0][0] = maskedMean(in[0], labels) }
	case compute.MaskedMeanBack:
		labels, share := b.ints[1], b.keep(op.N)
		return func() {
			shares(share, labels, nil)
			d.Blend(out[0], share, 0, in[0][0], op.N)
		}
	case compute.SwiGLU:
		return func() { d.SwiGLU(out[0], in[0], in[1], op.N) }
	case compute.SwiGLUBack:
		return func() { d.SwiGLUBackward(out[0], out[1], in[0], in[1], in[2], op.N) }
	case compute.GELU:
		if op.Tanh {
			return func() { d.GELUTanh(out[0], in[0], op.N) }
		}
		return func() { d.GELU(out[0], in[0], op.N) }
	case compute.GELUBack:
		if op.Tanh {
			return func() { d.GELUTanhBackward(out[0], in[0], in[1], op.N) }
		}
		return func() { d.GELUBackward(out[0], in[0], in[1], op.N) }
	case compute.Dropout:
		key := b.ints[1]
		return func() {
			seed, step, on := compute.Mask(key)
			if !on {
				d.Blend(out[0], in[0], 0, 1, op.N)
				return
			}
			d.Dropout(out[0], in[0], op.N, Mask{op.Rate, seed, step, op.Layer})
		}
	}
	return nil
}

func (b *binding) heads(op compute.Op) func() {
	d, out, in := b.Device, b.out, b.in
	switch op := op.(type) {
	case compute.LinearCrossEntropy:
		return b.crossEntropy(op)
	case compute.LinearLogProb:
		targets := b.ints[2]
		return func() {
			d.LinearCrossEntropy(out[0], nil, nil, in[0], in[1], targets, nil, op.Rows, op.Dim, op.Vocab)
			d.Blend(out[0], out[0], 0, -1, op.Rows)
		}
	case compute.LinearLogProbBack:
		targets, losses, weights := b.ints[3], b.keep(op.Rows), b.keep(op.Rows)
		return func() { // those of a cross-entropy whose weights are the negated gradients of the rows
			d.Blend(weights, in[0], 0, -1, op.Rows)
			d.LinearCrossEntropy(losses, out[0], out[1], in[1], in[2], targets, weights, op.Rows, op.Dim, op.Vocab)
		}
	case compute.LinearEntropy:
		return func() { d.LinearEntropy(out[0], in[0], in[1], op.Rows, op.Dim, op.Vocab) }
	case compute.LinearEntropyBack:
		return func() { d.LinearEntropyBackward(out[0], out[1], in[0], in[1], in[2], op.Rows, op.Dim, op.Vocab) }
	case compute.LinearDivergence:
		return func() {
			d.LinearDivergence(out[0], in[0], in[1], in[2], in[3], op.Rows, op.Dim, op.DimRef, op.Vocab, op.Divergence)
		}
	case compute.LinearDivergenceBack:
		return func() {
			d.LinearDivergenceBackward(out[0], out[1], in[0], in[1], in[2], in[3], in[4], op.Rows, op.Dim, op.DimRef, op.Vocab, op.Divergence)
		}
	case compute.RowDistance:
		if op.Cosine {
			return func() { d.CosineDistance(out[0], in[0], in[1], op.Rows, op.Dim) }
		}
		return func() { d.SquaredError(out[0], in[0], in[1], op.Rows, op.Dim) }
	case compute.RowDistanceBack:
		if op.Cosine {
			return func() { d.CosineDistanceBackward(out[0], in[0], in[1], in[2], op.Rows, op.Dim) }
		}
		return func() { d.SquaredErrorBackward(out[0], in[0], in[1], in[2], op.Rows, op.Dim) }
	}
	return nil
}

func (b *binding) crossEntropy(op compute.LinearCrossEntropy) func() {
	loss, rest := b.out[0], b.out[1:]
	var dx, dw []float32
	if op.DX {
		dx, rest = rest[0], rest[1:]
	}
	if op.DW {
		dw = rest[0]
	}
	d, x, w, targets, weights := b.Device, b.in[0], b.in[1], b.ints[2], b.input(3, op.Weights)
	losses, share := b.keep(op.Rows), b.keep(op.Rows)
	return func() {
		shares(share, targets, weights)
		d.LinearCrossEntropy(losses, dx, dw, x, w, targets, share, op.Rows, op.Dim, op.Vocab)
		var sum float64
		for _, v := range losses {
			sum += float64(v)
		}
		loss[0] = float32(sum)
	}
}

// shares fills out with each token's part of a mean: its weight over the sum of the weights of the tokens that count.
func shares(out []float32, targets []int32, weights []float32) {
	var sum float64
	for r, target := range targets {
		out[r] = 0
		if target != Ignore {
			out[r] = 1
			if weights != nil {
				out[r] = weights[r]
			}
			sum += float64(out[r])
		}
	}
	if sum == 0 {
		return
	}
	for r := range out {
		out[r] = float32(float64(out[r]) / sum)
	}
}

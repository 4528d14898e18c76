package cpu

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Format is how the weights of a Packed are kept. Whatever it is, products widen each weight to the float32 that it stands
// for and add up in float32.
type Format int

// The formats, most exact first. Integers come in blocks of 32 values along a row, as in GGUF's Q8_0 and Q4_1.
const (
	Float32  Format = iota // 32 bits a weight, as they are
	BFloat16               // 16 bits: rounded to the nearest, ties to even, off by 2⁻⁸ of the weight at most
	Int8                   // 8.5 bits: q·s with −127 ≤ q ≤ 127, off by 1/252 of the block's largest value at most
	Int4                   // 5 bits: m + q·s with 0 ≤ q ≤ 15, off by 1/29 of the block's range at most
)

func (f Format) String() string {
	switch f {
	case Float32:
		return "float32"
	case BFloat16:
		return "bfloat16"
	case Int8:
		return "int8"
	case Int4:
		return "int4"
	}
	return fmt.Sprintf("Format(%d)", int(f))
}

// Bits is what a weight takes, its share of scales and minima included.
func (f Format) Bits() float64 {
	switch f {
	case BFloat16:
		return 16
	case Int8:
		return 8 + 16.0/blockDepth
	case Int4:
		return 4 + 32.0/blockDepth
	}
	return 32
}

// ParseFormat is the format that String gives that name.
func ParseFormat(name string) (Format, error) {
	for _, f := range Formats() {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("cpu: there is no format %q of weights: want one of %v", name, Formats())
}

// Formats lists them, most exact first.
func Formats() []Format { return []Format{Float32, BFloat16, Int8, Int4} }

// blockDepth is how many weights of a row share a scale.
const blockDepth = 32

// groupDepth is how deep the groups are that the kernels for integers take at once: the depth of a product with few rows
// must be a multiple of it, or the weights are widened first.
const groupDepth = 8

// Packed is a weight (out, in) laid out once for many products. It is a copy: it does not follow the weight.
//
// It consists of panels of width outputs each, zeros beyond the last. Floats are laid out as in panels. Of integers, each
// block of 32 inputs begins with a scale for each output, in bfloat16, and with Int4 as many minima. Then Int8 has a row of
// bytes for each input; Int4 has, for each 8 inputs, 32 bits for each output, the first input in the lowest four.
type Packed struct {
	level      Level
	format     Format
	rows, cols int
	data       []float32
	step       int // floats from a panel to the next
}

// Pack lays out a weight (out, in) for MatMulNTs on this device: generating text reads the same weights for every token,
// and packed they are read in order, at the speed of memory.
func (d *Device) Pack(w Matrix, f Format) *Packed {
	w.check("W")
	if f < Float32 || f > Int4 {
		panic(fmt.Sprintf("cpu: Pack: there is no %v: want one of %v", f, Formats()))
	}
	p := &Packed{level: d.level, format: f, rows: w.Rows, cols: w.Cols}
	p.step = p.panelStep()
	p.data = compute.Floats(p.count() * p.step)
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.packed
	*t = packFormatTask{d.level, w, p}
	d.pool.run(t, p.count(), 2)
	*t = packFormatTask{}
	return p
}

// Format is how the weights are kept.
func (p *Packed) Format() Format { return p.format }

// Bytes is what a product reads of the weights: rows padded to whole panels, scales included.
func (p *Packed) Bytes() int { return 4 * p.count() * p.step }

// panelStep is a panel's size, with room for a little more than the depth: see panels.
func (p *Packed) panelStep() int {
	if p.format.integer() {
		const line = 16
		return (p.cols+blockDepth-1)/blockDepth*p.blockFloats() + line
	}
	return (p.cols + 1) * p.rowFloats()
}

// count is the number of panels.
func (p *Packed) count() int { return (p.rows + p.level.width() - 1) / p.level.width() }

func (f Format) integer() bool { return f == Int8 || f == Int4 }

// rowFloats is what a row of a panel takes, of formats that have rows.
func (p *Packed) rowFloats() int {
	if p.format == BFloat16 {
		return p.level.width() / 2
	}
	return p.level.width()
}

// blockFloats is what a block of integers takes.
func (p *Packed) blockFloats() int { return p.headFloats() + p.level.width()*blockDepth*p.bits()/32 }

// headFloats is what its scales take, and minima.
func (p *Packed) headFloats() int {
	if p.format == Int4 {
		return p.level.width()
	}
	return p.level.width() / 2
}

func (p *Packed) bits() int {
	if p.format == Int4 {
		return 4
	}
	return 8
}

// offset is where panel number n has depth k, a multiple of blockDepth.
func (p *Packed) offset(n, k int) int {
	if p.format.integer() {
		return n*p.step + k/blockDepth*p.blockFloats()
	}
	return n*p.step + k*p.rowFloats()
}

// panels are those of a format that the tiles read.
func (p *Packed) panels() panels {
	b := p.level.panelsIn(p.data, p.cols)
	if p.format == BFloat16 {
		b = b.halved()
	}
	return b
}

// packFormatTask packs panels.
type packFormatTask struct {
	level Level
	src   Matrix
	dst   *Packed
}

func (t *packFormatTask) part(w *worker, lo, hi int) {
	if t.dst.format == Float32 {
		t.dst.panels().fillT(t.level, t.src, lo, hi)
		return
	}
	width := t.level.width()
	for n := lo; n < hi; n++ {
		rows := Matrix{Data: t.src.Data[n*width*t.src.stride():], Rows: min(width, t.src.Rows-n*width), Cols: t.src.Cols, Stride: t.src.stride()}
		if t.dst.format == BFloat16 {
			whole := t.level.panelsIn(w.floats(0, t.level.panelFloats(rows.Rows, rows.Cols)), rows.Cols)
			whole.fillT(t.level, rows, 0, 1)
			roundPairs(t.dst.panels().packed(n, 0, rows.Cols), whole.packed(0, 0, rows.Cols))
			continue
		}
		for k := 0; k < rows.Cols; k += blockDepth {
			block := t.dst.data[t.dst.offset(n, k):][:t.dst.blockFloats()]
			for j := range rows.Rows {
				t.dst.quantize(block, j, rows.row(j)[k:min(k+blockDepth, rows.Cols)])
			}
		}
	}
}

// roundPairs rounds to bfloat16, two values in the place of one, the first in the lower bits.
func roundPairs(to, from []float32) {
	for i := range to {
		to[i] = math.Float32frombits(bfloat16(from[2*i]) | bfloat16(from[2*i+1])<<16)
	}
}

// bfloat16 is the upper half of the nearest value that has no lower half.
func bfloat16(x float32) uint32 {
	bits := math.Float32bits(x)
	if x != x {
		return bits>>16 | 0x40 // rounding could make an infinity of it
	}
	return (bits + 0x7fff + bits>>16&1) >> 16
}

// bfloat16Up is bfloat16, rounded away from zero, so that steps of that size reach what they were made for.
func bfloat16Up(x float32) uint32 {
	bits := math.Float32bits(x)
	if x != x {
		return bits>>16 | 0x40
	}
	if math.IsInf(float64(x), 0) {
		return bits >> 16
	}
	return (bits + 0xffff) >> 16
}

func fromBfloat16(h uint32) float32 { return math.Float32frombits(h << 16) }

// quantize puts up to 32 weights of output j into a block. A weight that is no number, or infinite, makes the block NaN.
func (p *Packed) quantize(block []float32, j int, w []float32) {
	low, high := w[0], w[0]
	broken := false
	for _, v := range w {
		low, high = min(low, v), max(high, v)
		broken = broken || v-v != 0
	}
	switch {
	case broken:
		const nan = 0x7fc0
		p.put(block, j, nan, nan, [blockDepth]int8{})
	case p.format == Int8:
		h := bfloat16Up(max(-low, high) / 127)
		p.put(block, j, h, 0, digits(w, 0, fromBfloat16(h), -127, 127))
	default:
		// The minimum is rounded down and the step up, from the rounded minimum: so the digits reach both ends.
		m := bfloat16(low)
		if low < 0 {
			m = bfloat16Up(low)
		} else if fromBfloat16(m) > low {
			m--
		}
		from := fromBfloat16(m)
		h := bfloat16Up(float32((float64(high) - float64(from)) / 15))
		p.put(block, j, h, m, digits(w, from, fromBfloat16(h), 0, 15))
	}
}

// digits are the q for which from + q·step are nearest to w.
func digits(w []float32, from, step float32, least, most int) (q [blockDepth]int8) {
	if step == 0 {
		return q
	}
	inverse := 1 / float64(step)
	for i, v := range w {
		q[i] = int8(min(max(math.RoundToEven((float64(v)-float64(from))*inverse), float64(least)), float64(most)))
	}
	return q
}

// put writes the scale, the minimum and the digits of output j.
func (p *Packed) put(block []float32, j int, scale, lowest uint32, q [blockDepth]int8) {
	to, width := words(block), p.level.width()
	to[j/2] |= scale << (16 * (j % 2))
	if p.format == Int4 {
		to[(width+j)/2] |= lowest << (16 * (j % 2))
	}
	to = to[p.headFloats():]
	for k, v := range q {
		if p.format == Int4 {
			to[k/groupDepth*width+j] |= uint32(v) << (4 * (k % groupDepth))
		} else {
			at := k*width + j
			to[at/4] |= uint32(uint8(v)) << (8 * (at % 4))
		}
	}
}

// words are the bits of a slice.
func words(x []float32) []uint32 { return unsafe.Slice((*uint32)(unsafe.Pointer(&x[0])), len(x)) }

// widened is how many floats widen writes for that depth.
func (p *Packed) widened(depth int) int {
	return (depth + groupDepth - 1) / groupDepth * groupDepth * p.level.width()
}

// widen writes a panel of integers from depth k on as rows of float32, all of the last group that n reaches into.
func (p *Packed) widen(dst []float32, panel, k, n int) {
	src, n := p.data[p.offset(panel, k):], (n+groupDepth-1)/groupDepth*groupDepth
	_, _ = dst[n*p.level.width()-1], src[(n+blockDepth-1)/blockDepth*p.blockFloats()-1]
	if p.level == Portable {
		p.widenPortable(dst, src, n)
		return
	}
	widenKernels[p.level-AVX2][p.format-Int8](&dst[0], &src[0], uintptr(n))
}

func (p *Packed) widenPortable(dst, src []float32, n int) {
	width := p.level.width()
	for k := range n {
		block := words(src[k/blockDepth*p.blockFloats():][:p.blockFloats()])
		digits, row := block[p.headFloats():], k%blockDepth
		for j := range width {
			half := 16 * (j % 2)
			scale := fromBfloat16(block[j/2] >> half & 0xffff)
			if p.format == Int8 {
				at := row*width + j
				dst[k*width+j] = float32(int8(digits[at/4]>>(8*(at%4)))) * scale
				continue
			}
			lowest := fromBfloat16(block[(width+j)/2] >> half & 0xffff)
			q := digits[row/groupDepth*width+j] >> (4 * (row % groupDepth)) & 15
			dst[k*width+j] = float32(q)*scale + lowest // the product is exact
		}
	}
}

// The kernels that widen, by level and format.
var widenKernels = [...][2]func(dst, src *float32, k uintptr){
	{widenInt8AVX2, widenInt4AVX2},
	{widenInt8AVX512, widenInt4AVX512},
}

package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Type names how a tensor's numbers are stored. The zero value means F32.
type Type string

// The types that can be read into, and written from, float32.
const (
	F32  Type = "F32"
	F16  Type = "F16"  // IEEE 754 half: 5 exponent bits, largest value 65504
	BF16 Type = "BF16" // bfloat16: the upper half of a float32
)

// sizes holds the bytes per number of every type of the format, also those
// that Tensor cannot widen, so that a header which names them can be checked.
func (t Type) size() int64 {
	switch t {
	case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3":
		return 1
	case "U16", "I16", F16, BF16:
		return 2
	case "U32", "I32", F32:
		return 4
	case "U64", "I64", "F64":
		return 8
	}
	return 0
}

// float reports whether the type can be widened to float32.
func (t Type) float() bool { return t == F32 || t == F16 || t == BF16 }

// decode widens src, stored as t, into dst. The sizes have been checked.
func (t Type) decode(dst []float32, src []byte) {
	switch t {
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
		}
	case F16:
		for i := range dst {
			dst[i] = widenHalf(binary.LittleEndian.Uint16(src[2*i:]))
		}
	}
}

// encode narrows src into dst, rounding to nearest, ties to even. A finite
// number that F16 cannot hold is an error: saving it as infinity would ruin
// the model without a word.
func (t Type) encode(dst []byte, src []float32) error {
	switch t {
	case F32:
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(x))
		}
	case BF16:
		for i, x := range src {
			b := narrowBrain(x)
			if b&0x7fff == 0x7f80 && !math.IsInf(float64(x), 0) {
				return fmt.Errorf("value %g is out of range for BF16: save as F32", x)
			}
			binary.LittleEndian.PutUint16(dst[2*i:], b)
		}
	case F16:
		for i, x := range src {
			h := narrowHalf(x)
			if h&0x7fff == 0x7c00 && !math.IsInf(float64(x), 0) {
				return fmt.Errorf("value %g is out of range for F16, which ends at 65504: save as BF16 or F32", x)
			}
			binary.LittleEndian.PutUint16(dst[2*i:], h)
		}
	}
	return nil
}

// narrowBrain rounds a float32 to bfloat16.
func narrowBrain(x float32) uint16 {
	b := math.Float32bits(x)
	if b&0x7fffffff > 0x7f800000 {
		return uint16(b>>16) | 0x40 // rounding could turn a NaN into infinity
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// widenHalf converts an IEEE 754 half to float32, exactly.
func widenHalf(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exponent := uint32(h>>10) & 0x1f
	fraction := uint32(h) & 0x3ff
	switch exponent {
	case 0: // zero and the subnormals: fraction · 2⁻²⁴
		x := float32(fraction) * 0x1p-24
		return math.Float32frombits(math.Float32bits(x) | sign)
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// narrowHalf rounds a float32 to an IEEE 754 half.
func narrowHalf(x float32) uint16 {
	b := math.Float32bits(x)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00 // NaN
	case b >= 0x47800000: // 65536 and above, infinity
		return sign | 0x7c00
	case b < 0x38800000: // below 2⁻¹⁴: subnormal, a multiple of 2⁻²⁴
		// Adding ½ lets the hardware round: the last bit of a float32 in
		// [½, 1) weighs 2⁻²⁴.
		r := math.Float32bits(math.Float32frombits(b) + 0.5)
		return sign | uint16(r-0x3f000000)
	}
	b += 0xfff + b>>13&1
	return sign | uint16((b-(127-15)<<23)>>13)
}

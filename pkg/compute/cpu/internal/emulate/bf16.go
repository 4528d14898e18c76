package emulate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The instructions of AVX512_BF16 stand in the assembly as six bytes, a LONG and a WORD, since the Go assembler does not
// know them.

func appendRaw(raw []byte, word, text string) ([]byte, error) {
	size := map[string]int{"LONG": 4, "WORD": 2}[word]
	if (size == 4) != (len(raw) == 0) {
		return nil, fmt.Errorf("%s after %d bytes: want a LONG, then a WORD", word, len(raw))
	}
	value, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(text), "$"), 0, 8*size)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", word, text, err)
	}
	for i := range size {
		raw = append(raw, byte(value>>(8*i)))
	}
	return raw, nil
}

// decode reads an EVEX instruction on three 512-bit registers (Intel, Software Developer's Manual, volume 2, section 2.7).
func decode(raw []byte, line int) (step, error) {
	p0, p1, p2, opcode, modrm := raw[1], raw[2], raw[3], raw[4], raw[5]
	clear := func(b byte, bit int) int { return int(^b >> bit & 1) }
	if raw[0] != 0x62 || p0&0x0f != 2 || p1&0x84 != 4 || p2&^0x08 != 0x40 || modrm>>6 != 3 {
		return step{}, fmt.Errorf("bytes % x are no plain instruction of the map 0F38 on 512-bit registers", raw)
	}
	destination := clear(p0, 7)<<3 | clear(p0, 4)<<4 | int(modrm>>3&7)
	first := int(^p1>>3&15) | clear(p2, 3)<<4
	second := clear(p0, 6)<<4 | clear(p0, 5)<<3 | int(modrm&7)
	s := step{line: line}
	switch prefix := p1 & 3; {
	case prefix == 2 && opcode == 0x52:
		s.op, s.run = "VDPBF16PS", dotPairs
	case prefix == 3 && opcode == 0x72:
		s.op, s.run = "VCVTNE2PS2BF16", roundBoth
	default:
		return step{}, fmt.Errorf("bytes % x: unknown instruction", raw)
	}
	for _, n := range []int{second, first, destination} {
		s.args = append(s.args, operand{kind: vector, reg: n, lanes: 16, index: -1, symbol: fmt.Sprintf("Z%d", n)})
	}
	return s, nil
}

// dotPairs adds the products of the upper values, then those of the lower, each rounded once; what is too small for a
// normal number counts as zero, going in and coming out.
func dotPairs(m *machine, a []operand) error {
	y, x, sum := m.vectors[a[0].reg], m.vectors[a[1].reg], m.vectors[a[2].reg]
	upper := func(v uint32) float32 { return flush(math.Float32frombits(v & 0xffff0000)) }
	for i, v := range sum {
		s := flush(math.Float32frombits(v))
		s = flush(fma(upper(x[i]), upper(y[i]), s))
		s = flush(fma(upper(x[i]<<16), upper(y[i]<<16), s))
		sum[i] = math.Float32bits(s)
	}
	m.store(a[2], sum)
	return nil
}

// flush makes a zero of a number below the normal ones.
func flush(x float32) float32 {
	if bits := math.Float32bits(x); bits&0x7f800000 == 0 {
		return math.Float32frombits(bits & 0x80000000)
	}
	return x
}

// roundBoth rounds to the nearest bfloat16, ties to even: the second source to the lower half, the first to the upper.
func roundBoth(m *machine, a []operand) error {
	low, high := m.vectors[a[0].reg], m.vectors[a[1].reg]
	var out [16]uint32
	for i := range 8 {
		out[i] = rounded(low[2*i]) | rounded(low[2*i+1])<<16
		out[8+i] = rounded(high[2*i]) | rounded(high[2*i+1])<<16
	}
	m.store(a[2], out)
	return nil
}

func rounded(bits uint32) uint32 {
	x := math.Float32frombits(bits)
	if x != x {
		return bits>>16 | 0x40
	}
	bits = math.Float32bits(flush(x))
	return (bits + 0x7fff + bits>>16&1) >> 16
}

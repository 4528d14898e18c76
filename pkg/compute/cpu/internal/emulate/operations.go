package emulate

import (
	"fmt"
	"math"
)

var jumps = map[string]bool{"JMP": true, "JB": true, "JZ": true, "JNZ": true}

func (m *machine) taken(op string) bool {
	switch op {
	case "JB":
		return m.carry
	case "JZ":
		return m.zero
	case "JNZ":
		return !m.zero
	}
	return true
}

// operations are the instructions that avo emits for the kernels, and no more.
var operations = map[string]func(*machine, []operand) error{
	"MOVQ": integers(func(m *machine, from, _ uint64) uint64 { return from }),
	"ADDQ": integers(func(m *machine, from, to uint64) uint64 { m.zero = to+from == 0; return to + from }),
	"SUBQ": integers(func(m *machine, from, to uint64) uint64 { m.zero, m.carry = to == from, to < from; return to - from }),
	"DECQ": func(m *machine, a []operand) error {
		m.general[a[0].reg]--
		m.zero = m.general[a[0].reg] == 0
		return nil
	},
	"SHLQ": integers(func(m *machine, by, x uint64) uint64 { m.zero = x<<by == 0; return x << by }),
	"NEGQ": func(m *machine, a []operand) error {
		x := &m.general[a[0].reg]
		m.zero, m.carry = *x == 0, *x != 0
		*x = -*x
		return nil
	},
	"LEAQ":  func(m *machine, a []operand) error { m.general[a[1].reg] = m.address(a[0]); return nil },
	"CMPQ":  compare,
	"TESTQ": test,

	"PAUSE":      func(*machine, []operand) error { return nil },
	"PREFETCHT0": func(*machine, []operand) error { return nil },
	"PREFETCHT1": func(*machine, []operand) error { return nil },
	"VZEROUPPER": zeroUpper,

	"VMOVUPS":      move,
	"VBROADCASTSS": broadcast,
	"VXORPS":       lanes2(func(a, b uint32) uint32 { return a ^ b }),
	"VPXORD":       lanes2(func(a, b uint32) uint32 { return a ^ b }),
	"VANDPS":       lanes2(func(a, b uint32) uint32 { return a & b }),
	"VANDNPS":      lanes2(func(b, a uint32) uint32 { return ^a & b }),
	"VPADDD":       lanes2(func(a, b uint32) uint32 { return a + b }),
	"VPSLLD":       shift(func(x uint32, by uint64) uint32 { return x << by }),
	"VPSRAD":       shift(func(x uint32, by uint64) uint32 { return uint32(int32(x) >> by) }),
	"VPANDN":       lanes2(func(b, a uint32) uint32 { return b &^ a }),
	"VPANDND":      lanes2(func(b, a uint32) uint32 { return b &^ a }),
	"VMOVSS":       moveOne,
	"VPSRLD":       shift(func(x uint32, by uint64) uint32 { return x >> by }),
	"VPSUBD":       lanes2(func(b, a uint32) uint32 { return a - b }),
	"VPADDQ":       pairs2(func(a, b uint64) uint64 { return a + b }),
	"VPMULUDQ":     pairs2(func(a, b uint64) uint64 { return uint64(uint32(a)) * uint64(uint32(b)) }),
	"VPSRLQ":       shiftPairs,
	"VPBROADCASTQ": broadcastPair,
	"VPMOVZXWD":    widen,
	"VPMOVSXBD":    widenBytes,
	"VPERMPS":      permute,
	"VPERMW":       permuteWords,
	"VSQRTPS":      lanes1(func(v uint32) uint32 { return math.Float32bits(float32(math.Sqrt(float64(math.Float32frombits(v))))) }),
	"VCVTDQ2PS":    lanes1(func(v uint32) uint32 { return math.Float32bits(float32(int32(v))) }),
	"VHADDPS":      addPairs,

	"VINSERTF128": insert,
	"VUNPCKLPS":   interleave(0),
	"VUNPCKHPS":   interleave(2),
	"VSHUFPS":     shuffle,

	"VEXTRACTF128":  extract(4),
	"VEXTRACTF64X4": extract(8),

	// In the Go assembler the last source of Intel's manual comes first.
	"VADDPS": floats2(func(b, a float32) float32 { return a + b }),
	"VSUBPS": floats2(func(b, a float32) float32 { return a - b }),
	"VMULPS": floats2(func(b, a float32) float32 { return a * b }),
	"VDIVPS": floats2(func(b, a float32) float32 { return a / b }),
	"VMAXPS": floats2(func(b, a float32) float32 { return choose(a > b, a, b) }), // b where either is NaN
	"VMINPS": floats2(func(b, a float32) float32 { return choose(a < b, a, b) }),

	"VFMADD231PS":  floats3(func(c, b, a float32) float32 { return fma(b, c, a) }),
	"VFMADD213PS":  floats3(func(c, b, a float32) float32 { return fma(b, a, c) }),
	"VFNMADD231PS": floats3(func(c, b, a float32) float32 { return fma(-b, c, a) }),
	"VFMSUB231PS":  floats3(func(c, b, a float32) float32 { return fma(b, c, -a) }),
	"VFMSUB213PS":  floats3(func(c, b, a float32) float32 { return fma(b, a, -c) }),
	"VFMSUB132PS":  floats3(func(c, b, a float32) float32 { return fma(a, c, -b) }),
}

func choose(first bool, a, b float32) float32 {
	if first {
		return a
	}
	return b
}

// fma is a·b + c with one rounding. The product is exact in float64; the sum is rounded to odd there, so that rounding
// once more to float32 gives what one rounding would have given.
func fma(a, b, c float32) float32 {
	product, addend := float64(a)*float64(b), float64(c)
	sum := product + addend
	part := sum - product
	lost := (product - (sum - part)) + (addend - part)
	if bits := math.Float64bits(sum); lost != 0 && !math.IsNaN(lost) && bits&1 == 0 {
		if (lost > 0) == (sum > 0) {
			bits++
		} else {
			bits--
		}
		sum = math.Float64frombits(bits)
	}
	return float32(sum)
}

func integers(f func(m *machine, from, to uint64) uint64) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		from, err := m.integer(a[0])
		if err != nil {
			return err
		}
		if a[1].kind != general {
			return fmt.Errorf("%s is no general register", a[1].symbol)
		}
		m.general[a[1].reg] = f(m, from, m.general[a[1].reg])
		return nil
	}
}

func compare(m *machine, a []operand) error {
	x, err := m.integer(a[0])
	if err != nil {
		return err
	}
	y, err := m.integer(a[1])
	m.zero, m.carry = x == y, x < y
	return err
}

func test(m *machine, a []operand) error {
	x, err := m.integer(a[0])
	if err != nil {
		return err
	}
	y, err := m.integer(a[1])
	m.zero, m.carry = x&y == 0, false
	return err
}

func zeroUpper(m *machine, _ []operand) error {
	for i := range 16 {
		clear(m.vectors[i][4:])
	}
	return nil
}

func move(m *machine, a []operand) error {
	if a[1].kind == memory {
		to, err := m.at(a[1], a[0].lanes)
		copy(to, m.vectors[a[0].reg][:a[0].lanes])
		return err
	}
	v, err := m.load(a[0], a[1].lanes)
	m.store(a[1], v)
	return err
}

func broadcast(m *machine, a []operand) error {
	v, err := m.load(a[0], 1)
	for i := range v {
		v[i] = v[0]
	}
	m.store(a[1], v)
	return err
}

// moveOne stores the first lane.
func moveOne(m *machine, a []operand) error {
	if a[1].kind != memory {
		return fmt.Errorf("VMOVSS to %s: only stores are known", a[1].symbol)
	}
	to, err := m.at(a[1], 1)
	copy(to, m.vectors[a[0].reg][:1])
	return err
}

func shift(f func(x uint32, by uint64) uint32) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		v, err := m.load(a[1], a[2].lanes)
		for i := range v {
			v[i] = f(v[i], a[0].value)
		}
		m.store(a[2], v)
		return err
	}
}

// widenBytes makes signed bytes lanes of 32 bits, the lowest of four first.
func widenBytes(m *machine, a []operand) error {
	fours, err := m.load(a[0], a[1].lanes/4)
	var out [16]uint32
	for i := range a[1].lanes {
		out[i] = uint32(int32(int8(fours[i/4] >> (8 * (i % 4)))))
	}
	m.store(a[1], out)
	return err
}

// permute takes lanes of the first source, which the lowest bits of the second choose.
func permute(m *machine, a []operand) error {
	from, err := m.load(a[0], a[2].lanes)
	if err != nil {
		return err
	}
	v, err := m.load(a[1], a[2].lanes)
	for i := range a[2].lanes {
		v[i] = from[int(v[i])%a[2].lanes]
	}
	m.store(a[2], v)
	return err
}

// pair is lanes 2i and 2i+1 as one integer of 64 bits, the lower half first.
func pair(v [16]uint32, i int) uint64 { return uint64(v[2*i]) | uint64(v[2*i+1])<<32 }

func setPair(v *[16]uint32, i int, to uint64) { v[2*i], v[2*i+1] = uint32(to), uint32(to>>32) }

func pairs2(f func(a, b uint64) uint64) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		x, err := m.load(a[0], a[2].lanes)
		if err != nil {
			return err
		}
		y, err := m.load(a[1], a[2].lanes)
		for i := range a[2].lanes / 2 {
			setPair(&x, i, f(pair(x, i), pair(y, i)))
		}
		m.store(a[2], x)
		return err
	}
}

func shiftPairs(m *machine, a []operand) error {
	v, err := m.load(a[1], a[2].lanes)
	for i := range a[2].lanes / 2 {
		setPair(&v, i, pair(v, i)>>a[0].value)
	}
	m.store(a[2], v)
	return err
}

func broadcastPair(m *machine, a []operand) error {
	v, err := m.load(a[0], 2)
	for i := range v {
		v[i] = v[i%2]
	}
	m.store(a[1], v)
	return err
}

// permuteWords is permute for lanes of 16 bits.
func permuteWords(m *machine, a []operand) error {
	from, err := m.load(a[0], a[2].lanes)
	if err != nil {
		return err
	}
	order, err := m.load(a[1], a[2].lanes)
	var out [16]uint32
	for i := range 2 * a[2].lanes {
		at := int(order[i/2]>>(16*(i%2))&0xffff) % (2 * a[2].lanes)
		out[i/2] |= from[at/2] >> (16 * (at % 2)) & 0xffff << (16 * (i % 2))
	}
	m.store(a[2], out)
	return err
}

// widen makes lanes of 16 bits lanes of 32, the lower of a pair first.
func widen(m *machine, a []operand) error {
	pairs, err := m.load(a[0], a[1].lanes/2)
	var out [16]uint32
	for i := range a[1].lanes {
		out[i] = pairs[i/2] >> (16 * (i % 2)) & 0xffff
	}
	m.store(a[1], out)
	return err
}

func lanes1(f func(v uint32) uint32) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		v, err := m.load(a[0], a[1].lanes)
		for i := range v {
			v[i] = f(v[i])
		}
		m.store(a[1], v)
		return err
	}
}

// addPairs adds neighbours, within each group of four lanes: two sums of the second source, then two of the first.
func addPairs(m *machine, a []operand) error {
	second, err := m.load(a[0], a[2].lanes)
	if err != nil {
		return err
	}
	first, err := m.load(a[1], a[2].lanes)
	sum := func(v [16]uint32, i int) uint32 {
		return math.Float32bits(math.Float32frombits(v[i]) + math.Float32frombits(v[i+1]))
	}
	var out [16]uint32
	for group := 0; group < a[2].lanes; group += 4 {
		out[group], out[group+1] = sum(first, group), sum(first, group+2)
		out[group+2], out[group+3] = sum(second, group), sum(second, group+2)
	}
	m.store(a[2], out)
	return err
}

// extract copies one part of a register, n lanes wide.
func extract(n int) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		v, err := m.load(a[1], a[1].lanes)
		var out [16]uint32
		copy(out[:n], v[int(a[0].value)*n:])
		m.store(a[2], out)
		return err
	}
}

// insert replaces the upper or lower half of a register.
func insert(m *machine, a []operand) error {
	half, err := m.load(a[1], 4)
	if err != nil {
		return err
	}
	v, err := m.load(a[2], a[3].lanes)
	copy(v[4*a[0].value:][:4], half[:4])
	m.store(a[3], v)
	return err
}

// interleave takes two lanes of each group of four, from first on, of both sources in turn.
func interleave(first int) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		second, err := m.load(a[0], a[2].lanes)
		if err != nil {
			return err
		}
		one, err := m.load(a[1], a[2].lanes)
		var out [16]uint32
		for group := 0; group < a[2].lanes; group += 4 {
			for i := range 2 {
				out[group+2*i], out[group+2*i+1] = one[group+first+i], second[group+first+i]
			}
		}
		m.store(a[2], out)
		return err
	}
}

// shuffle takes, within each group of four lanes, two of the first source and two of the second, which two bits each of
// the constant choose.
func shuffle(m *machine, a []operand) error {
	second, err := m.load(a[1], a[3].lanes)
	if err != nil {
		return err
	}
	one, err := m.load(a[2], a[3].lanes)
	var out [16]uint32
	for group := 0; group < a[3].lanes; group += 4 {
		for i := range 4 {
			from := one
			if i >= 2 {
				from = second
			}
			out[group+i] = from[group+int(a[0].value>>(2*i)&3)]
		}
	}
	m.store(a[3], out)
	return err
}

func lanes2(f func(a, b uint32) uint32) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		x, err := m.load(a[0], a[2].lanes)
		if err != nil {
			return err
		}
		y, err := m.load(a[1], a[2].lanes)
		for i := range a[2].lanes {
			x[i] = f(x[i], y[i])
		}
		m.store(a[2], x)
		return err
	}
}

func floats2(f func(a, b float32) float32) func(*machine, []operand) error {
	return lanes2(func(a, b uint32) uint32 {
		return math.Float32bits(f(math.Float32frombits(a), math.Float32frombits(b)))
	})
}

// floats3 also reads the destination.
func floats3(f func(a, b, c float32) float32) func(*machine, []operand) error {
	return func(m *machine, a []operand) error {
		n := a[2].lanes
		x, err := m.load(a[0], n)
		if err != nil {
			return err
		}
		y, err := m.load(a[1], n)
		if err != nil {
			return err
		}
		z, err := m.load(a[2], n)
		for i := range n {
			z[i] = math.Float32bits(f(math.Float32frombits(x[i]), math.Float32frombits(y[i]), math.Float32frombits(z[i])))
		}
		m.store(a[2], z)
		return err
	}
}

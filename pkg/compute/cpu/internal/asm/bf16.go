package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// bf16 writes the kernels for products of two sides in bfloat16. They need the extension AVX512_BF16, whose instructions
// neither avo nor the Go assembler knows: they are written as bytes, on registers that are chosen here.
func bf16(l level) {
	for rows := 1; rows <= l.rows; rows++ {
		tileBF16(l, rows)
	}
	pairRows()
	pairColumns()
}

// zmm are the vector registers by number.
var zmm = [32]Register{
	Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
	Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31,
}

// evex emits an instruction of the map 0F38 on whole 512-bit registers: prefix and opcode as in Intel's manual (Software
// Developer's Manual, volume 2, section 2.7), destination, first and second source.
func evex(prefix, opcode byte, destination, first, second int) {
	not := func(bit int) byte { return byte(^bit & 1) }
	bytes := [6]byte{
		0x62,
		not(destination>>3)<<7 | not(second>>4)<<6 | not(second>>3)<<5 | not(destination>>4)<<4 | 2,
		byte(^first&15)<<3 | 1<<2 | prefix,
		2<<5 | not(first>>4)<<3,
		opcode,
		3<<6 | byte(destination&7)<<3 | byte(second&7),
	}
	raw := func(name string, operand Op) { Instruction(&ir.Instruction{Opcode: name, Operands: []Op{operand}}) }
	raw("LONG", U32(uint32(bytes[0])|uint32(bytes[1])<<8|uint32(bytes[2])<<16|uint32(bytes[3])<<24))
	raw("WORD", U16(uint16(bytes[4])|uint16(bytes[5])<<8))
}

// vdpbf16ps does sum += x·y for the two values of each pair.
func vdpbf16ps(x, y, sum int) { evex(2, 0x52, sum, x, y) }

// vcvtne2ps2bf16 rounds two registers: low to the lower half of out, high to the upper.
func vcvtne2ps2bf16(low, high, out int) { evex(3, 0x72, out, high, low) }

// tileBF16 is the tile for pairs: A and B hold two values along the depth in the place of one, so k counts pairs. Rounding
// apart it is tile with half the steps, and each does twice the work.
func tileBF16(l level, rows int) {
	name := fmt.Sprintf("tile%dBF16", rows)
	open(name, "func(a *float32, tileStride uintptr, rowStride uintptr, depthStride uintptr, b *float32, bStride uintptr, c *float32, cStride uintptr, k uintptr, accumulate uintptr, count uintptr, ahead *float32, aheadStride uintptr)")
	Doc(fmt.Sprintf("%s computes count groups of %d rows and %d columns of C from pairs of bfloat16, as the tiles of float32 do.", name, rows, 2*l.lanes))
	a := Load(Param("a"), GP64())
	rs, ks := Load(Param("rowStride"), GP64()), Load(Param("depthStride"), GP64())
	c, cs := Load(Param("c"), GP64()), Load(Param("cStride"), GP64())
	count, ahead := Load(Param("count"), GP64()), Load(Param("ahead"), GP64())
	const b0, b1, x = 24, 25, 26 // B, and registers for A in turns
	Label("next" + name)
	for i := range 2 * rows {
		VPXORD(zmm[i], zmm[i], zmm[i])
	}
	fetchRows(2*l.bytes(), c, cs, rows)
	bases := rowBases(a, rs, rows)
	b, bs, k := Load(Param("b"), GP64()), Load(Param("bStride"), GP64()), Load(Param("k"), GP64())
	fetch := func() {
		PREFETCHT1(Mem{Base: ahead})
		PREFETCHT1(Mem{Base: ahead, Disp: 64})
		ADDQ(parameter("aheadStride"), ahead)
	}
	deep(l, name, k, fetch, func(int) {
		VMOVUPS(Mem{Base: b}, zmm[b0])
		VMOVUPS(Mem{Base: b, Disp: l.bytes()}, zmm[b1])
		for i := range rows {
			m := Mem{Base: bases[i/3]}
			if i%3 > 0 {
				m.Index, m.Scale = rs, uint8(i%3)
			}
			turn := x + i%6
			VBROADCASTSS(m, zmm[turn])
			vdpbf16ps(turn, b0, 2*i)
			vdpbf16ps(turn, b1, 2*i+1)
		}
		stride(b, bs)
		for _, p := range bases {
			stride(p, ks)
		}
	})
	acc := Load(Param("accumulate"), GP64())
	TESTQ(acc, acc)
	JZ(LabelRef("store" + name))
	from := GP64()
	MOVQ(c, from)
	for i := range rows {
		VADDPS(Mem{Base: from}, zmm[2*i], zmm[2*i])
		VADDPS(Mem{Base: from, Disp: l.bytes()}, zmm[2*i+1], zmm[2*i+1])
		stride(from, cs)
	}
	Label("store" + name)
	for i := range rows {
		VMOVUPS(zmm[2*i], Mem{Base: c})
		VMOVUPS(zmm[2*i+1], Mem{Base: c, Disp: l.bytes()})
		stride(c, cs)
	}
	stride(a, Load(Param("tileStride"), GP64()))
	DECQ(count)
	JNZ(LabelRef("next" + name))
	VZEROUPPER()
	RET()
}

// pairRows writes the kernel that makes pairs of two rows, one above the other.
func pairRows() {
	open("pairRowsBF16", "func(dst *float32, x *float32, y *float32, n uintptr)")
	Doc("pairRowsBF16 rounds n values of x and of y, a multiple of 16, to bfloat16: a pair has one of x in its lower half and one of y in its upper.")
	dst, x, y, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64())
	order := GLOBL("pairOrder", attr.RODATA|attr.NOPTR) // value i of the lower half, value i of the upper
	for i := range 16 {
		DATA(4*i, U32(uint32(i|(16+i)<<16)))
	}
	VMOVUPS(order, Z3)
	Label("loopPairRows")
	TESTQ(n, n)
	JZ(LabelRef("endPairRows"))
	VMOVUPS(Mem{Base: x}, Z0)
	VMOVUPS(Mem{Base: y}, Z1)
	vcvtne2ps2bf16(0, 1, 2)
	VPERMW(Z2, Z3, Z2)
	VMOVUPS(Z2, Mem{Base: dst})
	for _, p := range []Register{dst, x, y} {
		ADDQ(Imm(64), p)
	}
	SUBQ(Imm(16), n)
	JMP(LabelRef("loopPairRows"))
	Label("endPairRows")
	VZEROUPPER()
	RET()
}

// pairColumns writes the kernel that makes pairs of neighbours.
func pairColumns() {
	open("pairColumnsBF16", "func(dst *float32, x *float32, n uintptr)")
	Doc("pairColumnsBF16 rounds n values of x, a multiple of 32, to bfloat16, two in the place of one.")
	dst, x, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	Label("loopPairColumns")
	TESTQ(n, n)
	JZ(LabelRef("endPairColumns"))
	VMOVUPS(Mem{Base: x}, Z0)
	VMOVUPS(Mem{Base: x, Disp: 64}, Z1)
	vcvtne2ps2bf16(0, 1, 2)
	VMOVUPS(Z2, Mem{Base: dst})
	ADDQ(Imm(64), dst)
	ADDQ(U32(128), x)
	SUBQ(Imm(32), n)
	JMP(LabelRef("loopPairColumns"))
	Label("endPairColumns")
	VZEROUPPER()
	RET()
}

package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The multipliers and key increments of Philox4x32, Salmon et al., SC'11, table 2.
const (
	philoxM0, philoxM1 = 0xD2511F53, 0xCD9E8D57
	philoxW0, philoxW1 = 0x9E3779B9, 0xBB67AE85
	philoxRounds       = 10
)

// counters are Philox states, one in each pair of lanes, of which the lower counts: VPMULUDQ multiplies those.
type counters [4]VecVirtual

// round returns the states after a round with the keys.
func (c counters) round(l level, key [2]VecVirtual) counters {
	first, second := l.reg(0), l.reg(0)
	VPMULUDQ(pattern(philoxM0), c[0], first)
	VPMULUDQ(pattern(philoxM1), c[2], second)
	high, low := l.reg(0), l.reg(0)
	VPSRLQ(Imm(32), second, high)
	l.xor(c[1], high)
	l.xor(key[0], high)
	VPSRLQ(Imm(32), first, low)
	l.xor(c[3], low)
	l.xor(key[1], low)
	return counters{high, second, low, first}
}

// dropout multiplies x by 0 or scale. Blocks of Philox are taken sixteen at a time, for 64 values: word w of block b decides
// on value 16·w + b, so that words of consecutive blocks are a register of decisions. Two registers hold the states: within
// each 128 bits the first has blocks 0 and 1 of four, the second 2 and 3, which VSHUFPS brings in order.
func dropout(l level) {
	name := "dropout" + l.name
	open(name, "func(y *float32, x *float32, block uintptr, step uintptr, layer uintptr, key0 uintptr, key1 uintptr, threshold uintptr, scale float32, n uintptr)")
	Doc(name + " does y = x·scale where half of the random word is at least threshold, else x·0, for n groups of 64 values; threshold is given twice, in both halves.")
	y, x, n := Load(Param("y"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	argument := func(name string) Mem {
		at, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return at.Addr
	}
	spread := func(name string) VecVirtual {
		r := l.reg(0)
		VPBROADCASTQ(argument(name), r)
		return r
	}
	base := spread("block")
	Label("loop_" + name)
	TESTQ(n, n)
	JZ(LabelRef("end_" + name))
	for half := range 16 / l.lanes {
		var states [2]counters
		for i := range states {
			start, high := l.reg(0), l.reg(0)
			VPADDQ(offsets(i), base, start)
			VPSRLQ(Imm(32), start, high)
			states[i] = counters{start, high, spread("step"), spread("layer")}
		}
		VPADDQ(evenly(l.lanes), base, base)
		key := [2]VecVirtual{spread("key0"), spread("key1")}
		for round := range philoxRounds {
			if round > 0 {
				VPADDD(pattern(philoxW0), key[0], key[0])
				VPADDD(pattern(philoxW1), key[1], key[1])
			}
			for i := range states {
				states[i] = states[i].round(l, key)
			}
		}
		scale, threshold := l.reg(0), spread("threshold")
		VBROADCASTSS(argument("scale"), scale)
		for w := range 4 {
			at := 4*16*w + half*l.bytes()
			r := l.reg(0)
			VSHUFPS(Imm(0x88), states[1][w], states[0][w], r)
			VPSRLD(Imm(1), r, r)
			VPSUBD(threshold, r, r)
			VPSRAD(Imm(31), r, r)
			VANDNPS(scale, r, r)
			VMULPS(Mem{Base: x, Disp: at}, r, r)
			VMOVUPS(r, Mem{Base: y, Disp: at})
		}
	}
	ADDQ(U32(256), x)
	ADDQ(U32(256), y)
	DECQ(n)
	JMP(LabelRef("loop_" + name))
	Label("end_" + name)
	VZEROUPPER()
	RET()
}

// integers is a table of eight numbers of 64 bits, made once.
func integers(name string, values func(i int) uint32) Mem {
	if m, ok := named[name]; ok {
		return m
	}
	m := GLOBL(name, attr.RODATA|attr.NOPTR)
	for i := range 8 {
		DATA(8*i, U32(values(i)))
		DATA(8*i+4, U32(0))
	}
	named[name] = m
	return m
}

var named = map[string]Mem{}

// offsets are the blocks of register i of a pair: 0 1 4 5 8 9 12 13, or 2 3 6 7 10 11 14 15.
func offsets(register int) Mem {
	return integers(fmt.Sprintf("blocks%d", register), func(i int) uint32 { return uint32(i/2*4 + i%2 + 2*register) })
}

func evenly(n int) Mem {
	return integers(fmt.Sprintf("each%d", n), func(int) uint32 { return uint32(n) })
}

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// mix writes the kernel that adds up rows with a weight each, as attention does with values. Even and odd rows have sums of
// their own, since an addition waits for the one before.
func mix(l level, registers int) {
	name := fmt.Sprintf("mix%d%s", registers, l.name)
	open(name, "func(y *float32, p *float32, v *float32, stride uintptr, n uintptr)")
	Doc(fmt.Sprintf("%s does y = Σ p[i]·v[i] for n rows v of %d values, stride bytes apart.", name, registers*l.lanes))
	y, p, v := Load(Param("y"), GP64()), Load(Param("p"), GP64()), Load(Param("v"), GP64())
	step, n := Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	var sums [2][]VecVirtual
	for way := range sums {
		for range registers {
			s := l.reg(0)
			l.zero(s)
			sums[way] = append(sums[way], s)
		}
	}
	add := func(way int) {
		x := l.reg(0)
		VBROADCASTSS(Mem{Base: p, Disp: 4 * way}, x)
		for i, s := range sums[way] {
			m := Mem{Base: v, Disp: i * l.bytes()}
			if way == 1 {
				m.Index, m.Scale = step, 1
			}
			VFMADD231PS(m, x, s)
		}
	}
	Label("loop_" + name)
	CMPQ(n, Imm(2))
	JB(LabelRef("rest_" + name))
	add(0)
	add(1)
	ADDQ(Imm(8), p)
	LEAQ(Mem{Base: v, Index: step, Scale: 2}, v)
	SUBQ(Imm(2), n)
	JMP(LabelRef("loop_" + name))
	Label("rest_" + name)
	TESTQ(n, n)
	JZ(LabelRef("end_" + name))
	add(0)
	Label("end_" + name)
	for i, s := range sums[0] {
		VADDPS(sums[1][i], s, s)
		VMOVUPS(s, Mem{Base: y, Disp: i * l.bytes()})
	}
	VZEROUPPER()
	RET()
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// norms writes the kernels of sums over rows and of LayerNorm.
func norms(l level) {
	reduction(l, "sum", "gives Σ x", []string{"x"}, nil, 4, 1, func(k *kernel, _ []VecVirtual, at func(int) Mem, sums []VecVirtual) {
		VADDPS(at(1), sums[0], sums[0])
	})
	reduction(l, "squares", "gives Σ (x − m)²", []string{"x"}, []string{"m"}, 4, 1, func(k *kernel, s []VecVirtual, at func(int) Mem, sums []VecVirtual) {
		d := centred(l, at(1), s[0])
		VFMADD231PS(d, d, sums[0])
	})
	reduction(l, "moment", "gives Σ dy·w·(x − m)", []string{"dy", "w", "x"}, []string{"m"}, 4, 1, func(k *kernel, s []VecVirtual, at func(int) Mem, sums []VecVirtual) {
		g, d := l.reg(0), centred(l, at(3), s[0])
		VMOVUPS(at(1), g)
		VMULPS(at(2), g, g)
		VFMADD231PS(g, d, sums[0])
	})
	layerNorm(l, false)
	layerNorm(l, true)
	layerNormBack(l, false)
	layerNormBack(l, true)
}

func centred(l level, x Mem, m VecVirtual) VecVirtual {
	d := l.reg(0)
	VMOVUPS(x, d)
	VSUBPS(m, d, d)
	return d
}

// reduction writes a kernel that leaves some sums over its slices in out, four values in all, in turn. Each sum has some
// ways, added in pairs, since an addition waits for the one before: a fixed order. term adds one register's worth of
// pointer i, at(i), where out is pointer 0.
func reduction(l level, name, doc string, ptrs, scalars []string, ways, results int, term func(k *kernel, s []VecVirtual, at func(int) Mem, sums []VecVirtual)) {
	k, s := begin(l, name, doc+", four values of out in all.", append([]string{"out"}, ptrs...), scalars)
	sums := make([][]VecVirtual, ways)
	for way := range sums {
		for range results {
			r := l.reg(0)
			l.zero(r)
			sums[way] = append(sums[way], r)
		}
	}
	add := func(registers int) {
		for i := range registers {
			term(k, s, func(p int) Mem { return Mem{Base: k.ptrs[p], Disp: i * l.bytes()} }, sums[i])
		}
		for _, p := range k.ptrs[1:] {
			ADDQ(U32(uint32(registers*l.bytes())), p)
		}
		SUBQ(U32(uint32(registers*l.lanes)), k.n)
	}
	Label("loop_" + k.name)
	CMPQ(k.n, U32(uint32(ways*l.lanes)))
	JB(LabelRef("rest_" + k.name))
	add(ways)
	JMP(LabelRef("loop_" + k.name))
	Label("rest_" + k.name)
	if ways > 1 {
		TESTQ(k.n, k.n)
		JZ(LabelRef("end_" + k.name))
		add(1)
		JMP(LabelRef("rest_" + k.name))
		Label("end_" + k.name)
	}
	for n := ways / 2; n > 0; n /= 2 {
		for way := range n {
			for i := range results {
				VADDPS(sums[way+n][i], sums[way][i], sums[way][i])
			}
		}
	}
	var all []VecVirtual
	for i := range 4 {
		all = append(all, sums[0][i%results])
	}
	VMOVUPS(addLanes(l, all), k.at(0))
	k.end()
}

func layerNorm(l level, bias bool) {
	name, doc, ptrs := "layerNorm", "does y = r·(x − m)·w.", []string{"y", "x", "w"}
	if bias {
		name, doc, ptrs = "layerNormBias", "does y = r·(x − m)·w + b.", append(ptrs, "b")
	}
	k, s := begin(l, name, doc, ptrs, []string{"m", "r"})
	k.loop(func() {
		d := centred(l, k.at(1), s[0])
		VMULPS(s[1], d, d)
		if bias {
			w := k.load(2)
			VFMADD213PS(k.at(3), w, d)
		} else {
			VMULPS(k.at(2), d, d)
		}
		VMOVUPS(d, k.at(0))
	})
	k.end()
}

func layerNormBack(l level, bias bool) {
	name, doc, ptrs := "layerNormBack", "does dx = r·dy·w − a − c·(x − m) and dw += r·dy·(x − m)", []string{"dx", "dw", "dy", "x", "w"}
	if bias {
		name, doc, ptrs = "layerNormBiasBack", doc+", db += dy", append(ptrs, "db")
	}
	k, s := begin(l, name, doc+".", ptrs, []string{"m", "r", "a", "c"})
	m, r, a, c := s[0], s[1], s[2], s[3]
	k.loop(func() {
		dy, d := k.load(2), centred(l, k.at(3), m)
		if bias {
			db := k.load(5)
			VADDPS(dy, db, db)
			VMOVUPS(db, k.at(5))
		}
		VMULPS(r, dy, dy)
		dw := k.load(1)
		VFMADD231PS(dy, d, dw)
		VMOVUPS(dw, k.at(1))
		VFMADD213PS(a, c, d)
		VFMSUB231PS(k.at(4), dy, d)
		VMOVUPS(d, k.at(0))
	})
	k.end()
}

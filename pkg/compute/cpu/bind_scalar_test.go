package cpu_test

import "github.com/tunebook/tunebook/pkg/compute"

// scalarCases are those of bindCases for functions of single values and sums by group.
func scalarCases() (list []bindCase) {
	add := func(terms int, ops ...compute.Op) {
		for _, op := range ops {
			list = append(list, bindCase{op, terms})
		}
	}
	for _, n := range []int{1, 7, 2001} {
		for kind := compute.Exp; kind <= compute.Shift; kind++ {
			add(4, compute.Unary{N: n, Kind: kind, A: -0.5, B: 1}, compute.UnaryBack{N: n, Kind: kind, A: -0.5, B: 1})
		}
		for kind := compute.Sub; kind <= compute.Max; kind++ {
			add(2, compute.Binary{N: n, Kind: kind}, compute.BinaryBack{N: n, Kind: kind}, compute.BinaryBack{N: n, Kind: kind, Second: true})
		}
		add(n, compute.SumBy{N: n, Groups: 1}, compute.SumBy{N: n, Groups: 5})
		add(1, compute.SumByBack{N: n, Groups: 5})
	}
	return list
}

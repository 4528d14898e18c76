package session

import "testing"

// TestOnePackage runs cells that stand in one package: what is unexported in one is at home in all others. A cell whose
// want is empty must show nothing, not even a note.
func TestOnePackage(t *testing.T) {
	type run struct{ cell, want string }
	for name, cells := range map[string][]run{
		"a positional literal of an earlier struct": {
			{"type pair struct{ a, b int }", ""},
			{"pair{1, 2}.b", "2"},
			{"type wrap struct { pair; c int }\nw := wrap{pair{3, 4}, 5}\nw.a + w.b + w.c", "12"},
			{"[]pair{{1, 2}, {3, 4}}[1].a + map[string]*pair{\"k\": {5, 6}}[\"k\"].b", "9"},
		},
		"a type made of a type of an earlier cell": {
			{"type A int", ""},
			{"type B A\nvar b B = 3\nb", "3"},
			{"type C = B\nvar c C = b\nc", "3"},
		},
		"a method on an alias of an earlier cell": {
			{"type B struct{ x int }", ""},
			{"type A = B", ""},
			{"func (a A) get() int { return a.x }\nB{4}.get()", "4"},
		},
		"unexported methods of an earlier interface": {
			{"type shape interface{ area() int }", ""},
			{"type square struct{ side int }\nfunc (s square) area() int { return s.side * s.side }", ""},
			{"type box struct{ square; depth int }", ""},
			{"var s shape = box{square{3}, 1}\ns.area()", "9"},
			{"var v any = s\nif x, ok := v.(shape); ok { fmt.Print(x.area()) }", "9"},
		},
		"generic types over cells": {
			{"type node[T any] struct { value T; next *node[T] }", ""},
			{"type list[T any] struct { head *node[T]; n int }\nfunc (l *list[T]) push(v T) { l.head = &node[T]{v, l.head}; l.n++ }", ""},
			{"type metres int", ""},
			{"l := &list[metres]{nil, 0}\nl.push(7)", ""},
			{"fmt.Sprint(l.head.value, *l.head == node[metres]{7, nil})", "7 true"},
		},
		"a constraint and a type of earlier cells": {
			{"type number interface{ ~int | ~float64 }", ""},
			{"func add[T number](a, b T) T { return a + b }", ""},
			{"type metres int", ""},
			{"add(metres(1), 2)", "3"},
		},
		"recursion over cells": {
			{"type tree struct { left, right *tree; v int }", ""},
			{"func (t *tree) sum() int { if t == nil { return 0 }; return t.left.sum() + t.v + t.right.sum() }", ""},
			{"(&tree{&tree{nil, nil, 1}, &tree{nil, nil, 2}, 4}).sum()", "7"},
		},
		"one name for one thing after the other": {
			{"x := 1", ""},
			{"x := \"s\"", ""},
			{"func x() int { return 7 }", ""},
			{"x()", "7"},
			{"type x struct{ k int }", ""},
			{"x{3}.k", "3"},
			{"x := x{4}", ""},
			{"x.k", "4"},
		},
		"a cell that fails leaves nothing behind": {
			{"type T struct{ a int }\nt := T{1}", ""},
			{"type T struct{ a string }\nfunc f() int { return 1 }\nu := T{1}", "CompileError: cell 2:3:8: cannot use 1 (untyped int constant) as string value in struct literal"},
			{"u", "CompileError: cell 3:1:1: undefined: u"},
			{"f()", "CompileError: cell 4:1:1: undefined: f"},
			{"func (t T) twice() int { return t.a + t.b }", "CompileError: cell 5:1:41: t.b undefined (type T has no field or method b)"},
			{"t = T{5}\nt.a", "5"},
			{"t.twice()", "CompileError: cell 7:1:3: t.twice undefined (type T has no field or method twice)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t)
			for i, r := range cells {
				if got := output(s, r.cell); got != r.want {
					t.Fatalf("cell %d, %s\ncame to %q, want %q", i+1, r.cell, got, r.want)
				}
			}
		})
	}
}

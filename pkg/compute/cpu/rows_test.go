package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// rowsLevel is one way to run the kernels for rows: a level of this processor, or its committed text interpreted, which
// may touch the slices given and nothing else.
type rowsLevel struct {
	name        string
	lanes       int
	softmax     func(s []float32, stride, n, first, last, rows int, inverse []float32, a float32)
	softmaxBack func(d, p []float32, n, rows int, inverse, delta []float32, a float32)
	scale       func(y Matrix, by []float32)
	dot         func(out []float32, x, y Matrix)
}

func rowsLevels(t *testing.T) []rowsLevel {
	var all []rowsLevel
	for _, l := range append([]Level{Portable}, Levels()...) {
		all = append(all, rowsLevel{l.String(), l.lanes(), l.softmaxRows, l.softmaxBackRows, l.scaleRows, l.dotRows})
	}
	program := assemblyText(t)
	const size = unsafe.Sizeof(float32(0))
	for _, suffix := range []string{"AVX2", "AVX512"} {
		call := func(name string, allowed [][]float32, parameters ...any) {
			t.Helper()
			if _, err := program.Call(name+suffix, append(allowed, edge[:]), parameters...); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, rowsLevel{"interpreted " + suffix, map[string]int{"AVX2": 8, "AVX512": 16}[suffix],
			func(s []float32, stride, n, first, last, rows int, inverse []float32, a float32) {
				call("softmaxRows", [][]float32{s, inverse}, &s[0], uintptr(stride)*size, uintptr(n), uintptr(first), uintptr(last), uintptr(rows), &inverse[0], &edge[0], a)
			},
			func(d, p []float32, n, rows int, inverse, delta []float32, a float32) {
				call("softmaxBackRows", [][]float32{d, p, inverse, delta}, &d[0], &p[0], uintptr(n), uintptr(rows), &inverse[0], &delta[0], a)
			},
			func(y Matrix, by []float32) {
				call("scaleRows", [][]float32{y.Data, by}, &y.Data[0], uintptr(y.Stride)*size, uintptr(y.Cols), uintptr(y.Rows), &by[0])
			},
			func(out []float32, x, y Matrix) {
				call("dotRows", [][]float32{out, x.Data, y.Data}, &out[0], &x.Data[0], &y.Data[0], uintptr(x.Stride)*size, uintptr(x.Cols), uintptr(x.Rows))
			}})
	}
	return all
}

func near(t *testing.T, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 3e-6*scale) {
		t.Fatalf("%s is %g, want %g", what, got, want)
	}
}

// The softmax of what each row sees, in float64; hidden scores are poisoned with NaN and infinity.
func TestSoftmaxRows(t *testing.T) {
	for _, l := range rowsLevels(t) {
		rng := rand.New(rand.NewPCG(5, 6))
		for round := range 60 {
			rows, n := 1+rng.IntN(5), l.lanes*(1+rng.IntN(5))
			if rows > n {
				rows = n
			}
			last := 1 + rng.IntN(n-rows+1)
			first := rng.IntN(last)
			stride, a := n+rng.IntN(4), float32(0.3)
			s := random(rng, (rows-1)*stride+n)
			for i := range s {
				if col := i % stride; col >= n {
					s[i] = 7
				} else if col < first || col >= last+i/stride {
					s[i] = []float32{float32(math.NaN()), float32(math.Inf(1)), 3e38, -5}[rng.IntN(4)]
				}
			}
			was, inverse := slices.Clone(s), make([]float32, rows)
			l.softmax(s, stride, n, first, last, rows, inverse, a)
			for r := range rows {
				m, sum := math.Inf(-1), 0.0
				for j := first; j < last+r; j++ {
					m = max(m, float64(a)*float64(was[r*stride+j]))
				}
				for j := range n {
					what := fmt.Sprintf("%s, round %d: row %d of %d, column %d of [%d, %d) in %d", l.name, round, r, rows, j, first, last+r, n)
					got := s[r*stride+j]
					if j < first || j >= last+r {
						if got != 0 {
							t.Fatalf("%s is hidden but %g", what, got)
						}
						continue
					}
					want := math.Exp(max(float64(a)*float64(was[r*stride+j])-m, -87.3))
					near(t, what, float64(got), want, want*10) // the argument was rounded
					sum += float64(got)
				}
				near(t, fmt.Sprintf("%s, round %d: inverse of row %d", l.name, round, r), float64(inverse[r])*sum, 1, 1)
			}
			for i := range s {
				if i%stride >= n && s[i] != 7 {
					t.Fatalf("%s, round %d: wrote between two rows", l.name, round)
				}
			}
		}
	}
}

// A visible NaN is not passed over, wherever it stands.
func TestSoftmaxRowsShowNaN(t *testing.T) {
	for _, l := range rowsLevels(t) {
		n := 3 * l.lanes
		for at := 2; at < n-3; at++ {
			s, inverse := make([]float32, n), make([]float32, 1)
			s[at] = float32(math.NaN())
			l.softmax(s, n, n, 2, n-3, 1, inverse, 1)
			if inverse[0] == inverse[0] || s[at] == s[at] {
				t.Fatalf("%s: NaN at %d became %g, the sum's inverse %g", l.name, at, s[at], inverse[0])
			}
		}
	}
}

func TestRowsFromTheirText(t *testing.T) {
	for _, l := range rowsLevels(t) {
		rng := rand.New(rand.NewPCG(8, 9))
		for _, size := range [][2]int{{1, 1}, {3, 1}, {4, 2}, {7, 5}} {
			rows, n := size[0], size[1]*l.lanes
			name := fmt.Sprintf("%s %d×%d", l.name, rows, n)
			normal := func(n int) []float32 {
				x := make([]float32, n)
				for i := range x {
					x[i] = float32(rng.NormFloat64())
				}
				return x
			}
			d, p, inverse, delta, a := normal(rows*n), normal(rows*n), normal(rows), normal(rows), float32(0.25)
			d0, p0 := slices.Clone(d), slices.Clone(p)
			l.softmaxBack(d, p, n, rows, inverse, delta, a)
			for i := range d {
				r := i / n
				want := float64(inverse[r]) * float64(p0[i])
				near(t, name+": p", float64(p[i]), want, 1+math.Abs(want))
				want *= float64(a) * (float64(d0[i]) - float64(delta[r]))
				near(t, name+": d", float64(d[i]), want, 1+math.Abs(want))
			}
			stride := n + 3
			x, y := Matrix{normal((rows-1)*stride + n), rows, n, stride}, Matrix{normal((rows-1)*stride + n), rows, n, stride}
			out := make([]float32, rows)
			l.dot(out, x, y)
			for r := range rows {
				want, size := 0.0, 0.0
				for j := range n {
					term := float64(x.row(r)[j]) * float64(y.row(r)[j])
					want, size = want+term, size+math.Abs(term)
				}
				near(t, name+": x·y", float64(out[r]), want, size)
			}
			was := slices.Clone(x.Data)
			l.scale(x, delta)
			for i, v := range x.Data {
				want := float64(was[i])
				if i%stride < n {
					want *= float64(delta[i/stride])
				}
				near(t, name+": scaled", float64(v), want, 1+math.Abs(want))
			}
		}
	}
}

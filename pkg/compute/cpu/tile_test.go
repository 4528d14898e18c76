package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu/internal/emulate"
)

// A tile adds along the depth in order with one rounding a step, so every level must give the same bits.
func TestTilesFromTheirText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, level := range []Level{AVX2, AVX512} {
		for rows := 1; rows <= level.rows(); rows++ {
			for _, k := range []int{1, 3, 4, 9} {
				for _, transposed := range []bool{false, true} {
					for _, accumulate := range []uintptr{0, 1} {
						checkTile(t, p, rng, level, rows, k, transposed, "", accumulate)
						checkTile(t, p, rng, level, rows, k, transposed, "Half", accumulate)
						if level == AVX512 {
							checkTile(t, p, rng, level, rows, k, transposed, "Slim", accumulate)
						}
					}
				}
			}
		}
	}
}

func checkTile(t *testing.T, p *emulate.Program, rng *rand.Rand, level Level, rows, k int, transposed bool, kind string, accumulate uintptr) {
	t.Helper()
	const count = 2 // groups of rows
	half, width := kind == "Half", level.width()
	if kind == "Slim" {
		width = level.lanes()
	}
	ldc := width + 3
	m := rows * count
	row, depth := k+2, 1
	if transposed {
		row, depth = 1, m+1
	}
	a := random(rng, (m-1)*row+(k-1)*depth+1)
	apart := width + 5 // of the rows of B
	if half {
		apart = width
	}
	b := random(rng, (k-1)*apart+width)
	if half { // values that bfloat16 has
		for i, v := range b {
			b[i] = math.Float32frombits(math.Float32bits(v) &^ 0xffff)
		}
	}
	c := random(rng, (m-1)*ldc+width)
	want := slices.Clone(c)
	for i := range m {
		for j := range width {
			sum := turns(rows, k, func(q int, sum float32) float32 { return roundOnce(a[i*row+q*depth], b[q*apart+j], sum) })
			if accumulate == 1 {
				sum += want[i*ldc+j]
			}
			want[i*ldc+j] = sum
		}
	}
	name := fmt.Sprintf("tile%d%s%s", rows, kind, strings.ReplaceAll(level.String(), "-", ""))
	if half {
		pairs := make([]float32, len(b)/2)
		for i := range pairs {
			pairs[i] = math.Float32frombits(math.Float32bits(b[2*i])>>16 | math.Float32bits(b[2*i+1])&0xffff0000)
		}
		b, apart = pairs, width/2
	}
	const size = 4
	_, err := p.Call(name, [][]float32{a, b, c}, &a[0], uintptr(rows*row*size), uintptr(row*size), uintptr(depth*size), &b[0],
		uintptr(apart*size), &c[0], uintptr(ldc*size), uintptr(k), accumulate, uintptr(count), &b[0])
	if err != nil {
		t.Fatal(err)
	}
	sameBits(t, fmt.Sprintf("%s k %d transposed %v accumulate %d", name, k, transposed, accumulate), [][]float32{c}, [][]float32{want})
}

// turns sums k terms as a tile of that many rows does: in rounds of four, a sum each for one row and two for two or three,
// what is left to the first, and in the end the sums in pairs.
func turns(rows, k int, add func(q int, sum float32) float32) float32 {
	ways := 1
	switch {
	case rows == 1:
		ways = 4
	case rows <= 3:
		ways = 2
	}
	var sums [4]float32
	for q := range k {
		way := q % ways
		if q >= k/4*4 {
			way = 0
		}
		sums[way] = add(q, sums[way])
	}
	if ways == 4 {
		sums[0], sums[1] = sums[0]+sums[2], sums[1]+sums[3]
	}
	if ways > 1 {
		sums[0] += sums[1]
	}
	return sums[0]
}

// roundOnce is a·b + c in float64, exact enough to round as the instruction does unless the sum lies on a tie, which
// the fixed seed does not meet.
func roundOnce(a, b, c float32) float32 { return float32(math.FMA(float64(a), float64(b), float64(c))) }

// The packing kernels copy; a strip's rows stand closer than a register, so each row covers the excess of the one before.
func TestPacksFromTheirText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(5, 6))
	for _, level := range []Level{AVX2, AVX512} {
		suffix := strings.ReplaceAll(level.String(), "-", "")
		const n = 5
		src := random(rng, n*level.width())
		step := level.width() + 3
		panel := make([]float32, (n-1)*step+level.width())
		if _, err := p.Call("panels"+suffix, [][]float32{src, panel}, &panel[0], uintptr(4*step), &src[0], uintptr(n)); err != nil {
			t.Fatal(err)
		}
		strip := make([]float32, (n-1)*step+level.lanes())
		if _, err := p.Call("strips"+suffix, [][]float32{src, strip}, &strip[0], uintptr(4*step), &src[0], uintptr(n)); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			sameBits(t, "panels", [][]float32{panel[i*step:][:level.width()]}, [][]float32{src[i*level.width():][:level.width()]})
			sameBits(t, "strips", [][]float32{strip[i*step:][:level.rows()]}, [][]float32{src[i*level.rows():][:level.rows()]})
		}
	}
}

// The transposing kernels move values and write no further than two values past the last row of six.
func TestTurnFromItsText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(9, 10))
	for _, rows := range []int{6, 8} {
		for _, blocks := range []int{0, 1, 5} {
			stride, step := 4*blocks+3, rows+3*(rows/8)
			src := random(rng, (rows-1)*stride+4*blocks+1)
			size := 0
			if blocks > 0 {
				size = (4*blocks-1)*step + 8
			}
			dst := make([]float32, size+1)
			name := fmt.Sprintf("turn%dAVX2", rows)
			if _, err := p.Call(name, [][]float32{src, dst}, &dst[0], uintptr(4*step), &src[0], uintptr(4*stride), uintptr(blocks)); err != nil {
				t.Fatal(err)
			}
			for k := range 4 * blocks {
				for i := range rows {
					if got, want := dst[k*step+i], src[i*stride+k]; got != want {
						t.Fatalf("%s: value %d of row %d: %g, want %g", name, k, i, got, want)
					}
				}
			}
			if dst[size] != 0 {
				t.Errorf("%s wrote past its end", name)
			}
			if slices.Contains(Levels(), AVX2) {
				ran := make([]float32, size+8)
				turn(ran, step, src, stride, rows, 4*blocks)
				sameBits(t, name, [][]float32{ran[:size]}, [][]float32{dst[:size]})
			}
		}
	}
}

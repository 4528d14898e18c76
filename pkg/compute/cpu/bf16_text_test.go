package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// here says whether the processor runs the kernels for bfloat16.
func here() bool { return slices.Contains(Levels(), AVX512) && hasBF16() }

// bfloats draws values of bfloat16, two in the place of one, with their bits as uint32: some too small for normal numbers,
// none infinite.
func bfloats(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range words(x) {
		for half := range 2 {
			h := bfloat16(float32(rng.NormFloat64()))
			if rng.IntN(20) == 0 {
				h = uint32(rng.IntN(0x80)) // below the normal numbers
			}
			words(x)[i] |= h << (16 * half)
		}
	}
	return x
}

// A tile for pairs adds upper products, then lower ones, rounding each once (Intel, Software Developer's Manual, VDPBF16PS);
// the processor must agree with that on every bit.
func TestBF16TilesFromTheirText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(51, 52))
	const width, ldc, count = 32, 35, 2
	for rows := 1; rows <= AVX512.rows(); rows++ {
		for _, k := range []int{1, 4, 7} {
			for _, transposed := range []bool{false, true} {
				for accumulate := range 2 {
					m, row, depth := rows*count, k+2, 1
					if transposed {
						row, depth = 1, rows*count+1
					}
					a, b := bfloats(rng, (m-1)*row+(k-1)*depth+1), bfloats(rng, k*width)
					c := random(rng, (m-1)*ldc+width)
					want, ran := slices.Clone(c), slices.Clone(c)
					for i := range m {
						for j := range width {
							sum := float32(0)
							for q := range k {
								x, y := math.Float32bits(a[i*row+q*depth]), math.Float32bits(b[q*width+j])
								for _, shift := range []int{0, 16} {
									sum = normal(roundOnce(normal(fromBfloat16(x<<shift>>16)), normal(fromBfloat16(y<<shift>>16)), sum))
								}
							}
							if accumulate == 1 {
								sum += want[i*ldc+j]
							}
							want[i*ldc+j] = sum
						}
					}
					name := fmt.Sprintf("tile%dBF16", rows)
					const size = 4
					call := func(do func(ts, rs, ks, bs, cs uintptr)) {
						do(uintptr(rows*row*size), uintptr(row*size), uintptr(depth*size), width*size, ldc*size)
					}
					call(func(ts, rs, ks, bs, cs uintptr) {
						_, err := p.Call(name, [][]float32{a, b, c}, &a[0], ts, rs, ks, &b[0], bs, &c[0], cs, uintptr(k), uintptr(accumulate), uintptr(count), &b[0], bs)
						if err != nil {
							t.Fatal(err)
						}
					})
					sameBits(t, fmt.Sprintf("%s k %d transposed %v accumulate %d", name, k, transposed, accumulate), [][]float32{c}, [][]float32{want})
					if here() {
						call(func(ts, rs, ks, bs, cs uintptr) {
							tilesBF16[rows-1](&a[0], ts, rs, ks, &b[0], bs, &ran[0], cs, uintptr(k), uintptr(accumulate), uintptr(count), &b[0], bs)
						})
						sameBits(t, name+" on the processor", [][]float32{ran}, [][]float32{want})
					}
				}
			}
		}
	}
}

// Values on both sides of every kind of rounding become what arithmetic says.
func TestPairsFromTheirText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(53, 54))
	const n = 64
	x, y := random(rng, n), random(rng, n)
	copy(x, []float32{1 + 0x1p-8, 1 + 3*0x1p-8, 1 + 0x1p-8 + 0x1p-23, -1 - 0x1p-8, 0x1p-126, 0x1p-127, -0x1p-130, float32(math.Inf(1)), math.MaxFloat32, float32(math.NaN())})
	ones := []float32{1, 1 + 0x1p-6, 1 + 0x1p-7, -1, 0x1p-126, 0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(1))}
	both, neighbours := make([]float32, n), make([]float32, n/2)
	if _, err := p.Call("pairRowsBF16", [][]float32{both, x, y}, &both[0], &x[0], &y[0], uintptr(n)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Call("pairColumnsBF16", [][]float32{neighbours, x}, &neighbours[0], &x[0], uintptr(n)); err != nil {
		t.Fatal(err)
	}
	for i, want := range ones {
		if got := fromBfloat16(words(both)[i] & 0xffff); math.Float32bits(got) != math.Float32bits(want) {
			t.Errorf("%g became %g, want %g", x[i], got, want)
		}
	}
	if got := fromBfloat16(words(both)[9] & 0xffff); got == got {
		t.Errorf("NaN became %g", got)
	}
	for i := range n {
		lower, upper := words(both)[i]&0xffff, words(both)[i]>>16
		if beside := words(neighbours)[i/2] >> (16 * (i % 2)) & 0xffff; beside != lower {
			t.Errorf("value %d: %x among neighbours, %x in rows", i, beside, lower)
		}
		if want := bfloat16(normal(y[i])); upper != want {
			t.Errorf("value %d below: %x, want %x", i, upper, want)
		}
	}
	// The loops in Go do what is left over, and odd ends.
	tail := make([]float32, 4)
	pairNeighbours(tail, x[:5])
	for i, want := range []uint32{words(neighbours)[0], words(neighbours)[1], words(neighbours)[2] & 0xffff, 0} {
		if words(tail)[i] != want {
			t.Errorf("neighbours in Go, %d: %x, want %x", i, words(tail)[i], want)
		}
	}
	pairBoth(tail, x[:4], y[:4])
	sameBits(t, "rows in Go", [][]float32{tail}, [][]float32{both[:4]})
	if here() {
		ran := make([]float32, n)
		pairRowsBF16(&ran[0], &x[0], &y[0], n)
		sameBits(t, "rows on the processor", [][]float32{ran}, [][]float32{both})
		pairColumnsBF16(&ran[0], &x[0], n)
		sameBits(t, "neighbours on the processor", [][]float32{ran[:n/2]}, [][]float32{neighbours})
	}
}

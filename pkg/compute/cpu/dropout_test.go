package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// The known answers of philox4x32 with ten rounds, from kat_vectors of the Random123 distribution.
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
		if got := reference.Philox(c.counter, c.key); got != c.want {
			t.Errorf("reference.Philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

// The kernels as committed, on blocks that carry into the upper word of the counter too, against the generator in Go.
func TestDropoutFromTheirText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(31, 32))
	for _, block := range []uint64{0, 160, 1<<32 - 16} {
		m := Mask{Rate: 0.4, Seed: rng.Uint64(), Step: rng.Uint32(), Layer: rng.Uint32()}
		const n = 3
		x, want := random(rng, n*maskValues), make([]float32, n*maskValues)
		for i := range want {
			if int32(m.words(block + uint64(i/64*16+i%16))[i%64/16]>>1) >= m.threshold() {
				want[i] = x[i] * m.scale()
			} else {
				want[i] = x[i] * 0
			}
		}
		call := []any{uintptr(block), uintptr(m.Step), uintptr(m.Layer), uintptr(uint32(m.Seed)), uintptr(m.Seed >> 32), m.twice(), m.scale(), uintptr(n)}
		for _, suffix := range []string{"AVX2", "AVX512"} {
			y := make([]float32, n*maskValues)
			if _, err := p.Call("dropout"+suffix, [][]float32{x, y}, append([]any{&y[0], &x[0]}, call...)...); err != nil {
				t.Fatal(err)
			}
			sameBits(t, fmt.Sprintf("%s from block %d", suffix, block), [][]float32{y}, [][]float32{want})
		}
		for _, l := range Levels()[1:] { // and the processor itself, which gives addresses of 64 bits
			y, kernel := make([]float32, n*maskValues), dropoutAVX2
			if l == AVX512 {
				kernel = dropoutAVX512
			}
			kernel(&y[0], &x[0], uintptr(block), uintptr(m.Step), uintptr(m.Layer), uintptr(uint32(m.Seed)), uintptr(m.Seed>>32), m.twice(), m.scale(), n)
			sameBits(t, fmt.Sprintf("%v on the processor from block %d", l, block), [][]float32{y}, [][]float32{want})
		}
	}
}

// ones gives the mask of n values on one device.
func ones(t *testing.T, o Options, n int, m Mask) []float32 {
	t.Helper()
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	y := make([]float32, n)
	d.Dropout(y, slices.Repeat([]float32{1}, n), n, m)
	return y
}

// Every level and any number of workers give the mask of the reference.
func TestDropoutMeetsReference(t *testing.T) {
	for _, n := range []int{1, 15, 17, 63, 64, 65, 200, 8192 + 77} {
		for _, rate := range []float64{0, 0.1, 0.5, 1 - 0x1p-31} {
			m := Mask{Rate: rate, Seed: 0x123456789abcdef0, Step: 5, Layer: 9}
			x, want := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = 1
			}
			reference.Dropout(want, x, m.Seed, m.Step, m.Layer, rate)
			for _, level := range Levels() {
				for _, threads := range []int{1, 3} {
					for i, v := range ones(t, Options{Level: level, Threads: threads}, n, m) {
						if math.Abs(float64(v)-want[i]) > 1e-7*want[i] {
							t.Fatalf("%v, %d workers, rate %g, value %d of %d: %g, want %g", level, threads, rate, i, n, v, want[i])
						}
					}
				}
			}
		}
	}
}

// Masks behave like independent coins: the share that is dropped, and the products of two masks, centred, at other indices,
// steps, layers and seeds, stay within five standard deviations. A true generator fails one such check in two million.
func TestDropoutStatistics(t *testing.T) {
	const n = 1 << 18
	for _, rate := range []float64{0.05, 0.1, 0.5, 0.9} {
		base := Mask{Rate: rate, Seed: 1, Step: 1, Layer: 1}
		centred := func(m Mask) []float64 {
			out := make([]float64, n)
			for i, v := range ones(t, Options{Level: Portable, Threads: 1}, n, m) {
				out[i] = rate - 1 // dropped
				if v == 0 {
					continue
				}
				if v != m.scale() {
					t.Fatalf("a value that is kept became %g, want 1/(1−%g)", v, rate)
				}
				out[i] = rate
			}
			return out
		}
		one := centred(base)
		var sum float64
		for _, v := range one {
			sum += v
		}
		if sigma := math.Sqrt(n * rate * (1 - rate)); math.Abs(sum) > 5*sigma {
			t.Errorf("rate %g: %.0f more kept than expected of %d, the standard deviation is %.0f", rate, sum, n, sigma)
		}
		together := func(what string, a, b []float64) {
			var sum float64
			for i := range b {
				sum += a[i] * b[i]
			}
			if sigma := math.Sqrt(float64(len(b))) * rate * (1 - rate); math.Abs(sum) > 5*sigma {
				t.Errorf("rate %g, %s: masks correlate, %.0f with a standard deviation of %.0f", rate, what, sum, sigma)
			}
		}
		for _, lag := range []int{1, 2, 3, 4, 8, 16, 32, 48, 64, 1024, 8192} {
			together(fmt.Sprintf("%d values on", lag), one, one[lag:])
		}
		for what, other := range map[string]Mask{
			"the next step":     {Rate: rate, Seed: 1, Step: 2, Layer: 1},
			"the next layer":    {Rate: rate, Seed: 1, Step: 1, Layer: 2},
			"the next seed":     {Rate: rate, Seed: 2, Step: 1, Layer: 1},
			"the seed's top":    {Rate: rate, Seed: 1 | 1<<63, Step: 1, Layer: 1},
			"step for layer":    {Rate: rate, Seed: 1, Step: 0, Layer: 1},
			"seeds far between": {Rate: rate, Seed: 1 << 32, Step: 1, Layer: 1},
		} {
			together(what, one, centred(other))
		}
	}
	// Eight neighbours are one of 256 patterns: χ² of 255 degrees of freedom has the standard deviation √510.
	var counts [256]float64
	mask := ones(t, Options{Level: Portable, Threads: 1}, n, Mask{Rate: 0.5, Seed: 3})
	for i := 0; i < n; i += 8 {
		pattern := 0
		for j, v := range mask[i : i+8] {
			if v != 0 {
				pattern |= 1 << j
			}
		}
		counts[pattern]++
	}
	var square float64
	for _, c := range counts {
		square += (c - n/8/256) * (c - n/8/256) / (n / 8 / 256)
	}
	if math.Abs(square-255) > 5*math.Sqrt(510) {
		t.Errorf("χ² of patterns is %.0f, expected 255 ± %.0f", square, math.Sqrt(510))
	}
}

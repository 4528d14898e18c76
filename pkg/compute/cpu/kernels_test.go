package cpu

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu/internal/emulate"
)

// The kernels are executed from their committed text, so AVX-512 is tested on machines without it. See
// internal/emulate; go test -tags emulate runs all operators that way.

func assemblyText(t *testing.T) *emulate.Program {
	t.Helper()
	f, err := os.Open("kernels_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := emulate.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// random fills n values, some of them large, negative zero or far outside the range of exp.
func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
		switch rng.IntN(40) {
		case 0:
			x[i] *= 200
		case 1:
			x[i] = float32(math.Copysign(0, -1))
		}
	}
	return x
}

// vectorKernel describes one elementwise kernel: its slices, its numbers, and which slice holds lane sums.
type vectorKernel struct {
	name            string
	slices, numbers int
	sums            int // index of the slice with a sum or maximum, -1 for none
	native          func(p []*float32, s []float32, n uintptr)
}

var vectorKernels = []vectorKernel{
	{"axpy", 2, 1, -1, func(p []*float32, s []float32, n uintptr) { axpyAVX2(p[0], p[1], s[0], n) }},
	{"scale", 2, 1, -1, func(p []*float32, s []float32, n uintptr) { scaleAVX2(p[0], p[1], s[0], n) }},
	{"scaleMul", 3, 1, -1, func(p []*float32, s []float32, n uintptr) { scaleMulAVX2(p[0], p[1], p[2], s[0], n) }},
	{"add", 3, 0, -1, func(p []*float32, s []float32, n uintptr) { addAVX2(p[0], p[1], p[2], n) }},
	{"maximum", 2, 1, 1, func(p []*float32, s []float32, n uintptr) { maximumAVX2(p[0], p[1], s[0], n) }},
	{"expSum", 3, 2, 2, func(p []*float32, s []float32, n uintptr) { expSumAVX2(p[0], p[1], p[2], s[0], s[1], n) }},
	{"rmsBack", 5, 2, -1, func(p []*float32, s []float32, n uintptr) {
		rmsBackAVX2(p[0], p[1], p[2], p[3], p[4], s[0], s[1], n)
	}},
	{"sum", 2, 0, 0, func(p []*float32, s []float32, n uintptr) { sumAVX2(p[0], p[1], n) }},
	{"squares", 2, 1, 0, func(p []*float32, s []float32, n uintptr) { squaresAVX2(p[0], p[1], s[0], n) }},
	{"moment", 4, 1, 0, func(p []*float32, s []float32, n uintptr) { momentAVX2(p[0], p[1], p[2], p[3], s[0], n) }},
	{"layerNorm", 3, 2, -1, func(p []*float32, s []float32, n uintptr) { layerNormAVX2(p[0], p[1], p[2], s[0], s[1], n) }},
	{"layerNormBias", 4, 2, -1, func(p []*float32, s []float32, n uintptr) {
		layerNormBiasAVX2(p[0], p[1], p[2], p[3], s[0], s[1], n)
	}},
	{"layerNormBack", 5, 4, -1, func(p []*float32, s []float32, n uintptr) {
		layerNormBackAVX2(p[0], p[1], p[2], p[3], p[4], s[0], s[1], s[2], s[3], n)
	}},
	{"layerNormBiasBack", 6, 4, -1, func(p []*float32, s []float32, n uintptr) {
		layerNormBiasBackAVX2(p[0], p[1], p[2], p[3], p[4], p[5], s[0], s[1], s[2], s[3], n)
	}},
	{"silu", 2, 0, -1, func(p []*float32, s []float32, n uintptr) { siluAVX2(p[0], p[1], n) }},
	{"siluBack", 3, 0, -1, func(p []*float32, s []float32, n uintptr) { siluBackAVX2(p[0], p[1], p[2], n) }},
	{"swiglu", 3, 0, -1, func(p []*float32, s []float32, n uintptr) { swigluAVX2(p[0], p[1], p[2], n) }},
	{"swigluBack", 5, 0, -1, func(p []*float32, s []float32, n uintptr) { swigluBackAVX2(p[0], p[1], p[2], p[3], p[4], n) }},
	{"expTotal", 2, 2, 0, func(p []*float32, s []float32, n uintptr) { expTotalAVX2(p[0], p[1], s[0], s[1], n) }},
	{"entropySums", 2, 1, 0, func(p []*float32, s []float32, n uintptr) { entropySumsAVX2(p[0], p[1], s[0], n) }},
	{"entropyBack", 2, 3, -1, func(p []*float32, s []float32, n uintptr) { entropyBackAVX2(p[0], p[1], s[0], s[1], s[2], n) }},
	{"relativeEntropy", 3, 5, 0, func(p []*float32, s []float32, n uintptr) {
		relativeEntropyAVX2(p[0], p[1], p[2], s[0], s[1], s[2], s[3], s[4], n)
	}},
	{"mixedEntropies", 3, 7, 0, func(p []*float32, s []float32, n uintptr) {
		mixedEntropiesAVX2(p[0], p[1], p[2], s[0], s[1], s[2], s[3], s[4], s[5], s[6], n)
	}},
	{"forwardBack", 3, 6, -1, func(p []*float32, s []float32, n uintptr) {
		forwardBackAVX2(p[0], p[1], p[2], s[0], s[1], s[2], s[3], s[4], s[5], n)
	}},
	{"reverseBack", 3, 7, -1, func(p []*float32, s []float32, n uintptr) {
		reverseBackAVX2(p[0], p[1], p[2], s[0], s[1], s[2], s[3], s[4], s[5], s[6], n)
	}},
	{"mixedBack", 3, 9, -1, func(p []*float32, s []float32, n uintptr) {
		mixedBackAVX2(p[0], p[1], p[2], s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], n)
	}},
	{"gelu", 2, 0, -1, func(p []*float32, s []float32, n uintptr) { geluAVX2(p[0], p[1], n) }},
	{"geluBack", 3, 0, -1, func(p []*float32, s []float32, n uintptr) { geluBackAVX2(p[0], p[1], p[2], n) }},
	{"geluTanh", 2, 0, -1, func(p []*float32, s []float32, n uintptr) { geluTanhAVX2(p[0], p[1], n) }},
	{"geluTanhBack", 3, 0, -1, func(p []*float32, s []float32, n uintptr) { geluTanhBackAVX2(p[0], p[1], p[2], n) }},
	{"rotate", 4, 1, -1, func(p []*float32, s []float32, n uintptr) { rotateAVX2(p[0], p[1], p[2], p[3], s[0], n) }},
	{"adamw", 4, 9, -1, func(p []*float32, s []float32, n uintptr) {
		adamwAVX2(p[0], p[1], p[2], p[3], s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], n)
	}},
}

// arguments makes the slices and numbers of one call. The moments of AdamW must not be negative.
func (k vectorKernel) arguments(rng *rand.Rand, n int) (data [][]float32, numbers []float32) {
	for i := range k.slices {
		size := n
		if i == k.sums {
			size = 16
		}
		x := random(rng, size)
		if k.name == "adamw" {
			for j := range x {
				x[j] = float32(math.Abs(float64(x[j])))
			}
		}
		data = append(data, x)
	}
	for range k.numbers {
		numbers = append(numbers, rng.Float32()+0.1)
	}
	return data, numbers
}

func clone(data [][]float32) [][]float32 {
	var out [][]float32
	for _, x := range data {
		out = append(out, slices.Clone(x))
	}
	return out
}

func (k vectorKernel) emulate(t *testing.T, p *emulate.Program, level string, lanes int, data [][]float32, numbers []float32, n int) {
	t.Helper()
	var parameters []any
	allowed := slices.Clone(data)
	for i, x := range data {
		if i == k.sums {
			allowed[i] = x[:4] // a sum, four times over
			if k.name == "maximum" {
				allowed[i] = x[:lanes]
			}
		}
		parameters = append(parameters, &x[0])
	}
	for _, v := range numbers {
		parameters = append(parameters, v)
	}
	if _, err := p.Call(k.name+level, allowed, append(parameters, uintptr(n))...); err != nil {
		t.Fatal(err)
	}
}

func sameBits(t *testing.T, what string, got, want [][]float32) {
	t.Helper()
	for i := range want {
		for j := range want[i] {
			if math.Float32bits(got[i][j]) != math.Float32bits(want[i][j]) {
				t.Fatalf("%s: slice %d [%d] = %g, want %g", what, i, j, got[i][j], want[i][j])
			}
		}
	}
}

func TestVectorKernelsFromTheirText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(1, 2))
	native := slices.Contains(Levels(), AVX2)
	if !native {
		t.Log("no AVX2 here: the interpreter itself is not compared with the processor")
	}
	for _, k := range vectorKernels {
		for _, n := range []int{16, 48, 160} {
			data, numbers := k.arguments(rng, n)
			narrow, wide, ran := clone(data), clone(data), clone(data)
			k.emulate(t, p, "AVX2", 8, narrow, numbers, n)
			k.emulate(t, p, "AVX512", 16, wide, numbers, n)
			if native {
				var pointers []*float32
				for _, x := range ran {
					pointers = append(pointers, &x[0])
				}
				k.native(pointers, numbers, uintptr(n))
				sameBits(t, fmt.Sprintf("%s n %d, interpreted AVX2 and the processor", k.name, n), narrow, ran)
			}
			if k.sums >= 0 { // lanes hold other parts of the result; fold sixteen maxima to eight
				lanes := 4
				if k.name == "maximum" {
					lanes = 8
					for j := range 8 {
						wide[k.sums][j] = max(wide[k.sums][j], wide[k.sums][j+8])
					}
				}
				for j := range lanes {
					if a, b := wide[k.sums][j], narrow[k.sums][j]; math.Abs(float64(a-b)) > 1e-5*math.Max(1, math.Abs(float64(b))) {
						t.Fatalf("%s n %d: lane %d is %g, AVX2 gives %g", k.name, n, j, a, b)
					}
				}
				wide[k.sums], narrow[k.sums] = nil, nil
			}
			sameBits(t, fmt.Sprintf("%s n %d, AVX-512 and AVX2", k.name, n), wide, narrow)
		}
	}
}

// Four dot products at once: the interpreter and the processor agree on the bits, the levels within rounding.
func TestDotsFromTheirText(t *testing.T) {
	p := assemblyText(t)
	rng := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{16, 32, 80} {
		stride := n + 3
		w, x := random(rng, 3*stride+n), random(rng, n)
		narrow, wide, ran := make([]float32, 4), make([]float32, 4), make([]float32, 4)
		for suffix, out := range map[string][]float32{"AVX2": narrow, "AVX512": wide} {
			if _, err := p.Call("dots"+suffix, [][]float32{out, w, x}, &out[0], &w[0], &x[0], uintptr(4*stride), uintptr(n)); err != nil {
				t.Fatal(err)
			}
		}
		for suffix, out := range map[string][]float32{"AVX2": narrow, "AVX512": wide} { // one alone, against the first row of four
			one := make([]float32, 4)
			if _, err := p.Call("dot"+suffix, [][]float32{one, w, x}, &one[0], &w[0], &x[0], uintptr(n)); err != nil {
				t.Fatal(err)
			}
			if math.Abs(float64(one[0]-out[0])) > 1e-5*math.Max(1, math.Abs(float64(out[0]))) {
				t.Errorf("dot%s n %d: %g, of four %g", suffix, n, one[0], out[0])
			}
			if suffix == "AVX2" && slices.Contains(Levels(), AVX2) {
				dotAVX2(&ran[0], &w[0], &x[0], uintptr(n))
				sameBits(t, "interpreted dot and the processor", [][]float32{one}, [][]float32{ran})
			}
		}
		if slices.Contains(Levels(), AVX2) {
			dotsAVX2(&ran[0], &w[0], &x[0], uintptr(4*stride), uintptr(n))
			sameBits(t, "interpreted dots and the processor", [][]float32{narrow}, [][]float32{ran})
		}
		for i := range 4 {
			var want, size float64
			for j, v := range x {
				term := float64(v) * float64(w[i*stride+j])
				want, size = want+term, size+math.Abs(term)
			}
			for suffix, out := range map[string][]float32{"AVX2": narrow, "AVX512": wide} {
				if math.Abs(float64(out[i])-want) > 1e-6*size {
					t.Errorf("dots%s n %d row %d: %g, want %g", suffix, n, i, out[i], want)
				}
			}
		}
	}
}

// Rows with a weight each: even and odd ones apart, one rounding a step.
func TestMixFromItsText(t *testing.T) {
	program := assemblyText(t)
	rng := rand.New(rand.NewPCG(11, 12))
	for _, l := range []Level{AVX2, AVX512} {
		for i, registers := range []int{1, 2, 4} {
			for _, n := range []int{1, 2, 5} {
				width := registers * l.lanes()
				stride := width + 3
				p, v := random(rng, n), random(rng, (n-1)*stride+width)
				got, want := make([]float32, width), make([]float32, width)
				for j := range want {
					var sums [2]float32
					for q := range n {
						sums[q%2] = roundOnce(p[q], v[q*stride+j], sums[q%2])
					}
					want[j] = sums[0] + sums[1]
				}
				name := fmt.Sprintf("mix%d%s", registers, strings.ReplaceAll(l.String(), "-", ""))
				if _, err := program.Call(name, [][]float32{got, p, v}, &got[0], &p[0], &v[0], uintptr(4*stride), uintptr(n)); err != nil {
					t.Fatal(err)
				}
				sameBits(t, name, [][]float32{got}, [][]float32{want})
				if slices.Contains(Levels(), l) {
					clear(got)
					mixKernels[l-AVX2][i](&got[0], &p[0], &v[0], uintptr(4*stride), uintptr(n))
					sameBits(t, name+" on the processor", [][]float32{got}, [][]float32{want})
				}
			}
		}
	}
}

// No kernel may be left out of the tests above.
func TestEveryKernelIsInterpreted(t *testing.T) {
	known := map[string]bool{"pause": true, "turn6AVX2": true, "turn8AVX2": true}
	for _, l := range []Level{AVX2, AVX512} {
		suffix := strings.ReplaceAll(l.String(), "-", "")
		for _, name := range []string{"softmaxRows", "softmaxBackRows", "scaleRows", "dotRows"} { // rows_test.go
			known[name+suffix] = true
		}
		known["panels"+suffix], known["strips"+suffix], known["dots"+suffix] = true, true, true
		known["dropout"+suffix] = true                         // dropout_test.go
		known["dot"+suffix], known["peak"+suffix] = true, true // peak: peak_test.go
		for rows := 1; rows <= l.rows(); rows++ {
			known[fmt.Sprintf("tile%d%s", rows, suffix)], known[fmt.Sprintf("tile%dHalf%s", rows, suffix)] = true, true
		}
		for _, k := range vectorKernels {
			known[k.name+suffix] = true
		}
		known["widenInt8"+suffix], known["widenInt4"+suffix] = true, true
		known["mix1"+suffix], known["mix2"+suffix], known["mix4"+suffix] = true, true, true
		for _, name := range fewNames(l) {
			known[name] = true
		}
	}
	known["pairRowsBF16"], known["pairColumnsBF16"] = true, true
	for rows := 1; rows <= AVX512.rows(); rows++ {
		known[fmt.Sprintf("tile%dBF16", rows)], known[fmt.Sprintf("tile%dSlimAVX512", rows)] = true, true
	}
	for _, name := range assemblyText(t).Functions() {
		if !known[name] {
			t.Errorf("kernel %s is in no test", name)
		}
		delete(known, name)
	}
	if len(known) > 0 {
		t.Errorf("kernels that do not exist: %v", slices.Sorted(maps.Keys(known)))
	}
}

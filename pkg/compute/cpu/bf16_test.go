package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// withBF16 is a device that multiplies in bfloat16, or a skip that says why there is none.
func withBF16(t testing.TB, threads int) *cpu.Device {
	t.Helper()
	d := device(t, cpu.Options{Threads: threads})
	if err := d.BF16(); err != nil {
		t.Skipf("products in bfloat16 are NOT tested here, only interpreted (go test -tags emulate): %v", err)
	}
	return d
}

// Products are those of the rounded values in float64, up to what adding in float32 loses: at most one rounding a value,
// relative to the sum of the sizes, and none of the products themselves, which are exact.
func TestBF16Products(t *testing.T) {
	for _, threads := range workers {
		d := withBF16(t, threads)
		rng := rand.New(rand.NewPCG(41, 42))
		for _, size := range [][3]int{{1, 1, 1}, {2, 3, 5}, {12, 32, 32}, {13, 33, 64}, {7, 70, 31}, {50, 40, 66}, {100, 65, 130}, {30, 50, 1100}} {
			m, n, k := size[0], size[1], size[2]
			for _, kind := range []string{"NT", "NN", "TN"} {
				for _, e := range []string{"", "accumulate", "bias", "residual"} {
					checkBF16(t, d, rng, kind, e, m, n, k)
				}
			}
		}
	}
}

func checkBF16(t *testing.T, d *cpu.Device, rng *rand.Rand, kind, with string, m, n, k int) {
	t.Helper()
	a, b, begin := values(rng, m*k), values(rng, n*k), values(rng, m*n)
	bias, residual := values(rng, n), values(rng, m*n)
	c := mat(append([]float32(nil), begin...), m, n)
	var e cpu.Epilogue
	switch with {
	case "accumulate":
		e.Accumulate = true
	case "bias":
		e.Bias = bias
	case "residual":
		e.Residual = mat(residual, m, n)
	}
	left, right := func(i, q int) float32 { return a[i*k+q] }, func(j, q int) float32 { return b[j*k+q] }
	switch kind {
	case "NT":
		d.MatMulNTBF16(c, mat(a, m, k), mat(b, n, k), e)
	case "NN":
		right = func(j, q int) float32 { return b[q*n+j] }
		d.MatMulNNBF16(c, mat(a, m, k), mat(b, k, n), e)
	case "TN":
		left, right = func(i, q int) float32 { return a[q*m+i] }, func(j, q int) float32 { return b[q*n+j] }
		d.MatMulTNBF16(c, mat(a, k, m), mat(b, k, n), e)
	}
	for i := range m {
		for j := range n {
			sum := 0.0
			switch with {
			case "accumulate":
				sum = float64(begin[i*n+j])
			case "bias":
				sum = float64(bias[j])
			case "residual":
				sum = float64(residual[i*n+j])
			}
			size := math.Abs(sum)
			for q := range k {
				term := rounded(left(i, q)) * rounded(right(j, q))
				sum, size = sum+term, size+math.Abs(term)
			}
			bound := float64(k+2) * 0x1p-24 * size
			if got := float64(c.Data[i*n+j]); math.Abs(got-sum) > bound {
				t.Fatalf("%s %d×%d×%d %s, value %d %d: %g, want %g within %g", kind, m, n, k, with, i, j, got, sum, bound)
			}
		}
	}
}

// What cannot run says what is missing, before it runs and where it is called all the same.
func TestBF16Refuses(t *testing.T) {
	d := device(t, cpu.Options{Level: cpu.Portable})
	err := d.BF16()
	if err == nil || !strings.Contains(err.Error(), "VDPBF16PS (AVX512_BF16), which level portable does not have: leave products in float32") {
		t.Fatalf("got %v", err)
	}
	defer func() {
		if r := recover(); fmt.Sprint(r) != err.Error() {
			t.Errorf("a product panics with %v", r)
		}
	}()
	one := mat([]float32{1}, 1, 1)
	d.MatMulNTBF16(one, one, one, cpu.Epilogue{})
}

func TestBF16RefusesAScale(t *testing.T) {
	d := withBF16(t, 1)
	defer func() {
		if r := recover(); fmt.Sprint(r) != "cpu: a product in bfloat16 with Scale 2: want 1" {
			t.Errorf("got %v", r)
		}
	}()
	one := mat([]float32{1}, 1, 1)
	d.MatMulNTBF16(one, one, one, cpu.Epilogue{Scale: 2})
}

// BenchmarkBF16 is each product in float32 and in bfloat16, in turns: GFLOP/s, rounding and packing included.
func BenchmarkBF16(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, threads := range []int{1, 2} {
		d := withBF16(b, threads)
		for _, size := range [][3]int{{1024, 1024, 1024}, {1024, 2048, 512}} {
			rows, out, in := size[0], size[1], size[2]
			x, w, y := mat(values(rng, rows*in), rows, in), mat(values(rng, out*in), out, in), mat(values(rng, rows*out), rows, out)
			for _, p := range []struct {
				name        string
				whole, half func()
			}{
				{"NT", func() { d.MatMulNT(y, x, w, cpu.Epilogue{}) }, func() { d.MatMulNTBF16(y, x, w, cpu.Epilogue{}) }},
				{"NN", func() { d.MatMulNN(x, y, w, cpu.Epilogue{}) }, func() { d.MatMulNNBF16(x, y, w, cpu.Epilogue{}) }},
				{"TN", func() { d.MatMulTN(w, y, x, cpu.Epilogue{}) }, func() { d.MatMulTNBF16(w, y, x, cpu.Epilogue{}) }},
			} {
				name := fmt.Sprintf("%s/%dx%dx%d/threads=%d", p.name, rows, in, out, threads)
				b.Run(name+"/float32", func(b *testing.B) { rate(b, 2*float64(rows*out*in), "GFLOP/s", p.whole) })
				b.Run(name+"/bfloat16", func(b *testing.B) { rate(b, 2*float64(rows*out*in), "GFLOP/s", p.half) })
			}
		}
	}
}

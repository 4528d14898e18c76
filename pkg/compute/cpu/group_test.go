package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Several products of one left-hand side are what each of them is alone: packed or not, whole or in bfloat16, with few
// rows, which are divided by columns, and with many.
func TestProductsTogether(t *testing.T) {
	for _, level := range cpu.Levels() {
		for _, rows := range []int{1, 2, 3, 5, 8, 13, 64, 65, 100} {
			for _, depth := range []int{1, 7, 40, 300} {
				d := device(t, cpu.Options{Threads: 3, Level: level})
				checkTogether(t, d, rows, depth)
			}
		}
	}
}

func checkTogether(t *testing.T, d *cpu.Device, rows, depth int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(rows), uint64(depth)))
	a := mat(values(rng, rows*depth), rows, depth)
	residual, bias := values(rng, rows*33), values(rng, 17)
	var products []cpu.Product
	var want [][]float64
	for i, out := range []int{17, 1, 33, 130} {
		w := mat(values(rng, out*depth), out, depth)
		p := cpu.Product{C: mat(values(rng, rows*out), rows, out), W: w}
		begin := make([]float64, rows*out)
		weight := func(v float32) float64 { return float64(v) }
		switch i {
		case 0:
			p.Epilogue.Bias = bias
			for j := range begin {
				begin[j] = float64(bias[j%out])
			}
		case 1:
			p.Packed, p.Epilogue.Accumulate = d.Pack(w, cpu.Float32), true
			for j := range begin {
				begin[j] = float64(p.C.Data[j])
			}
		case 2:
			p.Packed, p.Epilogue.Residual = d.Pack(w, cpu.Float32), mat(residual, rows, out)
			for j := range begin {
				begin[j] = float64(residual[j])
			}
		case 3:
			p.Packed, weight = d.Pack(w, cpu.BFloat16), rounded
			p.Epilogue.Activation, p.Epilogue.Before = cpu.GELU, mat(make([]float32, rows*out), rows, out)
		}
		products = append(products, p)
		for r := range rows {
			for c := range out {
				for k := range depth {
					begin[r*out+c] += float64(a.Data[r*depth+k]) * weight(w.Data[c*depth+k])
				}
			}
		}
		for j, v := range begin {
			begin[j] = activated(p.Epilogue.Activation, v)
		}
		want = append(want, begin)
	}
	d.MatMulNTs(a, products)
	for i, p := range products {
		for j, v := range p.Epilogue.Before.Data {
			if got := float64(p.C.Data[j]); math.Abs(got-activated(cpu.GELU, float64(v))) > 1e-5 {
				t.Fatalf("%v, %d rows, depth %d: value %d: %g went into GELU, %g came out", d, rows, depth, j, v, got)
			}
		}
		for j, v := range p.C.Data {
			if math.Abs(float64(v)-want[i][j]) > 1e-5*math.Sqrt(float64(depth)) {
				t.Fatalf("%v, %d rows, depth %d: product %d, value %d: %g, want %g", d, rows, depth, i, j, v, want[i][j])
			}
		}
	}
}

// rounded is v to eight significant binary digits, by arithmetic: bfloat16 has seven after the first.
func rounded(v float32) float64 {
	if v == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(float64(v))
	return math.Ldexp(math.RoundToEven(fraction*256), exponent-8)
}

func TestPackHalfKeepsWhatBfloat16Has(t *testing.T) {
	d := device(t, cpu.Options{})
	for _, v := range []float32{0, 1, -2.5, 0.0078125, 3.3895314e38, float32(math.Inf(1)), float32(math.Inf(-1))} {
		c := mat(make([]float32, 1), 1, 1)
		d.MatMulNTs(mat([]float32{1}, 1, 1), []cpu.Product{{C: c, Packed: d.Pack(mat([]float32{v}, 1, 1), cpu.BFloat16)}})
		if c.Data[0] != v {
			t.Errorf("%g came back as %g", v, c.Data[0])
		}
	}
	c := mat(make([]float32, 1), 1, 1)
	d.MatMulNTs(mat([]float32{1}, 1, 1), []cpu.Product{{C: c, Packed: d.Pack(mat([]float32{float32(math.NaN())}, 1, 1), cpu.BFloat16)}})
	if c.Data[0] == c.Data[0] {
		t.Errorf("NaN came back as %g", c.Data[0])
	}
}

func ExampleDevice_MatMulNTs() {
	d := cpu.Default()
	x := cpu.Matrix{Data: []float32{1, 2}, Rows: 1, Cols: 2}
	double := d.Pack(cpu.Matrix{Data: []float32{2, 0, 0, 2}, Rows: 2, Cols: 2}, cpu.Float32) // (out, in)
	sum := cpu.Matrix{Data: []float32{1, 1}, Rows: 1, Cols: 2}
	y, z := make([]float32, 2), make([]float32, 1)
	d.MatMulNTs(x, []cpu.Product{
		{C: cpu.Matrix{Data: y, Rows: 1, Cols: 2}, Packed: double},
		{C: cpu.Matrix{Data: z, Rows: 1, Cols: 1}, W: sum},
	})
	fmt.Println(y, z)
	// Output: [2 4] [3]
}

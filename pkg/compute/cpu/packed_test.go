package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// unpacked are the weights (out, in) that a packed matrix stands for: products with the rows of the unit matrix.
func unpacked(d *cpu.Device, p *cpu.Packed, out, in int) []float32 {
	unit, w := make([]float32, in*in), make([]float32, out*in)
	for i := range in {
		unit[i*in+i] = 1
	}
	y := make([]float32, in*out)
	d.MatMulNTs(mat(unit, in, in), []cpu.Product{{C: mat(y, in, out), Packed: p}})
	for o := range out {
		for i := range in {
			w[o*in+i] = y[i*out+o]
		}
	}
	return w
}

// A product with packed weights is within what float32 sums allow of the float64 product with the weights as they were
// packed, and off from that with the whole weights by no more than the format's error for each weight.
func TestPackedProductsAgainstTheReference(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(31, 32))
		for _, size := range [][3]int{{1, 70, 64}, {2, 33, 300}, {3, 17, 40}, {4, 130, 264}, {7, 40, 72}, {9, 31, 16}, {13, 64, 33}, {50, 70, 96}} {
			rows, out, in := size[0], size[1], size[2]
			a, w := values(rng, rows*in), values(rng, out*in)
			for _, f := range cpu.Formats() {
				p := d.Pack(mat(w, out, in), f)
				stands := unpacked(d, p, out, in)
				y := mat(make([]float32, rows*out), rows, out)
				d.MatMulNTs(mat(a, rows, in), []cpu.Product{{C: y, Packed: p}})
				for r := range rows {
					for o := range out {
						var packed, whole, sum, allowed float64
						for i := range in {
							x, v := float64(a[r*in+i]), float64(stands[o*in+i])
							packed, whole, sum = packed+x*v, whole+x*float64(w[o*in+i]), sum+math.Abs(x*v)
							allowed += math.Abs(x) * off(f, w[o*in:(o+1)*in], i)
						}
						rounding := float64(in+2) * 0x1p-24 * sum
						got := float64(y.Data[r*out+o])
						if math.Abs(got-packed) > rounding {
							t.Fatalf("%v, %v, value %d %d: %g, want %g, off by more than %g", size, f, r, o, got, packed, rounding)
						}
						if math.Abs(got-whole) > allowed+rounding {
							t.Fatalf("%v, %v, value %d %d: %g, of whole weights %g, off by more than %g", size, f, r, o, got, whole, allowed)
						}
					}
				}
			}
		}
	})
}

// off is how far weight i of a row may be from what was packed, by the arithmetic of the format.
func off(f cpu.Format, row []float32, i int) float64 {
	block := row[i/32*32 : min(i/32*32+32, len(row))]
	low, high := float64(slices.Min(block)), float64(slices.Max(block))
	switch f {
	case cpu.BFloat16:
		return math.Abs(float64(row[i])) * 0x1p-8
	case cpu.Int8:
		return max(-low, high) / 252
	case cpu.Int4:
		return (high - low + math.Abs(low)*0x1p-7) / 29
	}
	return 0
}

// A row of a result is the same bits whatever rows stand beside it, so a batch gives what each sequence gives alone.
func TestRowsDoNotDependOnEachOther(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(33, 34))
		for _, size := range [][2]int{{70, 40}, {129, 300}, {33, 31}} {
			out, in := size[0], size[1]
			const most = 110
			a, w, begin := values(rng, most*in), values(rng, out*in), values(rng, most*out)
			for _, f := range cpu.Formats() {
				p := d.Pack(mat(w, out, in), f)
				product := func(from, rows int) []float32 {
					y := slices.Clone(begin[from*out : (from+rows)*out])
					d.MatMulNTs(mat(a[from*in:], rows, in), []cpu.Product{{C: mat(y, rows, out), Packed: p, Epilogue: cpu.Epilogue{Accumulate: true}}})
					return y
				}
				var alone []float32
				for r := range most {
					alone = append(alone, product(r, 1)...)
				}
				for _, rows := range []int{2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 64, 65, 97, 110} {
					for i, v := range product(0, rows) {
						if math.Float32bits(v) != math.Float32bits(alone[i]) {
							t.Fatalf("%v %v, %d rows: row %d column %d is %g, alone %g", size, f, rows, i/out, i%out, v, alone[i])
						}
					}
				}
			}
		}
	})
}

// Integers and bfloat16 stand for float32 weights: packed as those they give the same bits.
func TestFormatsAreOnlyAboutWeights(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		rng := rand.New(rand.NewPCG(35, 36))
		const out, in = 70, 72
		w := values(rng, out*in)
		for _, f := range cpu.Formats()[1:] {
			p := d.Pack(mat(w, out, in), f)
			whole := d.Pack(mat(unpacked(d, p, out, in), out, in), cpu.Float32)
			for _, rows := range []int{1, 2, 5, 30} {
				a := mat(values(rng, rows*in), rows, in)
				y, want := mat(make([]float32, rows*out), rows, out), mat(make([]float32, rows*out), rows, out)
				d.MatMulNTs(a, []cpu.Product{{C: y, Packed: p}})
				d.MatMulNTs(a, []cpu.Product{{C: want, Packed: whole}})
				if !slices.Equal(y.Data, want.Data) {
					t.Errorf("%v, %d rows: other bits than with the same weights in float32", f, rows)
				}
			}
		}
	})
}

// What is no number must be seen, in all of its block at most.
func TestPackKeepsNaN(t *testing.T) {
	devices(t, func(t *testing.T, d *cpu.Device) {
		for _, f := range cpu.Formats() {
			for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
				w := make([]float32, 3*64)
				w[64+40] = bad
				for _, rows := range []int{1, 20} {
					one := make([]float32, rows*64)
					for i := range one {
						one[i] = 1
					}
					y := make([]float32, rows*3)
					d.MatMulNTs(mat(one, rows, 64), []cpu.Product{{C: mat(y, rows, 3), Packed: d.Pack(mat(w, 3, 64), f)}})
					if v := y[1]; v-v == 0 || y[0] != 0 || y[2] != 0 {
						t.Errorf("%v, %g among the weights: products are %v", f, bad, y[:3])
					}
				}
			}
		}
	})
}

func TestPackedBytes(t *testing.T) {
	d := device(t, cpu.Options{})
	const out, in = 2048, 512
	for f, bits := range map[cpu.Format]float64{cpu.Float32: 32, cpu.BFloat16: 16, cpu.Int8: 8.5, cpu.Int4: 5} {
		if again, err := cpu.ParseFormat(f.String()); err != nil || again != f || f.Bits() != bits {
			t.Errorf("%v of %g bits is parsed as %v, %v", f, f.Bits(), again, err)
		}
		p := d.Pack(mat(make([]float32, out*in), out, in), f)
		if got := 8 * float64(p.Bytes()) / (out * in); got < bits || got > bits*1.01 || p.Format() != f {
			t.Errorf("%v, %v: %g bits a weight, want %g and a hundredth for room at most", f, p.Format(), got, bits)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	if _, err := cpu.ParseFormat("int3"); err == nil || err.Error() != `cpu: there is no format "int3" of weights: want one of [float32 bfloat16 int8 int4]` {
		t.Errorf("int3: %v", err)
	}
	d := device(t, cpu.Options{})
	defer func() {
		if r := recover(); r == nil || fmt.Sprint(r) != "cpu: Pack: there is no Format(9): want one of [float32 bfloat16 int8 int4]" {
			t.Errorf("got %v", r)
		}
	}()
	d.Pack(mat([]float32{1}, 1, 1), 9)
}

func ExampleDevice_Pack() {
	d := cpu.Default()
	w := cpu.Matrix{Data: make([]float32, 64*64), Rows: 64, Cols: 64} // (out, in)
	for i := range 64 {
		w.Data[i*64+i] = 127
	}
	x, y := make([]float32, 64), make([]float32, 64)
	x[0], x[1] = 0.5, 2
	packed := d.Pack(w, cpu.Int8)
	d.MatMulNTs(cpu.Matrix{Data: x, Rows: 1, Cols: 64}, []cpu.Product{{C: cpu.Matrix{Data: y, Rows: 1, Cols: 64}, Packed: packed}})
	fmt.Println(packed.Format(), y[:3])
	// Output: int8 [63.5 254 0]
}

// BenchmarkPacked is decoding with each format: weights read in GB/s, and GFLOP/s where there are many rows.
func BenchmarkPacked(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	d := cpu.Default()
	for _, size := range [][2]int{{1376, 512}, {8192, 2048}} {
		out, in := size[0], size[1]
		w := mat(values(rng, out*in), out, in)
		for _, f := range cpu.Formats() {
			p := d.Pack(w, f)
			for _, rows := range []int{1, 2, 4, 8, 16, 256} {
				y := mat(make([]float32, rows*out), rows, out)
				products := []cpu.Product{{C: y, Packed: p}}
				x := mat(values(rng, rows*in), rows, in)
				b.Run(fmt.Sprintf("%v/%dx%dx%d", f, rows, out, in), func(b *testing.B) {
					if rows > 16 {
						rate(b, 2*float64(rows*out*in), "GFLOP/s", func() { d.MatMulNTs(x, products) })
						return
					}
					rate(b, float64(p.Bytes()), "GB/s", func() { d.MatMulNTs(x, products) })
				})
			}
		}
	}
}

package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var formatSuffixes = map[Format]string{Float32: "", BFloat16: "Half", Int8: "Int8", Int4: "Int4"}

// eachFew calls for every kernel for few rows.
func eachFew(l Level, call func(name string, f Format, rows, panels int, kernel fewKernel)) {
	for _, f := range Formats() {
		for i, both := range fewKernels[l-AVX2][f] {
			for j, kernel := range both {
				if kernel != nil {
					name := fmt.Sprintf("few%dx%d%s%s", i+1, j+1, formatSuffixes[f], strings.ReplaceAll(l.String(), "-", ""))
					call(name, f, i+1, j+1, kernel)
				}
			}
		}
	}
}

func fewNames(l Level) (names []string) {
	eachFew(l, func(name string, _ Format, _, _ int, _ fewKernel) { names = append(names, name) })
	return names
}

// loose packs for a level that this processor may not have, by the code that packs for it.
func loose(l Level, f Format, w []float32, rows, cols int) *Packed {
	p := &Packed{level: l, format: f, rows: rows, cols: cols}
	p.step = p.panelStep()
	p.data = make([]float32, p.count()*p.step)
	weight := Matrix{Data: w, Rows: rows, Cols: cols}
	if f.integer() {
		(&packFormatTask{l, weight, p}).part(&worker{}, 0, p.count())
		return p
	}
	for n := range p.count() {
		for k := range cols {
			row := p.data[p.offset(n, 0)+k*p.rowFloats():]
			for j := range l.width() {
				v := float32(0)
				if o := n*l.width() + j; o < rows {
					v = w[o*cols+k]
				}
				if f == Float32 {
					row[j] = v
				} else {
					words(row)[j/2] |= bfloat16(v) << (16 * (j % 2))
				}
			}
		}
	}
	return p
}

// value is the weight that the packed bits stand for, read one by one.
func (p *Packed) value(o, k int) float32 {
	width := p.level.width()
	n, j := o/width, o%width
	at := p.data[n*p.step:]
	sixteen := func(x []float32, i int) float32 { return fromBfloat16(words(x)[i/2] >> (16 * (i % 2)) & 0xffff) }
	switch p.format {
	case Float32:
		return at[k*width+j]
	case BFloat16:
		return sixteen(at, k*width+j)
	}
	at = at[k/32*p.blockFloats():]
	scale, k := sixteen(at, j), k%32
	if p.format == Int8 {
		i := k*width + j
		return float32(int8(words(at[width/2:])[i/4]>>(8*(i%4)))) * scale
	}
	q := words(at[width:])[k/8*width+j] >> (4 * (k % 8)) & 15
	return float32(q)*scale + sixteen(at, width+j)
}

// A kernel for few rows adds weight times input in order of the depth, rounding once a step, whatever the rows and panels.
func TestFewFromTheirText(t *testing.T) {
	program := assemblyText(t)
	rng := rand.New(rand.NewPCG(21, 22))
	for _, l := range []Level{AVX2, AVX512} {
		native := slices.Contains(Levels(), l)
		eachFew(l, func(name string, f Format, rows, panels int, kernel fewKernel) {
			for _, k := range []int{8, 40, 72, 5, 3} {
				if f.integer() && k%groupDepth != 0 {
					continue
				}
				lda, ldc := k+3, panels*l.width()+5
				a, w := random(rng, (rows-1)*lda+k), random(rng, panels*l.width()*k)
				p := loose(l, f, w, panels*l.width(), k)
				for accumulate := range 2 {
					c := random(rng, (rows-1)*ldc+panels*l.width())
					want, ran := slices.Clone(c), slices.Clone(c)
					for r := range rows {
						for o := range panels * l.width() {
							sum := float32(0)
							for q := range k {
								sum = roundOnce(p.value(o, q), a[r*lda+q], sum)
							}
							if accumulate == 1 {
								sum += want[r*ldc+o]
							}
							want[r*ldc+o] = sum
						}
					}
					_, err := program.Call(name, [][]float32{a, p.data, c}, &a[0], uintptr(4*lda), &p.data[0], uintptr(4*p.step),
						&c[0], uintptr(4*ldc), uintptr(k), uintptr(accumulate))
					if err != nil {
						t.Fatal(err)
					}
					sameBits(t, fmt.Sprintf("%s k %d accumulate %d", name, k, accumulate), [][]float32{c}, [][]float32{want})
					if native {
						kernel(&a[0], uintptr(4*lda), &p.data[0], uintptr(4*p.step), &ran[0], uintptr(4*ldc), uintptr(k), uintptr(accumulate))
						sameBits(t, name+" on the processor", [][]float32{ran}, [][]float32{want})
					}
				}
			}
		})
	}
}

func TestWidenFromItsText(t *testing.T) {
	program := assemblyText(t)
	rng := rand.New(rand.NewPCG(23, 24))
	for _, l := range []Level{AVX2, AVX512} {
		for _, f := range []Format{Int8, Int4} {
			for _, k := range []int{8, 32, 72} {
				p := loose(l, f, random(rng, l.width()*k), l.width(), k)
				got, want, portable := make([]float32, k*l.width()), make([]float32, k*l.width()), make([]float32, k*l.width())
				for o := range l.width() {
					for q := range k {
						want[q*l.width()+o] = p.value(o, q)
					}
				}
				name := "widen" + formatSuffixes[f] + strings.ReplaceAll(l.String(), "-", "")
				if _, err := program.Call(name, [][]float32{p.data, got}, &got[0], &p.data[0], uintptr(k)); err != nil {
					t.Fatal(err)
				}
				sameBits(t, name, [][]float32{got}, [][]float32{want})
				p.widenPortable(portable, p.data, k)
				sameBits(t, name+" and plain Go", [][]float32{portable}, [][]float32{want})
				if slices.Contains(Levels(), l) {
					clear(got)
					p.widen(got, 0, 0, k)
					sameBits(t, name+" on the processor", [][]float32{got}, [][]float32{want})
				}
			}
		}
	}
}

// A block is q·s or m + q·s. Steps are rounded up to bfloat16, which has eight digits: at most 1+2⁻⁷ times too long. So a
// weight is off by half a step, plus what rounding the sum of an Int4 to float32 takes.
func TestBlocksAreWithinHalfAStep(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	for _, l := range []Level{Portable, AVX512} {
		for name, draw := range map[string]func() float32{
			"normal":     func() float32 { return float32(rng.NormFloat64()) * 0.02 },
			"one sided":  func() float32 { return 5 + rng.Float32()*0.1 },
			"heavy tail": func() float32 { return float32(math.Exp(3*rng.NormFloat64()) * rng.NormFloat64()) },
			"tiny":       func() float32 { return (rng.Float32() - 0.5) * 1e-41 },
			"huge":       func() float32 { return (rng.Float32() - 0.5) * 3e38 },
			"equal":      func() float32 { return -0.7 },
			"zero":       func() float32 { return 0 },
		} {
			const rows, cols = 40, 70
			w := make([]float32, rows*cols)
			for i := range w {
				w[i] = draw()
			}
			p8, p4 := loose(l, Int8, w, rows, cols), loose(l, Int4, w, rows, cols)
			const long = 1 + 0x1p-7
			const least = 0x1p-133 // the smallest step of bfloat16
			for o := range rows {
				for from := 0; from < cols; from += 32 {
					block := w[o*cols+from : o*cols+min(from+32, cols)]
					low, high := float64(slices.Min(block)), float64(slices.Max(block))
					largest := max(-low, high)
					bound8 := largest / 127 * long / 2
					bottom := low - math.Abs(low)*0x1p-7 // the minimum rounded down
					bound4 := (high-bottom)/15*long/2 + largest*0x1p-23
					for i, v := range block {
						if e := math.Abs(float64(p8.value(o, from+i)) - float64(v)); e > bound8+least {
							t.Fatalf("%s, int8: %g became %g, off by %g, want %g at most", name, v, p8.value(o, from+i), e, bound8)
						}
						if e := math.Abs(float64(p4.value(o, from+i)) - float64(v)); e > bound4+2*least {
							t.Fatalf("%s, int4: %g became %g, off by %g, want %g at most", name, v, p4.value(o, from+i), e, bound4)
						}
					}
				}
			}
		}
	}
}

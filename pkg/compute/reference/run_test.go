package reference_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/reference"
)

type other struct{ compute.Add }

// Run refuses what does not fit, and says what; what it computes is compared in compute/cpu and by hand here.
func TestRunRefuses(t *testing.T) {
	two, three := make([]float64, 2), make([]float64, 3)
	floats := func(x ...[]float64) (in []reference.Value) {
		for _, v := range x {
			in = append(in, reference.Value{Floats: v})
		}
		return in
	}
	for name, c := range map[string]struct {
		op   compute.Op
		out  [][]float64
		in   []reference.Value
		want string
	}{
		"too few":       {compute.Add{N: 2}, [][]float64{two}, floats(two), "want 2 inputs [a [2] b [2]], got 1"},
		"too long":      {compute.Add{N: 2}, [][]float64{two}, floats(two, three), "input 1, b [2], is 2 values of float32, got 3"},
		"nowhere":       {compute.Add{N: 2}, nil, floats(two, two), "want 1 outputs [y [2]], got 0"},
		"floats as ids": {compute.Embedding{Rows: 2, Dim: 1, Vocab: 2}, [][]float64{two}, floats(two, two), "ids [2], is 2 values of int32"},
		"unknown":       {other{compute.Add{N: 2}}, [][]float64{two}, floats(two, two), "reference_test.other"},
	} {
		err := reference.Run(c.op, c.out, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
		if errors.Is(err, compute.ErrUnsupported) != (name == "unknown") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two rows with targets 0 and 1 and weights 3 and 1, logits (0, ln 3) both: losses ln 4 and ln 4/3, shares ¾ and ¼; the
// gradient of a row's logits is its share times (¼, ¾) − the target.
func TestRunByHand(t *testing.T) {
	log3 := math.Log(3)
	loss, dx, dw := make([]float64, 1), make([]float64, 2), make([]float64, 2)
	op := compute.LinearCrossEntropy{Rows: 2, Dim: 1, Vocab: 2, Weights: true, DX: true, DW: true}
	err := reference.Run(op, [][]float64{loss, dx, dw}, []reference.Value{{Floats: []float64{1, 1}}, {Floats: []float64{0, log3}}, {Ints: []int32{0, 1}}, {Floats: []float64{3, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.75*math.Log(4) + 0.25*math.Log(4./3), 0.75 * 0.75 * log3, -0.25 * 0.25 * log3, -0.75*0.75 + 0.25*0.25, 0.75*0.75 - 0.25*0.25} {
		if got := append(append(loss, dx...), dw...)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("value %d is %.12g, want %.12g", i, got, want)
		}
	}
	// Position 1 of a table of two turns (2, 5) by a right angle; turned back it is itself. The output is the input here.
	x := []float64{2, 5}
	table := []reference.Value{{Floats: x}, {Ints: []int32{1}}, {Floats: []float64{1, 0}}, {Floats: []float64{0, 1}}}
	for _, c := range []struct {
		inverse bool
		want    [2]float64
	}{{false, [2]float64{-5, 2}}, {true, [2]float64{2, 5}}} {
		op := compute.RoPE{Rows: 1, Heads: 1, HeadDim: 2, Context: 2, Inverse: c.inverse}
		if err := reference.Run(op, [][]float64{x}, table); err != nil || [2]float64(x) != c.want {
			t.Errorf("inverse %v: %v, want %v (%v)", c.inverse, x, c.want, err)
		}
	}
	// dy·w onto what is there: 10 + 2·3.
	to := []float64{10}
	if err := reference.Run(compute.LinearInput{Rows: 1, In: 1, Out: 1, Add: true}, [][]float64{to}, []reference.Value{{Floats: []float64{2}}, {Floats: []float64{3}}, {Floats: to}}); err != nil || to[0] != 16 {
		t.Errorf("10 + 2·3 = %g (%v)", to[0], err)
	}
}

// Eight significant binary digits: 1 + 2⁻⁸ lies between 1 and 1 + 2⁻⁷ and goes to the even one, 1 + 3·2⁻⁸ up to it.
func TestBFloat16ByHand(t *testing.T) {
	for x, want := range map[float64]float64{
		0: 0, 1: 1, -2.5: -2.5, 1 + 0x1p-8: 1, 1 + 3*0x1p-8: 1 + 0x1p-6, 1 + 0x1.1p-8: 1 + 0x1p-7, -1 - 0x1p-8: -1,
		0x1p-126: 0x1p-126, 0x1.fp-127: 0, 0x1.ffp127: math.Inf(1), -0x1.fep127: -0x1.fep127,
	} {
		y := make([]float64, 1)
		if reference.BFloat16(y, []float64{x}); y[0] != want {
			t.Errorf("%g is rounded to %g, want %g", x, y[0], want)
		}
	}
}

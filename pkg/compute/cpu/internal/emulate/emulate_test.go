package emulate

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// fma must round once, as the instruction does; big.Float gives the exact sum.
func TestFMARoundsOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		a, b := float32(rng.NormFloat64()), float32(rng.NormFloat64())
		c := float32(rng.NormFloat64() * math.Exp2(float64(rng.IntN(60)-30)))
		exact := new(big.Float).SetPrec(300).Mul(big.NewFloat(float64(a)), big.NewFloat(float64(b)))
		exact.SetPrec(300).Add(exact, big.NewFloat(float64(c)))
		want, _ := exact.Float32()
		if got := fma(a, b, c); got != want {
			t.Fatalf("fma(%g, %g, %g) = %g, want %g", a, b, c, got, want)
		}
	}
	// c + 2^-24 − 2^-60 with an odd c lies just below a tie, which float64 cannot see: rounding twice would go up.
	c := float32(1 + 0x1p-23)
	if got := fma(0x1p-24*(1+0x1p-18), 1-0x1p-18, c); got != c {
		t.Errorf("just below a tie: %b, want %b", math.Float32bits(got), math.Float32bits(c))
	}
}

func TestParseRefusesWhatItDoesNotKnow(t *testing.T) {
	for name, text := range map[string]string{
		"instruction":   "TEXT ·f(SB), NOSPLIT, $0\n\tVPERMQ Y0, Y1, Y2\n\tRET\n",
		"operand":       "TEXT ·f(SB), NOSPLIT, $0\n\tMOVQ AX, K1\n\tRET\n",
		"label":         "TEXT ·f(SB), NOSPLIT, $0\n\tJMP nowhere\n\tRET\n",
		"constant":      "TEXT ·f(SB), NOSPLIT, $0\n\tVMOVUPS c<>+0(SB), Y0\n\tRET\n",
		"no function":   "\tRET\n",
		"data of 8":     "DATA c<>+0(SB)/8, $0x1\n",
		"bytes":         "TEXT ·f(SB), NOSPLIT, $0\n\tLONG $0x402e9262\n\tWORD $0xc053\n\tRET\n",
		"bytes of AVX2": "TEXT ·f(SB), NOSPLIT, $0\n\tLONG $0x202e9262\n\tWORD $0xc052\n\tRET\n",
		"half a LONG":   "TEXT ·f(SB), NOSPLIT, $0\n\tWORD $0xc052\n\tRET\n",
		"mask register": "TEXT ·f(SB), NOSPLIT, $0\n\tVMOVUPS (AX), K1, Z0\n\tRET\n",
	} {
		if _, err := Parse(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Bytes as GNU as 2.40 writes them: vdpbf16ps zmm1, zmm2, zmm3 and zmm25, zmm30, zmm14; vcvtne2ps2bf16 zmm17, zmm4, zmm27.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		raw  []byte
		want string
	}{
		{[]byte{0x62, 0xf2, 0x6e, 0x48, 0x52, 0xcb}, "VDPBF16PS Z3 Z2 Z1"},
		{[]byte{0x62, 0x42, 0x0e, 0x40, 0x52, 0xce}, "VDPBF16PS Z14 Z30 Z25"},
		{[]byte{0x62, 0x82, 0x5f, 0x48, 0x72, 0xcb}, "VCVTNE2PS2BF16 Z27 Z4 Z17"},
	} {
		s, err := decode(c.raw, 1)
		got := s.op
		for _, a := range s.args {
			got += " " + a.symbol
		}
		if err != nil || got != c.want {
			t.Errorf("% x is %s, %v, want %s", c.raw, got, err, c.want)
		}
	}
}

// The emulator must notice what a kernel may get wrong.
func TestCallCatchesMistakes(t *testing.T) {
	const head = "TEXT ·f(SB), NOSPLIT, $0-8\n\tMOVQ x+0(FP), AX\n"
	for name, c := range map[string]struct{ body, want string }{
		"read past the slice":  {"\tVMOVUPS 4(AX), Y0\n\tVZEROUPPER\n\tRET\n", "outside the slices"},
		"write past the slice": {"\tVXORPS Y0, Y0, Y0\n\tVMOVUPS Y0, 4(AX)\n\tVZEROUPPER\n\tRET\n", "outside the slices"},
		"no VZEROUPPER":        {"\tVMOVUPS (AX), Y0\n\tRET\n", "VZEROUPPER"},
		"no RET":               {"\tVZEROUPPER\n", "past its end"},
		"fine":                 {"\tVMOVUPS (AX), Y0\n\tVADDPS Y0, Y0, Y0\n\tVMOVUPS Y0, (AX)\n\tVZEROUPPER\n\tRET\n", ""},
	} {
		p, err := Parse(strings.NewReader(head + c.body))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		x := []float32{1, 2, 3, 4, 5, 6, 7, 8}
		_, err = p.Call("f", [][]float32{x}, &x[0])
		if c.want == "" && (err != nil || x[7] != 16) {
			t.Errorf("%s: %v, x %v", name, err, x)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want one about %q", name, err, c.want)
		}
	}
}

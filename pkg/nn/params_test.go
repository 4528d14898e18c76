package nn_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/nn"
)

func TestParams(t *testing.T) {
	var p nn.Params
	if err := p.Add("b", nn.Constant(1, 2, 3)); err != nil {
		t.Fatal(err)
	}
	if err := p.Add("a", nn.Constant(0, 4)); err != nil {
		t.Fatal(err)
	}
	if p.Count() != 10 || p.Len() != 2 || !slices.Equal(p.Names(), []string{"b", "a"}) {
		t.Errorf("%d parameters in %v, want 10 in [b a]", p.Count(), p.Names())
	}
	if p.Get("c") != nil {
		t.Error("a parameter that was never added was found")
	}
	for name, x := range map[string]*compute.Tensor{"a": nn.Constant(0, 1), "": nn.Constant(0, 1), "nil": nil} {
		if p.Add(name, x) == nil {
			t.Errorf("Add(%q, %v) was accepted", name, x)
		}
	}
}

// The hash, from its definition: lengths, name, shape and bits, little-endian.
func TestHash(t *testing.T) {
	var p nn.Params
	if err := p.Add("w", nn.Constant(1, 2)); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("\x01\x00\x00\x00\x00\x00\x00\x00w\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x3f\x00\x00\x80\x3f"))
	if want := hex.EncodeToString(sum[:]); p.Hash() != want {
		t.Errorf("hash %s, want %s", p.Hash(), want)
	}
	c := p.Clone()
	c.Get("w").Data[1] = math.Nextafter32(1, 2)
	if c.Hash() == p.Hash() || p.Get("w").Data[1] != 1 {
		t.Error("a clone changed by one bit must differ, and leave the original alone")
	}
}

// 20,000 draws: mean within 4·std/√n, deviation within 4·std/√(2n).
func TestInitialValues(t *testing.T) {
	const n = 20000
	for _, c := range []struct {
		name string
		x    *compute.Tensor
		std  float64
	}{
		{"normal", nn.Normal(rand.New(rand.NewPCG(1, 1)), .5, n), .5},
		{"uniform", nn.Uniform(rand.New(rand.NewPCG(1, 1)), .6, 100, n/100), .6 / math.Sqrt(3)},
	} {
		var sum, squares float64
		for _, v := range c.x.Data {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		if mean := sum / n; math.Abs(mean) > 4*c.std/math.Sqrt(n) {
			t.Errorf("%s: mean %g", c.name, mean)
		}
		if std := math.Sqrt(squares / n); math.Abs(std-c.std) > 4*c.std/math.Sqrt(2*n) {
			t.Errorf("%s: deviation %g, want %g", c.name, std, c.std)
		}
	}
	a, b := nn.Normal(rand.New(rand.NewPCG(3, 4)), 1, 8), nn.Normal(rand.New(rand.NewPCG(3, 4)), 1, 8)
	if !slices.Equal(a.Data, b.Data) {
		t.Error("one seed gave two tensors")
	}
}

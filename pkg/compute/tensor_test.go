package compute_test

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/compute"
)

func TestFromRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		data  []float32
		shape []int
		want  string
	}{
		"too few":  {make([]float32, 5), []int{2, 3}, "needs 6 values, the data has 5"},
		"too many": {make([]float32, 7), []int{2, 3}, "needs 6 values, the data has 7"},
		"negative": {make([]float32, 6), []int{-2, -3}, "negative dimension"},
		"scalar":   {nil, nil, "needs 1 values, the data has 0"},
	} {
		if _, err := compute.From(c.data, c.shape...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	a := compute.New(2, 2)
	b := a.Clone()
	b.Data[0], b.Shape[0] = 7, 9
	if a.Data[0] != 0 || a.Shape[0] != 2 {
		t.Errorf("the original became %v", a)
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		shape      []int
		len, bytes int
	}{{nil, 1, 4}, {[]int{3}, 3, 12}, {[]int{2, 0, 5}, 0, 0}, {[]int{2, 3, 4}, 24, 96}} {
		x := compute.New(c.shape...)
		if x.Len() != c.len || x.Bytes() != c.bytes {
			t.Errorf("shape %v: %d values, %d bytes, want %d and %d", c.shape, x.Len(), x.Bytes(), c.len, c.bytes)
		}
	}
}

func TestNewPanicsOnNegative(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	compute.New(2, -1)
}

func TestStringIsShort(t *testing.T) {
	if s := compute.New(1000).String(); s != "float32[1000] 0 0 0 0 0 0 …" {
		t.Errorf("%q", s)
	}
}

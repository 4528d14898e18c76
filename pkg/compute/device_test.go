package compute

import (
	"math"
	"slices"
	"testing"
)

// Host memory as a buffer shares what it is a slice of, and no append reaches beyond.
func TestHostBuffers(t *testing.T) {
	x, k := HostFloats{1, 2, 3, 4}, HostInts{1, 2, 3, 4}
	part, some := x.Slice(1, 3).(HostFloats), k.Slice(1, 3).(HostInts)
	part[0], some[1] = 7, 9
	if x[1] != 7 || k[2] != 9 || cap(part) != 2 || cap(some) != 2 || part.Len() != 2 || some.Type() != Int32 || part.Type() != Float32 {
		t.Errorf("%v and %v after writing to %v and %v", x, k, part, some)
	}
	to, into := make(HostFloats, 4), make(HostInts, 4)
	if CopyHost(to, x) != nil || CopyHost(into, k) != nil || !slices.Equal(to, x) || !slices.Equal(into, k) {
		t.Errorf("copies %v of %v and %v of %v", to, x, into, k)
	}
	for _, c := range [][2]Buffer{{to, part}, {to, k}, {into, x}, {into, some}} {
		if CopyHost(c[0], c[1]) == nil {
			t.Errorf("a copy of %T %v to %T %v", c[1], c[1], c[0], c[0])
		}
	}
}

// A key has seed and step in whole; below zero there is no mask.
func TestMaskKey(t *testing.T) {
	for _, seed := range []uint64{0, 1, 1<<40 + 7, math.MaxUint64} {
		for _, step := range []int{0, 1, math.MaxInt32} {
			if s, n, on := Mask(MaskKey(seed, step)); s != seed || n != uint32(step) || !on {
				t.Errorf("seed %d, step %d came back as %d, %d, %v", seed, step, s, n, on)
			}
		}
		if _, _, on := Mask(MaskKey(seed, -5)); on {
			t.Errorf("seed %d: a mask at step −5", seed)
		}
	}
}

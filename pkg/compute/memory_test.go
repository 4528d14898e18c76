package compute

import "testing"

// Large blocks are zeros like small ones, and all theirs to write.
func TestFloats(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 3 << 20} {
		x := Floats(n)
		if len(x) != n {
			t.Fatalf("%d values, want %d", len(x), n)
		}
		for i := range x {
			if x[i] != 0 {
				t.Fatalf("value %d of %d is %g", i, n, x[i])
			}
			x[i] = 1
		}
	}
}

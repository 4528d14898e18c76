package compute

import "testing"

func TestChosen(t *testing.T) {
	for list, want := range map[string]string{
		"always [madvise] never\n": "madvise", "[always] madvise never\n": "always", "": "", "always": "", "[open": "",
	} {
		if got := chosen(list); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}

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

package cpu

import "testing"

// Each round adds 1·1 to twelve registers, so every lane of their sum is 12·n.
func TestPeakDoesTheWorkItCounts(t *testing.T) {
	for _, l := range kernels() {
		for _, n := range []int{1, 7, 1000} {
			out := make([]float32, l.lanes())
			if l == AVX512 {
				peakAVX512(&out[0], 1, uintptr(n))
			} else {
				peakAVX2(&out[0], 1, uintptr(n))
			}
			for i, v := range out {
				if want := float32(peakSums * n); v != want {
					t.Errorf("%v, %d rounds: lane %d is %g, want %g", l, n, i, v, want)
				}
			}
		}
	}
}

// The emulator runs AVX-512's kernel where the processor cannot.
func TestPeakOfEveryLevelByEmulation(t *testing.T) {
	program := assemblyText(t)
	for _, l := range []struct {
		name  string
		lanes int
	}{{"AVX2", 8}, {"AVX512", 16}} {
		out := make([]float32, l.lanes)
		if _, err := program.Call("peak"+l.name, [][]float32{out}, &out[0], float32(1), uintptr(5)); err != nil {
			t.Fatal(err)
		}
		for i, v := range out {
			if v != 5*peakSums {
				t.Errorf("%s: lane %d is %g, want %d", l.name, i, v, 5*peakSums)
			}
		}
	}
}

func TestPeakCountsWorkers(t *testing.T) {
	for _, threads := range []int{1, 2} {
		d, err := New(Options{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		want := float64(threads) * 1e6
		if d.Level() == Portable {
			want = 0
		}
		if got := d.Peak(1); got < 0.99*want || got > want {
			t.Errorf("%d threads did %g operations, want at most %g and nearly that", threads, got, want)
		}
	}
}

package session

import (
	"runtime"
	"testing"
	"time"
)

// A cell that asks for it is told what it took: its own time and its own peak, not those of the cells before it.
func TestUsage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what a cell took")
	}
	s := newSession(t)
	use := func(code string, measure bool) Usage {
		t.Helper()
		r := s.Execute(t.Context(), Cell{Code: code, Measure: measure}, &page{})
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		return r.Used
	}
	const big = 200 << 20
	large := use("import (\"runtime/debug\"; \"time\")\nblock := make([]byte, 200<<20)\nfor i := 0; i < len(block); i += 1 << 12 { block[i] = 1 }", true)
	if large.Peak < big || large.CPU <= 0 {
		t.Errorf("200 MB touched: %+v", large)
	}
	use("block = nil\ndebug.FreeOSMemory()", false)
	if small := use("1 + 1", true); small.Peak <= 0 || small.Peak > large.Peak-big/2 { // the race detector alone takes a lot
		t.Errorf("the peak of a cell before: %+v", small)
	}
	asleep := use("time.Sleep(400 * time.Millisecond)", true)
	if asleep.CPU > 200*time.Millisecond {
		t.Errorf("asleep: %+v", asleep)
	}
	if busy := use("for end := time.Now().Add(400 * time.Millisecond); time.Now().Before(end); { }", true); busy.CPU+busy.Wait < 300*time.Millisecond {
		t.Errorf("busy for 400 ms: %+v", busy)
	}
	if got := use("1 + 1", false); got != (Usage{}) {
		t.Errorf("measured without being asked: %+v", got)
	}
}

package cpu_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

func device(t testing.TB, o cpu.Options) *cpu.Device {
	t.Helper()
	d, err := cpu.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// Every index is visited exactly once, in ranges that depend on n and grain only, also with more workers than cores
// and with pauses in which helpers park.
func TestForCoversEveryIndexOnce(t *testing.T) {
	d := device(t, cpu.Options{Threads: 5})
	rng := rand.New(rand.NewPCG(1, 1))
	for round := range 3000 {
		n, grain := rng.IntN(200), rng.IntN(20)
		seen := make([]int32, n)
		d.For(n, grain, func(worker, lo, hi int) {
			if worker < 0 || worker >= d.Threads() {
				t.Errorf("worker %d of %d", worker, d.Threads())
			}
			if want := max(grain, 1); lo%want != 0 || hi != min(lo+want, n) {
				t.Errorf("n %d grain %d: range %d to %d", n, grain, lo, hi)
			}
			for i := lo; i < hi; i++ {
				seen[i]++
			}
		})
		for i, times := range seen {
			if times != 1 {
				t.Fatalf("round %d, n %d grain %d: index %d visited %d times", round, n, grain, i, times)
			}
		}
		if round%500 == 0 {
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// A Device may be used from many goroutines; they wait for each other.
func TestConcurrentCallers(t *testing.T) {
	d := device(t, cpu.Options{Threads: 3})
	var group sync.WaitGroup
	for caller := range 4 {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(caller), 1))
			a, b := values(rng, 5000), values(rng, 5000)
			sum := make([]float32, 5000)
			for range 50 {
				d.Add(sum, a, b, len(sum))
				if got, want := d.SumSquares(sum, len(sum)), squares(sum); math.Abs(got-want) > 1e-5*want {
					t.Errorf("caller %d: sum of squares %g, want %g", caller, got, want)
				}
			}
		})
	}
	group.Wait()
}

func squares(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

func TestCloseEndsTheWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	d, err := cpu.New(cpu.Options{Threads: 4})
	if err != nil {
		t.Fatal(err)
	}
	d.For(100, 1, func(int, int, int) {})
	d.Close()
	d.Close() // twice is fine
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines, before there were %d", runtime.NumGoroutine(), before)
}

// An idle Device must not burn the cores: helpers park within milliseconds.
func TestIdleWorkersPark(t *testing.T) {
	d := device(t, cpu.Options{Threads: 2})
	d.For(100, 1, func(int, int, int) {})
	time.Sleep(20 * time.Millisecond)
	before := processTime(t)
	time.Sleep(200 * time.Millisecond)
	if used := processTime(t) - before; used > 100*time.Millisecond {
		t.Fatalf("200ms of idling cost %v of processor time", used)
	}
}

// A panic in a range reaches the caller, whichever worker met it, and the Device goes on working.
func TestPanicReachesTheCaller(t *testing.T) {
	d := device(t, cpu.Options{Threads: 3})
	for round := range 200 {
		func() {
			defer func() {
				if r := recover(); r != "bad range" {
					t.Errorf("round %d: recovered %v", round, r)
				}
			}()
			d.For(100, 1, func(_, lo, _ int) {
				if lo == round%100 {
					panic("bad range")
				}
			})
		}()
	}
	if got := d.SumSquares([]float32{3, 4}, 2); got != 25 {
		t.Errorf("sum of squares %g, want 25", got)
	}
	var visited atomic.Int64
	d.For(1000, 1, func(int, int, int) { visited.Add(1) })
	if visited.Load() != 1000 {
		t.Errorf("%d ranges after the panics, want 1000", visited.Load())
	}
}

// The workers share the work: ranges that sleep overlap even on a busy machine, so every worker gets some.
func TestEveryWorkerTakesPart(t *testing.T) {
	d := device(t, cpu.Options{Threads: 3})
	var taken [3]atomic.Int64
	d.For(60, 1, func(worker, _, _ int) {
		taken[worker].Add(1)
		time.Sleep(2 * time.Millisecond)
	})
	for worker := range taken {
		if taken[worker].Load() == 0 {
			t.Errorf("worker %d took no range of 60", worker)
		}
	}
}

package bench

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// peak is how many FLOPs a second the device can do, as the fastest of a few short tries.
func (o Options) peak(ctx context.Context) (float64, error) { return peakOf(ctx, o.Device) }

func peakOf(ctx context.Context, d *cpu.Device) (float64, error) {
	best := 0.0
	for range 5 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		best = max(best, peakOnce(d))
	}
	return best, nil
}

func peakOnce(d *cpu.Device) float64 {
	start := time.Now()
	if flops := d.Peak(100); flops > 0 {
		return flops / time.Since(start).Seconds()
	}
	// Without the kernel the fastest product stands for it: one that stays in the cache.
	const n = 128
	x := make([]float32, 3*n*n)
	m := func(i int) cpu.Matrix { return cpu.Matrix{Data: x[i*n*n : (i+1)*n*n], Rows: n, Cols: n} }
	start = time.Now()
	d.MatMulNN(m(2), m(0), m(1), cpu.Epilogue{})
	return 2 * n * n * n / time.Since(start).Seconds()
}

// peaks measures the peak of one core and of all that the device uses.
func (o Options) peaks(ctx context.Context) ([]Result, error) {
	one, err := cpu.New(cpu.Options{Threads: 1, Level: o.Device.Level()})
	if err != nil {
		return nil, err
	}
	defer one.Close()
	devices := []*cpu.Device{one}
	if o.Device.Threads() > 1 {
		devices = append(devices, o.Device)
	}
	var out []Result
	for _, d := range devices {
		load := startLoad()
		var rates []float64
		for range o.Rounds {
			rate, err := peakOf(ctx, d)
			if err != nil {
				return out, err
			}
			rates = append(rates, rate)
		}
		r := Result{Bench: "peak", Threads: d.Threads(), Level: d.Level().String(), Rounds: o.Rounds,
			GFLOPS: median(rates) / 1e9, ShareOfPeak: 1, Others: load.others()}
		out = append(out, r)
		o.Each(r)
	}
	return out, nil
}

// random fills n values.
func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

package bench

import (
	"context"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// peak is how many FLOPs a second a device can do, as the fastest of a few short tries.
func (o Options) peak(ctx context.Context, d *cpu.Device) (float64, error) {
	best, flops := 0.0, 0.0
	for range 5 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if times, err := o.repeat(func(context.Context) error { flops = peakOnce(d); return nil })(ctx, 0); err == nil && times[0] > 0 {
			best = max(best, flops/times[0])
		}
	}
	return best, nil
}

// peakOnce does the work that stands for the peak and returns how much it was. Without the kernel that is a product
// that stays in the cache.
func peakOnce(d *cpu.Device) float64 {
	if flops := d.Peak(100); flops > 0 {
		return flops
	}
	const n = 128
	x := make([]float32, 3*n*n)
	m := func(i int) cpu.Matrix { return cpu.Matrix{Data: x[i*n*n : (i+1)*n*n], Rows: n, Cols: n} }
	d.MatMulNN(m(2), m(0), m(1), cpu.Epilogue{})
	return 2 * n * n * n
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
			rate, err := o.peak(ctx, d)
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

package bench

import (
	"context"
	"slices"
	"time"
)

// side is one of the two that are compared: it works for about that many seconds and says how long each piece took.
type side func(ctx context.Context, seconds float64) ([]float64, error)

// repeat makes a side of a piece of work. At least one piece is done.
func (o Options) repeat(work func(ctx context.Context) error) side {
	began := time.Now()
	now := func() float64 { return time.Since(began).Seconds() }
	if o.CPU {
		now = func() float64 { _, mine, _ := coreSeconds(); return mine }
	}
	return func(ctx context.Context, seconds float64) ([]float64, error) {
		var times []float64
		for end := time.Now().Add(time.Duration(seconds * float64(time.Second))); len(times) == 0 || time.Now().Before(end); {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			start := now()
			if err := work(ctx); err != nil {
				return nil, err
			}
			times = append(times, now()-start)
		}
		return times, nil
	}
}

// rounds are the medians of each round, in seconds.
type rounds struct {
	ours, theirs []float64
	peak         []float64 // FLOPs a second, measured in the same rounds
	others       []float64
}

// rest lets the other side's threads fall asleep: OpenMP's spin for a while after their last task.
const rest = 20 * time.Millisecond

// measure alternates the sides; theirs may be nil. When ctx ends it returns the whole rounds so far, and ctx's error.
func (o Options) measure(ctx context.Context, ours, theirs side) (rounds, error) {
	var r rounds
	if _, err := ours(ctx, 0); err != nil { // warm up
		return r, err
	}
	for range o.Rounds {
		peak, err := o.peak(ctx, o.Device)
		if err != nil {
			return r, err
		}
		load := startLoad()
		mine, err := ours(ctx, o.Seconds)
		if err != nil {
			return r, err
		}
		others := load.others()
		if theirs != nil {
			time.Sleep(rest)
			other, err := theirs(ctx, o.Seconds)
			if err != nil {
				return r, err
			}
			time.Sleep(rest)
			r.theirs = append(r.theirs, median(other))
		}
		r.ours, r.peak, r.others = append(r.ours, median(mine)), append(r.peak, peak), append(r.others, others)
	}
	return r, nil
}

// median of values, which must not be empty; of an even number it is the mean of the two in the middle.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// fill puts into a result what all benches have in common. flops and tokens are those of one step.
func (r rounds) fill(out *Result, o Options, flops, tokens float64) {
	seconds, peak := median(r.ours), median(r.peak)
	out.Threads, out.Level, out.Rounds = o.Device.Threads(), o.Device.Level().String(), len(r.ours)
	out.MsPerStep, out.GFLOPS, out.TokensPerS = 1e3*seconds, flops/seconds/1e9, tokens/seconds
	if peak > 0 {
		out.ShareOfPeak = flops / seconds / peak
	}
	out.CPUTime, out.Others = o.CPU, median(r.others)
	if out.Torch == nil || len(r.theirs) == 0 {
		out.Torch = nil
		return
	}
	theirs := median(r.theirs)
	t := out.Torch
	t.MsPerStep, t.TokensPerS, t.Ratio = 1e3*theirs, tokens/theirs, theirs/seconds
	for i, v := range r.theirs {
		ratio := v / r.ours[i]
		if i == 0 {
			t.Low, t.High = ratio, ratio
		}
		t.Low, t.High = min(t.Low, ratio), max(t.High, ratio)
	}
}

package bench

import (
	"context"
	"time"
	"unsafe"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// bandwidthFloats is how much memory is read, several times what caches of today hold.
const bandwidthFloats = 64 << 20

// Peak is the rate of fused multiply-adds on registers of a device, in FLOPs a second, as the fastest of a few short tries.
func Peak(ctx context.Context, d *cpu.Device) (float64, error) { return Options{}.peak(ctx, d) }

// Bandwidth is what memory gives to all of a device's threads, in bytes a second, as the fastest of a few passes over 256 MB:
// reading all of it, and copying one half over the other. A copy counts what is read and what is written, as STREAM does
// (McCalpin, 1995). No operator that reads its data once can be faster; one that finds it in a cache can.
func Bandwidth(ctx context.Context, d *cpu.Device) (read, copied float64, err error) {
	return bandwidth(ctx, d, bandwidthFloats)
}

func bandwidth(ctx context.Context, d *cpu.Device, n int) (read, copied float64, err error) {
	words := written(n)
	to, from := words[:n/4], words[n/4:n/4*2]
	sums := make([]uint64, d.Threads())
	best := func(work func()) (float64, error) {
		var rate float64
		for range 10 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			start := time.Now()
			work()
			if seconds := time.Since(start).Seconds(); seconds > 0 {
				rate = max(rate, float64(4*n)/seconds)
			}
		}
		return rate, nil
	}
	read, err = best(func() { readAll(d, words, sums) })
	if err != nil {
		return 0, 0, err
	}
	copied, err = best(func() {
		d.For(len(to), grain, func(_, lo, hi int) { copy(to[lo:hi], from[lo:hi]) })
	})
	return read, copied, err
}

// grain is how many words one range reads or copies, two megabytes: neighbours do not meet, and Go copies that much without
// reading what it overwrites.
const grain = 1 << 18

// written is memory of n floats as words of eight bytes, which load fast enough for any memory. It has been written:
// untouched memory is one page of zeros, which stays in the cache.
func written(n int) []uint64 {
	x := compute.Floats(n)
	for i := range x {
		x[i] = 1
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(x))), n/2)
}

// readAll reads words on all threads, each into a sum of its own.
func readAll(d *cpu.Device, words, sums []uint64) {
	d.For(len(words), grain, func(worker, lo, hi int) { sums[worker] += sum(words[lo:hi]) })
}

// sum reads all words, in eight sums that do not wait for each other.
func sum(words []uint64) uint64 {
	var a, b, c, d, e, f, g, h uint64
	for ; len(words) >= 8; words = words[8:] {
		w := words[:8]
		a, b, c, d, e, f, g, h = a+w[0], b+w[1], c+w[2], d+w[3], e+w[4], f+w[5], g+w[6], h+w[7]
	}
	for _, w := range words {
		a += w
	}
	return a + b + c + d + e + f + g + h
}

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
	m := newMemory(n)
	best := func(work func(*cpu.Device)) (rate float64, err error) {
		for range 10 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			start := time.Now()
			work(d)
			if seconds := time.Since(start).Seconds(); seconds > 0 {
				rate = max(rate, m.bytes()/seconds)
			}
		}
		return rate, nil
	}
	if read, err = best(m.read); err == nil {
		copied, err = best(m.copy)
	}
	return read, copied, err
}

// memory is what is read: floats on huge pages, seen as words, since eight bytes a load are fast enough for any memory.
type memory []uint64

// newMemory holds n floats.
func newMemory(n int) memory {
	x := compute.Floats(n)
	for i := range x {
		x[i] = 1 // pages that were never written are all the same one
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(x))), n/2)
}

func (m memory) bytes() float64 { return 8 * float64(len(m)) }

// apart is the range that a worker takes at a time, two megabytes: neighbours do not meet, fetching ahead is seldom broken
// off, and Go copies that much without reading what it overwrites.
const apart = 1 << 18

func (m memory) read(d *cpu.Device) {
	d.For(len(m), apart, func(_, lo, hi int) {
		if sum(m[lo:hi]) == 0 { // never: so that reading is not left out
			panic("bench: memory has lost its ones")
		}
	})
}

func (m memory) copy(d *cpu.Device) {
	to, from := m[:len(m)/2], m[len(m)/2:]
	d.For(len(to), apart, func(_, lo, hi int) { copy(to[lo:hi], from[lo:hi]) })
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

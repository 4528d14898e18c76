package doctor

import (
	"context"
	"io/fs"
	"os"
	"time"

	"github.com/tunebook/tunebook/pkg/bench"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Figures are what was measured.
type Figures struct {
	PeakOne, PeakAll float64 // FLOPs a second of one core and of all threads
	Read, Copied     float64 // bytes a second of memory, see bench.Bandwidth
	Others           float64 // share of the cores that other programs took meanwhile; -1 where it is not known
	Busiest          string  // the one that took most
	BusiestCores     float64 // and how many cores' worth
}

// Measure takes about a second. root is where /proc is, for what other processes do meanwhile.
func Measure(ctx context.Context, root fs.FS, d *cpu.Device) (Figures, error) {
	var f Figures
	one, err := cpu.New(cpu.Options{Threads: 1, Level: d.Level()})
	if err != nil {
		return f, err
	}
	defer one.Close()
	before, start := ReadTicks(root), time.Now()
	others := bench.Others()
	for end := start.Add(300 * time.Millisecond); time.Now().Before(end); { // long enough to see a stranger
		single, err := bench.Peak(ctx, one)
		if err != nil {
			return f, err
		}
		all, err := bench.Peak(ctx, d)
		if err != nil {
			return f, err
		}
		f.PeakOne, f.PeakAll = max(f.PeakOne, single), max(f.PeakAll, all)
	}
	if f.Read, f.Copied, err = bench.Bandwidth(ctx, d); err != nil {
		return f, err
	}
	f.Others = others()
	f.Busiest, f.BusiestCores = Busiest(before, ReadTicks(root), os.Getpid(), time.Since(start).Seconds())
	return f, nil
}

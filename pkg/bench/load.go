package bench

import (
	"math"
	"runtime"
	"time"
)

// load watches how much of the cores other programs take.
type load struct {
	start     time.Time
	all, mine float64 // seconds of all cores in use, and of this process
	known     bool
}

func startLoad() load {
	all, mine, ok := coreSeconds()
	return load{time.Now(), all, mine, ok}
}

// others is the share of all cores that other programs took since; -1 where the system does not say.
func (l load) others() float64 {
	all, mine, ok := coreSeconds()
	seconds := time.Since(l.start).Seconds() * float64(runtime.NumCPU())
	if !ok || !l.known || seconds <= 0 {
		return -1
	}
	return math.Min(1, math.Max(0, (all-l.all-(mine-l.mine))/seconds))
}

// Others starts to watch what other programs take, and gives their share of all cores since then; -1 where the system does
// not say.
func Others() (share func() float64) { return startLoad().others }

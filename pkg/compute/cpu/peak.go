package cpu

// peakSums is the number of registers that the kernel peak adds to.
const peakSums = 12

// peakTask keeps every worker multiplying; a range is one call of the kernel.
type peakTask struct {
	level  Level
	rounds int
}

func (t *peakTask) part(w *worker, lo, hi int) {
	out := w.floats(0, t.level.lanes())
	for range hi - lo {
		if t.level == AVX512 {
			peakAVX512(&out[0], 1, uintptr(t.rounds))
		} else {
			peakAVX2(&out[0], 1, uintptr(t.rounds))
		}
	}
}

// Peak keeps all workers busy with fused multiply-adds on registers for about that many million operations each, and
// returns how many were done; timed, that is the rate which no product can exceed. It is zero at the portable level,
// which has no such instruction.
func (d *Device) Peak(millions int) (flops float64) {
	if d.level == Portable || millions < 1 {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	each := 2 * peakSums * d.level.lanes()
	const parts = 16 // of a worker's share: who comes late leaves the rest to others
	t := peakTask{d.level, max(1, millions*1_000_000/parts/each)}
	d.pool.run(&t, parts*d.Threads(), 1)
	return float64(t.rounds) * float64(each) * float64(parts*d.Threads())
}

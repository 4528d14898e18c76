package cpu

import "math"

// Cache is the keys and values of one layer for several sequences: each (Sequences, Context, kvHeads·headDim).
type Cache struct {
	Keys, Values []float32
	Context      int
}

type cachedTask struct {
	level               Level
	o, q                []float32
	cache               Cache
	sequence, position  []int32
	heads, kvHeads, dim int
	scale               float32
}

func (t *cachedTask) part(w *worker, lo, hi int) {
	wide, narrow := t.heads*t.dim, t.kvHeads*t.dim
	group := t.heads / t.kvHeads
	for r := lo; r < hi; r++ {
		n := int(t.position[r]) + 1
		base := int(t.sequence[r]) * t.cache.Context * narrow
		scores := w.floats(0, n)
		for h := range t.heads {
			q := t.q[r*wide+h*t.dim : r*wide+(h+1)*t.dim]
			at := base + h/group*t.dim
			t.level.dots(scores, t.cache.Keys[at:], narrow, q)
			m := t.level.maximum(scores, hidden) * t.scale
			sum := t.level.expSum(scores, scores, t.scale, m)
			o := t.o[r*wide+h*t.dim : r*wide+(h+1)*t.dim]
			clear(o)
			for j, p := range scores {
				t.level.axpy(o, t.cache.Values[at+j*narrow:at+j*narrow+t.dim], p/sum)
			}
		}
	}
}

// CachedAttention attends from rows that stand anywhere in their sequences: row r of q and o (rows, heads·headDim) is
// position[r] of sequence[r] and sees the cached positions up to and including its own, which must be written before.
func (d *Device) CachedAttention(o, q []float32, cache Cache, sequence, position []int32, rows, heads, kvHeads, headDim int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := rows * heads * headDim
	t := &d.tasks.cached
	*t = cachedTask{d.level, o[:n], q[:n], cache, sequence[:rows], position[:rows], heads, kvHeads, headDim, float32(1 / math.Sqrt(float64(headDim)))}
	d.pool.run(t, rows, max(1, min(8, rows/(2*d.Threads()))))
	*t = cachedTask{}
}

package cpu

import (
	"math"
	"unsafe"
)

// Cache is the keys and values of one layer for several sequences: each (Sequences, Context, kvHeads·headDim).
type Cache struct {
	Keys, Values []float32
	Context      int
}

// cachedTask is attention of rows; its ranges are heads of keys, counted through all rows.
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
	for i := lo; i < hi; i++ {
		r, head := i/t.kvHeads, i%t.kvHeads
		n := int(t.position[r]) + 1
		at := int(t.sequence[r])*t.cache.Context*narrow + head*t.dim
		scores := w.floats(0, t.cache.Context)[:n]
		for h := head * group; h < (head+1)*group; h++ {
			t.level.dots(scores, t.cache.Keys[at:], narrow, t.q[r*wide+h*t.dim:r*wide+(h+1)*t.dim])
			m := t.level.maximum(scores, hidden) * t.scale
			sum := t.level.expSum(scores, scores, t.scale, m)
			o := t.o[r*wide+h*t.dim : r*wide+(h+1)*t.dim]
			t.level.mix(o, scores, t.cache.Values[at:], narrow)
			t.level.scale(o, o, 1/sum)
		}
	}
}

// mix does y = Σ p[i]·v[i·stride:].
func (l Level) mix(y, p, v []float32, stride int) {
	_ = v[(len(p)-1)*stride+len(y)-1]
	done := 0
	for registers := 4; registers > 0 && l != Portable; registers /= 2 {
		const size = unsafe.Sizeof(float32(0))
		for n := registers * l.lanes(); done+n <= len(y); done += n {
			mixKernels[l-AVX2][registers/2](&y[done], &p[0], &v[done], uintptr(stride)*size, uintptr(len(p)))
		}
	}
	if rest := y[done:]; len(rest) > 0 {
		clear(rest)
		for i, x := range p {
			for j, value := range v[i*stride+done:][:len(rest)] {
				rest[j] += x * value
			}
		}
	}
}

// The kernels of mix, by level and registers: one, two, four.
var mixKernels = [...][3]func(y, p, v *float32, stride, n uintptr){
	{mix1AVX2, mix2AVX2, mix4AVX2},
	{mix1AVX512, mix2AVX512, mix4AVX512},
}

// cachedWork is the number of multiply-adds from which a range of attention is worth waking another worker.
const cachedWork = 1 << 14

// CachedAttention attends from rows that stand anywhere in their sequences: row r of q and o (rows, heads·headDim) is
// position[r] of sequence[r] and sees the cached positions up to and including its own, which must be written before. What a
// row gets does not depend on the others.
func (d *Device) CachedAttention(o, q []float32, cache Cache, sequence, position []int32, rows, heads, kvHeads, headDim int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := rows * heads * headDim
	t := &d.tasks.cached
	*t = cachedTask{d.level, o[:n], q[:n], cache, sequence[:rows], position[:rows], heads, kvHeads, headDim, float32(1 / math.Sqrt(float64(headDim)))}
	work, ranges := 0, rows*kvHeads
	for _, p := range t.position {
		work += 2 * (int(p) + 1) * heads * headDim
	}
	d.pool.run(t, ranges, max(1, ranges/(2*d.Threads()), ranges*cachedWork/max(work, 1)))
	*t = cachedTask{}
}

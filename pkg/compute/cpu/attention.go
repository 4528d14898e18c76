package cpu

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// AttentionShape names the sizes of causal self-attention. Rows are Batch·Length, sequence by sequence.
type AttentionShape = compute.AttentionShape

// starts fills the first visible key of each row: a row sees the keys of its own segment, up to itself. Segments are
// runs of equal numbers; nil means that each sequence is one segment.
func starts(s AttentionShape, start []int32, segments []int32) {
	for b := range s.Batch {
		for i := range s.Length {
			r := b*s.Length + i
			switch {
			case i == 0, segments != nil && segments[r] != segments[r-1]:
				start[r] = int32(i)
			default:
				start[r] = start[r-1]
			}
		}
	}
}

// queryRows is the number of query rows whose scores are held at a time; never T×T.
const queryRows = 48

// attention is what forward and backward share. One range is one (sequence, key-value head), so that the gradients of
// keys and values are summed by one worker in a fixed order.
type attention struct {
	level   Level
	shape   AttentionShape
	q, k, v []float32
	o       []float32
	start   []int32
	scale   float32
}

func (a *attention) locate(unit int) (rows, kv int) {
	return unit / a.shape.KVHeads * a.shape.Length, unit % a.shape.KVHeads
}

// view is the columns of one head in the rows of one sequence.
func view(x []float32, row0, rows, head, heads, dim int) Matrix {
	return Matrix{Data: x[row0*heads*dim+head*dim:], Rows: rows, Cols: dim, Stride: heads * dim}
}

func (l Level) packInto(buffer []float32, src Matrix) panels {
	b := l.panelsIn(buffer, src.Rows)
	b.fill(l, src, 0, src.Rows)
	return b
}

func (l Level) packTInto(buffer []float32, src Matrix) panels {
	b := l.panelsIn(buffer, src.Cols)
	b.fillT(l, src, 0, (src.Rows+b.width-1)/b.width)
	return b
}

// keysFrom is the first key that any of the rows sees, moved down to the start of its panel.
func (a *attention) keysFrom(row0, lo, hi int) int {
	first := a.start[row0+lo]
	for i := lo + 1; i < hi; i++ {
		first = min(first, a.start[row0+i])
	}
	return int(first) / a.level.width() * a.level.width()
}

type attentionTask struct{ attention }

func (t *attentionTask) part(w *worker, lo, hi int) {
	for unit := lo; unit < hi; unit++ {
		t.forward(w, unit)
	}
}

func (t *attentionTask) forward(w *worker, unit int) {
	s, l := t.shape, t.level
	row0, kv := t.locate(unit)
	T, dim := s.Length, s.HeadDim
	keySize, valueSize := l.panelFloats(T, dim), l.panelFloats(dim, T)
	buffer := w.floats(0, keySize+valueSize)
	keys := l.packTInto(buffer[:keySize], view(t.k, row0, T, kv, s.KVHeads, dim))
	values := l.packInto(buffer[keySize:], view(t.v, row0, T, kv, s.KVHeads, dim))
	scores := w.floats(1, queryRows*l.across(T))
	group := s.Heads / s.KVHeads
	for h := kv * group; h < (kv+1)*group; h++ {
		q, o := view(t.q, row0, T, h, s.Heads, dim), view(t.o, row0, T, h, s.Heads, dim)
		for lo := 0; lo < T; lo += queryRows {
			hi := min(lo+queryRows, T)
			k0 := t.keysFrom(row0, lo, hi)
			n := hi - k0
			wide := l.across(n)
			var inverse [queryRows]float32
			l.product(w, rowsOf(rowsIn(q, lo, hi)), hi-lo, dim, right{c: scores, ldc: wide, b: keys.from(k0), n: wide})
			t.exponentials(scores, wide, row0, lo, hi, k0, inverse[:])
			l.product(w, rowsOf(Matrix{Data: scores, Cols: wide}), hi-lo, n, right{c: o.Data[lo*o.Stride:], ldc: o.Stride, b: values, depth: k0, n: dim})
			l.scaleRows(rowsIn(o, lo, hi), inverse[:]) // fewer values than the probabilities
		}
	}
}

// across is a number of keys, rounded up to whole panels: scores have room for them, so no row has a tail.
func (l Level) across(keys int) int { return (keys + l.width() - 1) / l.width() * l.width() }

// rowsIn are some rows of a matrix.
func rowsIn(m Matrix, lo, hi int) Matrix {
	return Matrix{Data: m.Data[lo*m.Stride:], Rows: hi - lo, Cols: m.Cols, Stride: m.Stride}
}

// exponentials turns the scores of rows lo to hi (keys from k0, in rows of wide) into exp(score − largest), zero outside a
// row's segment and after itself, and gives what makes them probabilities: one over their sum.
func (t *attention) exponentials(scores []float32, wide, row0, lo, hi, k0 int, inverse []float32) {
	for from := lo; from < hi; {
		start, to := t.start[row0+from], from+1
		for to < hi && t.start[row0+to] == start {
			to++
		}
		t.level.softmaxRows(scores[(from-lo)*wide:], wide, wide, int(start)-k0, from-k0+1, to-from, inverse[from-lo:], t.scale)
		from = to
	}
}

// Attention is causal softmax(q·kᵀ/√headDim)·v with grouped heads, block by block so that the T×T scores never exist
// (after Dao et al., arXiv:2205.14135). q and o are (B·T, heads·headDim), k and v (B·T, kvHeads·headDim).
// segments (B·T), nil for none, keeps packed sequences apart: a row sees only rows with its own number, which must be
// neighbours.
func (d *Device) Attention(o, q, k, v []float32, segments []int32, s AttentionShape) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.attention
	*t = attentionTask{d.attention(q, k, v, o, segments, s)}
	d.pool.run(t, s.Batch*s.KVHeads, 1)
	start := t.start
	*t = attentionTask{}
	t.start = start[:0]
}

func (d *Device) attention(q, k, v, o []float32, segments []int32, s AttentionShape) attention {
	n := s.Batch * s.Length
	start := d.tasks.attention.start
	if cap(start) < n {
		start = make([]int32, n)
	}
	start = start[:n]
	if segments != nil {
		segments = segments[:n]
	}
	starts(s, start, segments)
	wide, narrow := n*s.Heads*s.HeadDim, n*s.KVHeads*s.HeadDim
	return attention{level: d.level, shape: s, q: q[:wide], k: k[:narrow], v: v[:narrow], o: o[:wide],
		start: start, scale: float32(1 / math.Sqrt(float64(s.HeadDim)))}
}

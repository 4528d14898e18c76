package cpu

import "math"

// AttentionShape names the sizes of causal self-attention. Rows are Batch·Length, sequence by sequence.
type AttentionShape struct {
	Batch, Length  int // B, T
	Heads, KVHeads int // each key-value head serves Heads/KVHeads query heads (Ainslie et al., arXiv:2305.13245)
	HeadDim        int
}

func (s AttentionShape) rows() int { return s.Batch * s.Length }

// starts fills the first visible key of each row: a row sees the keys of its own segment, up to itself. Segments are
// runs of equal numbers; nil means that each sequence is one segment.
func (s AttentionShape) starts(start []int32, segments []int32) {
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
const queryRows = 24

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
	scores := w.floats(1, queryRows*T)
	group := s.Heads / s.KVHeads
	for h := kv * group; h < (kv+1)*group; h++ {
		q, o := view(t.q, row0, T, h, s.Heads, dim), view(t.o, row0, T, h, s.Heads, dim)
		for lo := 0; lo < T; lo += queryRows {
			hi := min(lo+queryRows, T)
			k0 := t.keysFrom(row0, lo, hi)
			n := hi - k0
			l.product(w, operand{data: q.Data[lo*q.Stride:], tile: q.Stride, row: q.Stride, depth: 1}, hi-lo, dim, right{c: scores, ldc: n, b: keys.from(k0), n: n})
			var inverse [queryRows]float32
			for i := lo; i < hi; i++ {
				inverse[i-lo] = t.exponentials(scores[(i-lo)*n:(i-lo+1)*n], i, k0, row0)
			}
			l.product(w, operand{data: scores, tile: n, row: n, depth: 1}, hi-lo, n, right{c: o.Data[lo*o.Stride:], ldc: o.Stride, b: values, depth: k0, n: dim})
			for i := lo; i < hi; i++ { // fewer values than the probabilities
				row := o.row(i)
				l.scale(row, row, inverse[i-lo])
			}
		}
	}
}

// exponentials turns the scores of row i (keys from k0) into exp(score − largest), zero outside its segment and after
// itself, and returns what makes them probabilities: one over their sum.
func (t *attention) exponentials(row []float32, i, k0, row0 int) float32 {
	first := int(t.start[row0+i]) - k0
	last := i - k0 + 1
	// Hidden scores up to the end of a register are made −∞ and join in, so that no row has a tail.
	lanes := t.level.lanes()
	end := min(first+(last-first+lanes-1)/lanes*lanes, len(row))
	for j := last; j < end; j++ {
		row[j] = hidden
	}
	seen := row[first:end]
	m := t.level.maximum(seen, hidden) * t.scale
	sum := t.level.expSum(seen, seen, t.scale, m)
	clear(row[:first])
	clear(row[last:])
	return 1 / sum
}

var hidden = float32(math.Inf(-1))

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
	n := s.rows()
	start := d.tasks.attention.start
	if cap(start) < n {
		start = make([]int32, n)
	}
	start = start[:n]
	if segments != nil {
		segments = segments[:n]
	}
	s.starts(start, segments)
	wide, narrow := n*s.Heads*s.HeadDim, n*s.KVHeads*s.HeadDim
	return attention{level: d.level, shape: s, q: q[:wide], k: k[:narrow], v: v[:narrow], o: o[:wide],
		start: start, scale: float32(1 / math.Sqrt(float64(s.HeadDim)))}
}

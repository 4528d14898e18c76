package cpu

// Prefix is keys and values that every row sees before its own segment: each (Rows, kvHeads·headDim).
type Prefix struct {
	Keys, Values []float32
	Rows         int
}

// head is one head of the keys and of the values.
func (p Prefix) head(kv int, s AttentionShape) (keys, values Matrix) {
	return view(p.Keys, 0, p.Rows, kv, s.KVHeads, s.HeadDim), view(p.Values, 0, p.Rows, kv, s.KVHeads, s.HeadDim)
}

// prefixTask is attention behind a prefix: each segment by itself, with the prefix's rows in front of its own. Ranges are
// those of attention.
type prefixTask struct {
	attention
	prefix Prefix
}

// segments calls visit for each run of rows of a sequence that see each other.
func (a *attention) segments(row0 int, visit func(from, to int)) {
	T := a.shape.Length
	for from := 0; from < T; {
		to := from + 1
		for to < T && int(a.start[row0+to]) == from {
			to++
		}
		visit(from, to)
		from = to
	}
}

// join copies a head of the prefix and of some rows behind one another: (prefix + rows, headDim).
func join(to []float32, prefix, rows Matrix) Matrix {
	m := Matrix{Data: to, Rows: prefix.Rows + rows.Rows, Cols: rows.Cols, Stride: rows.Cols}
	for i := range prefix.Rows {
		copy(m.row(i), prefix.row(i))
	}
	for i := range rows.Rows {
		copy(m.row(prefix.Rows+i), rows.row(i))
	}
	return m
}

func (t *prefixTask) part(w *worker, lo, hi int) {
	for unit := lo; unit < hi; unit++ {
		row0, kv := t.locate(unit)
		t.segments(row0, func(from, to int) { t.forward(w, row0+from, to-from, kv) })
	}
}

// forward is one segment of n rows.
func (t *prefixTask) forward(w *worker, row0, n, kv int) {
	s, l := t.shape, t.level
	dim, P := s.HeadDim, t.prefix.Rows
	keySize, valueSize, joined := l.panelFloats(P+n, dim), l.panelFloats(dim, P+n), (P+n)*dim
	buffer := w.floats(0, keySize+valueSize+joined)
	pk, pv := t.prefix.head(kv, s)
	both := buffer[keySize+valueSize:]
	keys := l.packTInto(buffer[:keySize], join(both, pk, view(t.k, row0, n, kv, s.KVHeads, dim)))
	values := l.packInto(buffer[keySize:keySize+valueSize], join(both, pv, view(t.v, row0, n, kv, s.KVHeads, dim)))
	scores := w.floats(1, queryRows*l.across(P+n))
	group := s.Heads / s.KVHeads
	for h := kv * group; h < (kv+1)*group; h++ {
		q, o := view(t.q, row0, n, h, s.Heads, dim), view(t.o, row0, n, h, s.Heads, dim)
		for lo := 0; lo < n; lo += queryRows {
			hi := min(lo+queryRows, n)
			wide := l.across(P + hi)
			var inverse [queryRows]float32
			l.product(w, rowsOf(rowsIn(q, lo, hi)), hi-lo, dim, right{c: scores, ldc: wide, b: keys, n: wide})
			l.softmaxRows(scores, wide, wide, 0, P+lo+1, hi-lo, inverse[:], t.scale)
			l.product(w, rowsOf(Matrix{Data: scores, Cols: wide}), hi-lo, P+hi, right{c: o.Data[lo*o.Stride:], ldc: o.Stride, b: values, n: dim})
			l.scaleRows(rowsIn(o, lo, hi), inverse[:])
		}
	}
}

// PrefixAttention is Attention where every row sees the prefix too, before the rows of its own segment (Li and Liang,
// arXiv:2101.00190).
func (d *Device) PrefixAttention(o, q, k, v []float32, p Prefix, segments []int32, s AttentionShape) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.prefix
	*t = prefixTask{d.attention(q, k, v, o, segments, s), p}
	d.pool.run(t, s.Batch*s.KVHeads, 1)
	d.tasks.attention.start = t.start[:0]
	*t = prefixTask{}
}

type prefixBackTask struct {
	attention
	prefix         Prefix
	dq, dk, dv, do []float32
	parts          []float32 // of the gradients of the prefix: (2, Batch, prefix, kvHeads·headDim)
}

// place is a head of one sequence's part of the gradients of the prefix's keys (0) or values (1).
func (t *prefixBackTask) place(which, sequence, kv int) Matrix {
	s := t.shape
	width := s.KVHeads * s.HeadDim
	return view(t.parts[(which*s.Batch+sequence)*t.prefix.Rows*width:], 0, t.prefix.Rows, kv, s.KVHeads, s.HeadDim)
}

func (t *prefixBackTask) part(w *worker, lo, hi int) {
	for unit := lo; unit < hi; unit++ {
		row0, kv := t.locate(unit)
		for which := range 2 {
			for m, i := t.place(which, unit/t.shape.KVHeads, kv), 0; i < m.Rows; i++ {
				clear(m.row(i))
			}
		}
		t.segments(row0, func(from, to int) { t.backward(w, row0+from, to-from, unit/t.shape.KVHeads, kv) })
	}
}

// backward is attentionBackTask's for one segment of n rows.
func (t *prefixBackTask) backward(w *worker, row0, n, sequence, kv int) {
	s, l := t.shape, t.level
	dim, P := s.HeadDim, t.prefix.Rows
	across, along, few, joined := l.panelFloats(P+n, dim), l.panelFloats(dim, P+n), l.panelFloats(dim, queryRows), (P+n)*dim
	buffer := w.floats(0, 2*across+along+2*few+3*joined)
	cut := func(n int) (piece []float32) { piece, buffer = buffer[:n], buffer[n:]; return piece }
	pk, pv := t.prefix.head(kv, s)
	both := cut(joined)
	k := join(both, pk, view(t.k, row0, n, kv, s.KVHeads, dim))
	keysT, keys := l.packTInto(cut(across), k), l.packInto(cut(along), k)
	valuesT := l.packTInto(cut(across), join(both, pv, view(t.v, row0, n, kv, s.KVHeads, dim)))
	qBuffer, doBuffer := cut(few), cut(few)
	dk := Matrix{Data: cut(joined), Rows: P + n, Cols: dim, Stride: dim}
	dv := Matrix{Data: cut(joined), Rows: P + n, Cols: dim, Stride: dim}
	clear(dk.Data)
	clear(dv.Data)
	p, ds := w.floats(1, queryRows*l.across(P+n)), w.floats(2, queryRows*l.across(P+n))
	group := s.Heads / s.KVHeads
	for h := kv * group; h < (kv+1)*group; h++ {
		q, o := view(t.q, row0, n, h, s.Heads, dim), view(t.o, row0, n, h, s.Heads, dim)
		dq, do := view(t.dq, row0, n, h, s.Heads, dim), view(t.do, row0, n, h, s.Heads, dim)
		for lo := 0; lo < n; lo += queryRows {
			hi := min(lo+queryRows, n)
			m, seen := hi-lo, P+hi
			wide := l.across(seen)
			qRows, doRows := rowsIn(q, lo, hi), rowsIn(do, lo, hi)
			l.product(w, rowsOf(qRows), m, dim, right{c: p, ldc: wide, b: keysT, n: wide})
			l.product(w, rowsOf(doRows), m, dim, right{c: ds, ldc: wide, b: valuesT, n: wide})
			var inverse, delta [queryRows]float32
			l.softmaxRows(p, wide, wide, 0, P+lo+1, m, inverse[:], t.scale)
			l.dotRows(delta[:], rowsIn(o, lo, hi), doRows)
			l.softmaxBackRows(ds, p, wide, m, inverse[:], delta[:], t.scale)
			left := operand{data: ds, tile: 1, row: 1, depth: wide}
			l.product(w, rowsOf(Matrix{Data: ds, Cols: wide}), m, seen, right{c: dq.Data[lo*dq.Stride:], ldc: dq.Stride, b: keys, n: dim})
			l.product(w, left, seen, m, right{c: dk.Data, ldc: dim, b: l.packInto(qBuffer, qRows), n: dim, accumulate: true})
			left.data = p
			l.product(w, left, seen, m, right{c: dv.Data, ldc: dim, b: l.packInto(doBuffer, doRows), n: dim, accumulate: true})
		}
	}
	for which, d := range [2]Matrix{dk, dv} {
		rows, part := view([2][]float32{t.dk, t.dv}[which], row0, n, kv, s.KVHeads, dim), t.place(which, sequence, kv)
		for i := range n {
			copy(rows.row(i), d.row(P+i))
		}
		for i := range P {
			l.axpy(part.row(i), d.row(i), 1)
		}
	}
}

// PrefixAttentionBackward gives dq, dk, dv and the gradients of the prefix, summed over the sequences in order, from do and
// what PrefixAttention read and wrote. parts is memory for 2·Batch such gradients.
func (d *Device) PrefixAttentionBackward(dq, dk, dv []float32, dp Prefix, parts, do, o, q, k, v []float32, p Prefix, segments []int32, s AttentionShape) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := s.Batch * s.Length
	wide, narrow := n*s.Heads*s.HeadDim, n*s.KVHeads*s.HeadDim
	t := &d.tasks.prefixBack
	*t = prefixBackTask{d.attention(q, k, v, o, segments, s), p, dq[:wide], dk[:narrow], dv[:narrow], do[:wide], parts}
	d.pool.run(t, s.Batch*s.KVHeads, 1)
	size := p.Rows * s.KVHeads * s.HeadDim
	for which, sum := range [2][]float32{dp.Keys[:size], dp.Values[:size]} {
		of := parts[which*s.Batch*size:]
		copy(sum, of)
		for b := 1; b < s.Batch; b++ {
			d.level.axpy(sum, of[b*size:(b+1)*size], 1)
		}
	}
	d.tasks.attention.start = t.start[:0]
	*t = prefixBackTask{}
}

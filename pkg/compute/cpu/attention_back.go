package cpu

type attentionBackTask struct {
	attention
	dq, dk, dv, do []float32
}

func (t *attentionBackTask) part(w *worker, lo, hi int) {
	for unit := lo; unit < hi; unit++ {
		t.backward(w, unit)
	}
}

// backward recomputes the probabilities, block by block, and gives
// dV += Pᵀ·dO, dP = dO·Vᵀ, dS = scale·P∘(dP − rowsum(dO∘O)), dQ = dS·K, dK += dSᵀ·Q.
func (t *attentionBackTask) backward(w *worker, unit int) {
	s, l := t.shape, t.level
	row0, kv := t.locate(unit)
	T, dim := s.Length, s.HeadDim
	k, v := view(t.k, row0, T, kv, s.KVHeads, dim), view(t.v, row0, T, kv, s.KVHeads, dim)
	dk, dv := view(t.dk, row0, T, kv, s.KVHeads, dim), view(t.dv, row0, T, kv, s.KVHeads, dim)
	across, along := l.panelFloats(T, dim), l.panelFloats(dim, T)
	few := l.panelFloats(dim, queryRows)
	buffer := w.floats(0, 2*across+along+2*few)
	keysT := l.packTInto(buffer[:across], k)
	valuesT := l.packTInto(buffer[across:2*across], v)
	keys := l.packInto(buffer[2*across:2*across+along], k)
	qBuffer, doBuffer := buffer[2*across+along:][:few], buffer[2*across+along+few:][:few]
	p, ds := w.floats(1, queryRows*l.across(T)), w.floats(2, queryRows*l.across(T))
	for i := range T {
		clear(dk.Data[i*dk.Stride : i*dk.Stride+dim])
		clear(dv.Data[i*dv.Stride : i*dv.Stride+dim])
	}
	group := s.Heads / s.KVHeads
	for h := kv * group; h < (kv+1)*group; h++ {
		q, o := view(t.q, row0, T, h, s.Heads, dim), view(t.o, row0, T, h, s.Heads, dim)
		dq, do := view(t.dq, row0, T, h, s.Heads, dim), view(t.do, row0, T, h, s.Heads, dim)
		for lo := 0; lo < T; lo += queryRows {
			hi := min(lo+queryRows, T)
			m, k0 := hi-lo, t.keysFrom(row0, lo, hi)
			n := hi - k0
			wide := l.across(n)
			qRows, doRows := rowsIn(q, lo, hi), rowsIn(do, lo, hi)
			l.product(w, rowsOf(qRows), m, dim, right{c: p, ldc: wide, b: keysT.from(k0), n: wide})
			l.product(w, rowsOf(doRows), m, dim, right{c: ds, ldc: wide, b: valuesT.from(k0), n: wide})
			var inverse, delta [queryRows]float32
			t.exponentials(p, wide, row0, lo, hi, k0, inverse[:])
			l.dotRows(delta[:], rowsIn(o, lo, hi), doRows)
			l.softmaxBackRows(ds, p, wide, m, inverse[:], delta[:], t.scale)
			left := operand{data: ds, tile: 1, row: 1, depth: wide}
			l.product(w, rowsOf(Matrix{Data: ds, Cols: wide}), m, n, right{c: dq.Data[lo*dq.Stride:], ldc: dq.Stride, b: keys, depth: k0, n: dim})
			l.product(w, left, n, m, right{c: dk.Data[k0*dk.Stride:], ldc: dk.Stride, b: l.packInto(qBuffer, qRows), n: dim, accumulate: true})
			left.data = p
			l.product(w, left, n, m, right{c: dv.Data[k0*dv.Stride:], ldc: dv.Stride, b: l.packInto(doBuffer, doRows), n: dim, accumulate: true})
		}
	}
}

// AttentionBackward gives dq, dk and dv from do and what Attention read and wrote; shapes as there.
func (d *Device) AttentionBackward(dq, dk, dv, do, o, q, k, v []float32, segments []int32, s AttentionShape) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := s.Batch * s.Length
	wide, narrow := n*s.Heads*s.HeadDim, n*s.KVHeads*s.HeadDim
	t := &d.tasks.attBack
	*t = attentionBackTask{d.attention(q, k, v, o, segments, s), dq[:wide], dk[:narrow], dv[:narrow], do[:wide]}
	d.pool.run(t, s.Batch*s.KVHeads, 1)
	d.tasks.attention.start = t.start[:0]
	*t = attentionBackTask{}
}

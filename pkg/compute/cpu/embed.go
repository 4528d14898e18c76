package cpu

type embedTask struct {
	y, table []float32
	ids      []int32
	dim      int
}

func (t *embedTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		copy(t.y[r*t.dim:(r+1)*t.dim], t.table[int(t.ids[r])*t.dim:(int(t.ids[r])+1)*t.dim])
	}
}

// Embedding copies row ids[r] of table (vocab, dim) to row r of y (rows, dim).
func (d *Device) Embedding(y, table []float32, ids []int32, rows, dim int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.embed
	*t = embedTask{y[:rows*dim], table, ids[:rows], dim}
	d.pool.run(t, rows, 256)
	*t = embedTask{}
}

// EmbeddingBackward sums the rows of dy (rows, dim) into the rows of dtable (vocab, dim) that they came from, in order.
func (d *Device) EmbeddingBackward(dtable, dy []float32, ids []int32, rows, dim, vocab int) {
	clear(dtable[:vocab*dim])
	d.EmbeddingBackwardAdd(dtable, dy, ids, rows, dim)
}

// EmbeddingBackwardAdd is EmbeddingBackward onto what dtable holds.
func (d *Device) EmbeddingBackwardAdd(dtable, dy []float32, ids []int32, rows, dim int) {
	for r := range rows {
		at := int(ids[r]) * dim
		d.level.axpy(dtable[at:at+dim], dy[r*dim:(r+1)*dim], 1)
	}
}

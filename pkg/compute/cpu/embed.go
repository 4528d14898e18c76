package cpu

type embedTask struct {
	y, table []float32
	ids      []int32
	dim      int
	more     []float32 // a second table, for ids from vocab on
	vocab    int
}

func (t *embedTask) part(_ *worker, lo, hi int) {
	for r := lo; r < hi; r++ {
		table, id := t.table, int(t.ids[r])
		if t.more != nil && id >= t.vocab {
			table, id = t.more, id-t.vocab
		}
		copy(t.y[r*t.dim:(r+1)*t.dim], table[id*t.dim:(id+1)*t.dim])
	}
}

// Embedding copies row ids[r] of table (vocab, dim) to row r of y (rows, dim).
func (d *Device) Embedding(y, table []float32, ids []int32, rows, dim int) {
	d.EmbeddingWith(y, table, nil, ids, rows, dim, 0)
}

// EmbeddingWith is Embedding with a second table, more, for ids from vocab on; nil for none.
func (d *Device) EmbeddingWith(y, table, more []float32, ids []int32, rows, dim, vocab int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &d.tasks.embed
	*t = embedTask{y[:rows*dim], table, ids[:rows], dim, more, vocab}
	d.pool.run(t, rows, 256)
	*t = embedTask{}
}

// embedColumns is the width of the pieces that rows of a table are summed in: a token that fills a batch is shared by workers.
const embedColumns = 256

// embedBackTask sums rows of dy into rows of the table; its ranges are blocks of the vocabulary times pieces of the columns.
type embedBackTask struct {
	level         Level
	dtable, dy    []float32
	order, ends   []int32 // rows of dy by token, and where each token's end
	dim, vocab    int
	block, pieces int
	onto          bool // what the table holds
}

func (t *embedBackTask) part(_ *worker, lo, hi int) {
	for i := lo; i < hi; i++ {
		from := i / t.pieces * t.block
		left := i % t.pieces * embedColumns
		right := min(left+embedColumns, t.dim)
		for id := from; id < min(from+t.block, t.vocab); id++ {
			first := int32(0)
			if id > 0 {
				first = t.ends[id-1]
			}
			out := t.dtable[id*t.dim+left : id*t.dim+right]
			if first == t.ends[id] {
				if !t.onto {
					clear(out)
				}
				continue
			}
			for k, r := range t.order[first:t.ends[id]] {
				row := t.dy[int(r)*t.dim+left : int(r)*t.dim+right]
				if k == 0 && !t.onto {
					copy(out, row)
				} else {
					t.level.axpy(out, row, 1)
				}
			}
		}
	}
}

// EmbeddingBackward sums the rows of dy (rows, dim) into the rows of dtable (vocab, dim) that they came from, in order.
func (d *Device) EmbeddingBackward(dtable, dy []float32, ids []int32, rows, dim, vocab int) {
	d.EmbeddingBackwardFrom(dtable, dy, ids, rows, dim, 0, vocab, false)
}

// EmbeddingBackwardAdd is EmbeddingBackward onto what dtable holds.
func (d *Device) EmbeddingBackwardAdd(dtable, dy []float32, ids []int32, rows, dim, vocab int) {
	d.EmbeddingBackwardFrom(dtable, dy, ids, rows, dim, 0, vocab, true)
}

// EmbeddingBackwardFrom is EmbeddingBackward for the table of the ids from from on; other ids are passed over. With onto it
// adds to what dtable holds.
func (d *Device) EmbeddingBackwardFrom(dtable, dy []float32, ids []int32, rows, dim, from, vocab int, onto bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if cap(d.byToken) < rows+vocab {
		d.byToken = make([]int32, rows+vocab)
	}
	order, ends := d.byToken[:rows], d.byToken[rows:rows+vocab]
	sortByToken(order, ends, ids[:rows], from)
	block := max(1, elements/max(1, dim))
	pieces := (dim + embedColumns - 1) / embedColumns
	t := &d.tasks.embedBack
	*t = embedBackTask{d.level, dtable[:vocab*dim], dy[:rows*dim], order, ends, dim, vocab, block, pieces, onto}
	d.pool.run(t, (vocab+block-1)/block*pieces, 1)
	*t = embedBackTask{}
}

// sortByToken lists the rows of each token one after another, in order, and where each token's rows end.
// Ids are those from from on, others are left out.
func sortByToken(order, ends, ids []int32, from int) {
	clear(ends)
	at := func(id int32) (int, bool) { i := int(id) - from; return i, i >= 0 && i < len(ends) }
	for _, id := range ids {
		if i, ok := at(id); ok {
			ends[i]++
		}
	}
	var sum int32
	for id, n := range ends { // first where each begins; each row then moves its token's place on
		ends[id] = sum
		sum += n
	}
	for r, id := range ids {
		if i, ok := at(id); ok {
			order[ends[i]] = int32(r)
			ends[i]++
		}
	}
}

package reference

// Linear does y = x·wᵀ + bias. x is (rows, in), w (out, in), bias (out) or nil, y (rows, out).
func Linear(y, x, w, bias []float64, rows, in, out int) {
	for r := range rows {
		for o := range out {
			var s float64
			for i := range in {
				s += x[r*in+i] * w[o*in+i]
			}
			if bias != nil {
				s += bias[o]
			}
			y[r*out+o] = s
		}
	}
}

// LinearBackward gives dx (rows, in), dw (out, in) and dbias (out); any of them may be nil.
func LinearBackward(dx, dw, dbias, dy, x, w []float64, rows, in, out int) {
	clear(dx)
	clear(dw)
	clear(dbias)
	for r := range rows {
		for o := range out {
			g := dy[r*out+o]
			for i := range in {
				if dx != nil {
					dx[r*in+i] += g * w[o*in+i]
				}
				if dw != nil {
					dw[o*in+i] += g * x[r*in+i]
				}
			}
			if dbias != nil {
				dbias[o] += g
			}
		}
	}
}

// Embedding copies row ids[r] of table (vocab, dim) to row r of y.
func Embedding(y, table []float64, ids []int32, dim int) {
	for r, id := range ids {
		copy(y[r*dim:(r+1)*dim], table[int(id)*dim:(int(id)+1)*dim])
	}
}

// EmbeddingBackward sums dy's rows into dtable; rows of ids that it does not have are passed over.
func EmbeddingBackward(dtable, dy []float64, ids []int32, dim int) {
	clear(dtable)
	for r, id := range ids {
		if id < 0 || int(id) >= len(dtable)/dim {
			continue
		}
		for i := range dim {
			dtable[int(id)*dim+i] += dy[r*dim+i]
		}
	}
}

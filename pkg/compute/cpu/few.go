package cpu

// fewRows is the number of rows up to which a product reads the weights in place instead of packing them: decoding a
// few sequences is bound by memory, and packing would read and write the weights once more.
const fewRows = 8

// fewTask multiplies a few rows; its ranges are rows of B, columns of C.
type fewTask struct {
	level   Level
	c, a, b Matrix
	e       Epilogue
}

func (t *fewTask) part(_ *worker, lo, hi int) {
	lda, ldb, ldc := t.a.stride(), t.b.stride(), t.c.stride()
	scale := t.e.scale()
	for n := lo; n < hi; n++ {
		weight := t.b.Data[n*ldb : n*ldb+t.b.Cols]
		for m := range t.c.Rows {
			v := scale * t.level.dot(weight, t.a.Data[m*lda:m*lda+t.a.Cols])
			if t.e.Bias != nil {
				v += t.e.Bias[n]
			}
			if t.e.Residual.Data != nil {
				v += t.e.Residual.Data[m*t.e.Residual.stride()+n]
			}
			if t.e.Accumulate {
				v += t.c.Data[m*ldc+n]
			}
			t.c.Data[m*ldc+n] = v
		}
	}
}

func (d *Device) fewRowsNT(c, a, b Matrix, e Epilogue) {
	t := &d.tasks.few
	*t = fewTask{d.level, c, a, b, e}
	d.pool.run(t, b.Rows, max(16, (b.Rows+4*d.Threads()-1)/(4*d.Threads())))
	*t = fewTask{}
}

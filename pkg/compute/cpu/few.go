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

// fewColumns is how many columns are computed before they go to C: their weights stay in the first-level cache while
// row after row of A is multiplied with them.
const fewColumns = 16

func (t *fewTask) part(_ *worker, lo, hi int) {
	var products [fewColumns]float32
	ldb := t.b.stride()
	for ; lo < hi; lo += fewColumns {
		out := products[:min(fewColumns, hi-lo)]
		for m := range t.c.Rows {
			t.level.dots(out, t.b.Data[lo*ldb:], ldb, t.a.row(m))
			t.finish(t.c.row(m)[lo:], m, lo, out)
		}
	}
}

// finish puts products into columns lo and on of row m of C.
func (t *fewTask) finish(to []float32, m, lo int, products []float32) {
	scale := t.e.scale()
	for n, v := range products {
		v *= scale
		if t.e.Bias != nil {
			v += t.e.Bias[lo+n]
		}
		if t.e.Residual.Data != nil {
			v += t.e.Residual.row(m)[lo+n]
		}
		if t.e.Accumulate {
			v += to[n]
		}
		to[n] = v
	}
	t.e.finishRow(t.level, to[:len(products)], m, lo)
}

func (d *Device) fewRowsNT(c, a, b Matrix, e Epilogue) {
	t := &d.tasks.few
	*t = fewTask{d.level, c, a, b, e}
	step := (b.Rows + 4*d.Threads() - 1) / (4 * d.Threads())
	d.pool.run(t, b.Rows, max(4*fewColumns, (step+fewColumns-1)/fewColumns*fewColumns))
	*t = fewTask{}
}

package cpu

import "fmt"

// BF16 says whether products in bfloat16 can run on this device: nil, or what is missing. They need one instruction for
// two multiply-adds, VDPBF16PS; without it rounding would only cost time.
func (d *Device) BF16() error {
	switch {
	case d.level != AVX512:
		return fmt.Errorf("cpu: products in bfloat16 need the instruction VDPBF16PS (AVX512_BF16), which level %v does not have: leave products in float32", d.level)
	case !hasBF16():
		return fmt.Errorf("cpu: products in bfloat16 need the instruction VDPBF16PS (AVX512_BF16), which this processor lacks: leave products in float32")
	}
	return nil
}

// MatMulNTBF16 is MatMulNT with A and B rounded to bfloat16, to the nearest and ties to even, values below the normal ones
// to zero. Products of two such values are exact; sums are float32. Scale must be 1, and BF16 nil.
func (d *Device) MatMulNTBF16(c, a, b Matrix, e Epilogue) {
	checkProduct("NT", c, a, b, e, sizes{a.Rows, b.Rows, a.Cols, b.Cols})
	d.checkBF16(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	pairs := d.pairPanels(b.Rows, b.Cols)
	d.pairs(pairTask{src: b, panels: pairs, work: pairAcross}, pairs.count(b.Rows), 1)
	d.multiply(c, d.pairRows(a), pairs, pairs.depth, e)
}

// MatMulNNBF16 is MatMulNN in bfloat16, as MatMulNTBF16 is MatMulNT.
func (d *Device) MatMulNNBF16(c, a, b Matrix, e Epilogue) {
	checkProduct("NN", c, a, b, e, sizes{a.Rows, b.Cols, a.Cols, b.Rows})
	d.checkBF16(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	pairs := d.pairPanels(b.Cols, b.Rows)
	d.pairs(pairTask{src: b, panels: pairs, work: pairAlong}, pairs.depth, pairDepth)
	d.multiply(c, d.pairRows(a), pairs, pairs.depth, e)
}

// MatMulTNBF16 is MatMulTN in bfloat16, as MatMulNTBF16 is MatMulNT.
func (d *Device) MatMulTNBF16(c, a, b Matrix, e Epilogue) {
	checkProduct("TN", c, a, b, e, sizes{a.Cols, b.Cols, a.Rows, b.Rows})
	d.checkBF16(e)
	d.mu.Lock()
	defer d.mu.Unlock()
	pairs := d.pairPanels(b.Cols, b.Rows)
	d.pairs(pairTask{src: b, panels: pairs, work: pairAlong}, pairs.depth, pairDepth)
	left := d.level.stripsIn(d.scratch(4, d.level.stripFloats(a.Cols, pairs.depth)), pairs.depth)
	d.pairs(pairTask{src: a, strips: left, work: pairStrips}, pairs.depth, pairDepth)
	d.multiply(c, left.operand(), pairs, pairs.depth, e)
}

func (d *Device) checkBF16(e Epilogue) {
	if err := d.BF16(); err != nil {
		panic(err)
	}
	if e.scale() != 1 {
		panic(fmt.Sprintf("cpu: a product in bfloat16 with Scale %g: want 1", e.Scale))
	}
}

// pairDepth is how many rows of pairs one range makes.
const pairDepth = 16

// pairPanels are panels for n columns, two values of the depth in the place of one.
func (d *Device) pairPanels(n, depth int) panels {
	depth = (depth + 1) / 2
	b := d.level.panelsIn(d.scratch(0, d.level.panelFloats(n, depth)), depth)
	b.pairs = true
	return b
}

// pairRows is a left-hand side as it is, its neighbours in pairs. Rows are no multiple of 2 KiB apart.
func (d *Device) pairRows(a Matrix) operand {
	const line = 16
	n := ((a.Cols+1)/2+line-1)/line*line + line
	data := d.scratch(4, max(a.Rows, 1)*n)
	d.pairs(pairTask{src: a, rows: Matrix{Data: data, Rows: a.Rows, Cols: n}, work: pairLeft}, a.Rows, pairDepth)
	return operand{data: data, tile: n, row: n, depth: 1}
}

type pairWork int

const (
	pairLeft   pairWork = iota // ranges are rows of a left-hand side
	pairAcross                 // panels of a transpose
	pairAlong                  // rows of pairs, to panels
	pairStrips                 // rows of pairs, to strips
)

// pairTask rounds a matrix and lays its pairs out.
type pairTask struct {
	level  Level
	work   pairWork
	src    Matrix
	rows   Matrix
	panels panels
	strips strips
}

func (d *Device) pairs(t pairTask, n, step int) {
	t.level = d.level
	d.tasks.pairs = t
	d.pool.run(&d.tasks.pairs, n, step)
	d.tasks.pairs = pairTask{}
}

func (t *pairTask) part(w *worker, lo, hi int) {
	switch t.work {
	case pairLeft:
		for r := lo; r < hi; r++ {
			pairNeighbours(t.rows.row(r), t.src.row(r))
		}
	case pairAcross:
		for p := lo; p < hi; p++ {
			t.across(w, p)
		}
	default:
		below := Matrix{Rows: hi - lo, Cols: t.src.Cols}
		below.Data = w.floats(0, below.Rows*below.Cols)
		for k := lo; k < hi; k++ {
			var second []float32
			if 2*k+1 < t.src.Rows {
				second = t.src.row(2*k + 1)
			}
			pairBoth(below.row(k-lo), t.src.row(2*k), second)
		}
		if t.work == pairAlong {
			to := t.panels
			to.data = to.data[lo*to.apart:]
			to.fill(t.level, below, 0, below.Rows)
			return
		}
		to := t.strips
		to.data = to.data[lo*to.rows:]
		to.fill(t.level, below, 0, below.Rows)
	}
}

// across makes panel p of the transpose.
func (t *pairTask) across(w *worker, p int) {
	width, depth := t.panels.width, t.panels.depth
	rows := Matrix{Rows: min(width, t.src.Rows-p*width), Cols: depth}
	rows.Data = w.floats(0, rows.Rows*depth)
	for r := range rows.Rows {
		pairNeighbours(rows.row(r), t.src.row(p*width+r))
	}
	to := t.panels
	to.data = to.data[p*to.step:]
	to.fillT(t.level, rows, 0, 1)
}

// pairNeighbours rounds x and puts two values in the place of one, the first in the lower half; zeros follow the last.
func pairNeighbours(dst, x []float32) {
	n := len(x) &^ 31
	if n > 0 {
		_ = dst[n/2-1]
		pairColumnsBF16(&dst[0], &x[0], uintptr(n))
	}
	to := words(dst)
	for i := n / 2; i < len(to); i++ {
		to[i] = 0
		if 2*i < len(x) {
			to[i] = bfloat16(normal(x[2*i]))
		}
		if 2*i+1 < len(x) {
			to[i] |= bfloat16(normal(x[2*i+1])) << 16
		}
	}
}

// pairBoth rounds x and y, a row above the other, and puts two values in the place of one, x in the lower half. No y means
// zeros.
func pairBoth(dst, x, y []float32) {
	n := len(x) &^ 15
	if y == nil {
		n = 0
	}
	if n > 0 {
		_, _ = dst[n-1], y[n-1]
		pairRowsBF16(&dst[0], &x[0], &y[0], uintptr(n))
	}
	if n == len(x) {
		return
	}
	to := words(dst)
	for i := n; i < len(x); i++ {
		to[i] = bfloat16(normal(x[i]))
		if y != nil {
			to[i] |= bfloat16(normal(y[i])) << 16
		}
	}
}

// normal is x, or a zero of its sign where x is below the normal numbers, as the instructions take it.
func normal(x float32) float32 {
	if -0x1p-126 < x && x < 0x1p-126 {
		return 0 * x
	}
	return x
}

// The tiles for pairs, by number of rows, less one.
var tilesBF16 = [...]tileKernel{
	tile1BF16, tile2BF16, tile3BF16, tile4BF16, tile5BF16, tile6BF16,
	tile7BF16, tile8BF16, tile9BF16, tile10BF16, tile11BF16, tile12BF16,
}

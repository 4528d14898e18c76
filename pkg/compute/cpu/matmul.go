package cpu

import "fmt"

// Matrix is a view of Rows × Cols values, row i starting at Data[i*Stride]. Stride zero means Cols.
type Matrix struct {
	Data               []float32
	Rows, Cols, Stride int
}

func (m Matrix) stride() int {
	if m.Stride == 0 {
		return m.Cols
	}
	return m.Stride
}

func (m Matrix) row(r int) []float32 {
	s := m.stride()
	return m.Data[r*s : r*s+m.Cols]
}

func (m Matrix) check(name string) {
	if s := m.stride(); m.Rows < 0 || m.Cols < 0 || s < m.Cols || (m.Rows > 0 && m.Cols > 0 && len(m.Data) < (m.Rows-1)*s+m.Cols) {
		panic(fmt.Sprintf("cpu: matrix %s %d×%d with stride %d does not fit its %d values", name, m.Rows, m.Cols, s, len(m.Data)))
	}
}

// Epilogue is what happens to a product on its way into C: C = Activation((C +) Scale·product + Bias + Residual).
type Epilogue struct {
	Accumulate bool      // C += instead of C =
	Bias       []float32 // one value a column, added to every row; nil for none
	Residual   Matrix    // as large as C, for the skip connections; no Data for none
	Scale      float32   // zero means 1
	Activation Activation
	Before     Matrix // as large as C: receives what goes into the activation, which its gradient needs; no Data for none
}

func (e Epilogue) scale() float32 {
	if e.Scale == 0 {
		return 1
	}
	return e.Scale
}

// start writes what the product is added to into rows lo to hi of c, and says whether there is anything.
func (e Epilogue) start(l Level, c Matrix, lo, hi int) bool {
	some := e.Accumulate
	put := func(to, from []float32) {
		if some {
			l.add(to, to, from)
		} else {
			copy(to, from)
		}
	}
	for r := lo; r < hi; r++ {
		to := c.row(r)
		some = e.Accumulate
		if e.Residual.Data != nil {
			put(to, e.Residual.row(r))
			some = true
		}
		if e.Bias != nil {
			put(to, e.Bias)
			some = true
		}
	}
	return some
}

// MatMulNT does C[M,N] = A[M,K] · B[N,K]ᵀ: a linear layer whose weight is stored [out, in].
func (d *Device) MatMulNT(c, a, b Matrix, e Epilogue) {
	checkProduct("NT", c, a, b, e, sizes{a.Rows, b.Rows, a.Cols, b.Cols})
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.Rows <= fewRows {
		d.fewRowsNT(c, a, b, e)
		return
	}
	d.tasks.one[0] = Product{C: c, W: b, Epilogue: e}
	d.group(a, d.tasks.one[:])
	d.tasks.one[0] = Product{}
}

// MatMulNN does C[M,N] = A[M,K] · B[K,N]: the gradient of a linear layer's input.
func (d *Device) MatMulNN(c, a, b Matrix, e Epilogue) {
	checkProduct("NN", c, a, b, e, sizes{a.Rows, b.Cols, a.Cols, b.Rows})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.multiply(c, rowsOf(a), d.along(0, b, e.scale()), a.Cols, e)
}

// MatMulTN does C[M,N] = A[K,M]ᵀ · B[K,N]: the gradient of a linear layer's weight.
func (d *Device) MatMulTN(c, a, b Matrix, e Epilogue) {
	checkProduct("TN", c, a, b, e, sizes{a.Cols, b.Cols, a.Rows, b.Rows})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.weightGradient(c, a, b, e)
}

func (d *Device) weightGradient(c, a, b Matrix, e Epilogue) {
	d.multiply(c, operand{data: a.Data, tile: 1, row: 1, depth: a.stride(), far: true}, d.along(0, b, e.scale()), a.Rows, e)
}

// sizes are M, N and both views of K of a product.
type sizes struct{ m, n, k, depth int }

func checkProduct(kind string, c, a, b Matrix, e Epilogue, s sizes) {
	b.check("B")
	checkSizes(kind, c, a, b, e, s)
}

// checkLike checks a matrix that, if there is one, is as large as C.
func checkLike(kind string, c Matrix, name string, m Matrix) {
	if m.Data == nil {
		return
	}
	m.check(name)
	if m.Rows != c.Rows || m.Cols != c.Cols {
		panic(fmt.Sprintf("cpu: MatMul%s: C is %d×%d, %s %d×%d", kind, c.Rows, c.Cols, name, m.Rows, m.Cols))
	}
}

func checkSizes(kind string, c, a, b Matrix, e Epilogue, s sizes) {
	c.check("C")
	a.check("A")
	if c.Rows != s.m || c.Cols != s.n || s.k != s.depth {
		panic(fmt.Sprintf("cpu: MatMul%s: C is %d×%d, A is %d×%d, B is %d×%d: sizes do not meet", kind, c.Rows, c.Cols, a.Rows, a.Cols, b.Rows, b.Cols))
	}
	if e.Bias != nil && len(e.Bias) != c.Cols {
		panic(fmt.Sprintf("cpu: MatMul%s: C has %d columns, the bias %d", kind, c.Cols, len(e.Bias)))
	}
	if !e.Activation.known() {
		panic(fmt.Sprintf("cpu: MatMul%s: there is no %v", kind, e.Activation))
	}
	if e.Before.Data != nil && e.Activation == Identity {
		panic(fmt.Sprintf("cpu: MatMul%s: Before is for what goes into an activation, and there is none", kind))
	}
	checkLike(kind, c, "Residual", e.Residual)
	checkLike(kind, c, "Before", e.Before)
}

// operand is a left-hand side. Element (i, k) stands at i·tile + k·depth where a tile starts; its further rows follow
// row apart. So matrices as they are and packed strips are read by the same code.
type operand struct {
	data             []float32
	tile, row, depth int
	far              bool   // columns of a large matrix: every step of the depth would touch a page of its own
	run              uint64 // the product it belongs to, where parts of it may be laid out once for several blocks
}

func rowsOf(a Matrix) operand {
	return operand{data: a.Data, tile: a.stride(), row: a.stride(), depth: 1}
}

// deeper is the operand from depth k on.
func (a operand) deeper(k int) operand {
	a.data = a.data[k*a.depth:]
	return a
}

// from is the operand from row i on, the start of a tile.
func (a operand) from(i int) operand {
	a.data = a.data[min(i*a.tile, len(a.data)):]
	return a
}

// multiply is one product.
func (d *Device) multiply(c Matrix, a operand, b panels, k int, e Epilogue) {
	t := &d.tasks.group
	d.tasks.one[0] = Product{C: c, Epilogue: e}
	t.list, t.panels = d.tasks.one[:], append(t.panels[:0], b)
	d.together(a, c.Rows, k)
	d.tasks.one[0] = Product{}
}

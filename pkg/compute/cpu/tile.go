package cpu

import "unsafe"

// depthBlock is how deep one pass over the panels goes: a panel's slice then stays in the first-level cache.
const depthBlock = 256

// product is the serial core of every matrix product: C (m × n, row length ldc) = or += A · B, with B in panels and
// its rows counted from depth0. Partial sums along the depth are added block by block, always in the same order.
func (l Level) product(w *worker, c []float32, ldc int, a operand, b panels, depth0, m, n, k int, accumulate bool) {
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		if !accumulate {
			for r := range m {
				clear(c[r*ldc : r*ldc+n])
			}
		}
		return
	}
	_ = c[(m-1)*ldc+n-1]
	width, rows := l.width(), l.rows()
	last := (m - 1) / rows * rows
	_ = a.data[last*a.tile+(m-1-last)*a.row+(k-1)*a.depth]
	for k0 := 0; k0 < k; k0 += depthBlock {
		kn := min(depthBlock, k-k0)
		acc := accumulate || k0 > 0
		for j := 0; j < n; j += width {
			panel := b.at(j/width, depth0+k0, kn)
			if j+width <= n {
				l.tiles(c[j:], ldc, a, k0, panel, m, kn, acc)
			} else {
				l.edge(w, c[j:], ldc, a, k0, panel, m, n-j, kn, acc)
			}
		}
	}
}

// tiles computes m rows of one whole panel.
func (l Level) tiles(c []float32, ldc int, a operand, k0 int, panel []float32, m, k int, accumulate bool) {
	rows := l.rows()
	if full := m / rows; full > 0 {
		l.tile(c, ldc, a, a.data[k0*a.depth:], panel, rows, k, accumulate, full)
	}
	if rest := m % rows; rest > 0 {
		i := m - rest
		l.tile(c[i*ldc:], ldc, a, a.data[i*a.tile+k0*a.depth:], panel, rest, k, accumulate, 1)
	}
}

// edge computes m rows of the last panel, of which only n columns exist, through a whole tile beside C.
func (l Level) edge(w *worker, c []float32, ldc int, a operand, k0 int, panel []float32, m, n, k int, accumulate bool) {
	width, rows := l.width(), l.rows()
	beside := w.floats(3, rows*width)
	for i := 0; i < m; i += rows {
		here := min(rows, m-i)
		l.tile(beside, width, a, a.data[i*a.tile+k0*a.depth:], panel, here, k, false, 1)
		for r := range here {
			to, from := c[(i+r)*ldc:(i+r)*ldc+n], beside[r*width:r*width+n]
			if !accumulate {
				copy(to, from)
				continue
			}
			for q, v := range from {
				to[q] += v
			}
		}
	}
}

// tile computes count groups of m ≤ rows() rows and width() columns of C; from is where the first group starts in a.
func (l Level) tile(c []float32, ldc int, a operand, from, b []float32, m, k int, accumulate bool, count int) {
	if l == Portable {
		for i := range count {
			tilePortable(c[i*m*ldc:], ldc, from[i*m*a.tile:], a.row, a.depth, b, m, k, accumulate)
		}
		return
	}
	acc := uintptr(0)
	if accumulate {
		acc = 1
	}
	const size = unsafe.Sizeof(float32(0))
	ap, bp, cp, n := &from[0], &b[0], &c[0], uintptr(count)
	ts, rs, ks, cs, kn := uintptr(m*a.tile)*size, uintptr(a.row)*size, uintptr(a.depth)*size, uintptr(ldc)*size, uintptr(k)
	if l == AVX512 {
		switch m {
		case 1:
			tile1AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 2:
			tile2AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 3:
			tile3AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 4:
			tile4AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 5:
			tile5AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 6:
			tile6AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 7:
			tile7AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 8:
			tile8AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 9:
			tile9AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 10:
			tile10AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		case 11:
			tile11AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		default:
			tile12AVX512(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
		}
		return
	}
	switch m {
	case 1:
		tile1AVX2(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
	case 2:
		tile2AVX2(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
	case 3:
		tile3AVX2(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
	case 4:
		tile4AVX2(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
	case 5:
		tile5AVX2(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
	default:
		tile6AVX2(ap, ts, rs, ks, bp, cp, cs, kn, acc, n)
	}
}

// tilePortable is the tile in plain Go: one row of sums at a time, which the compiler keeps in registers best.
func tilePortable(c []float32, ldc int, a []float32, row, depth int, b []float32, m, k int, accumulate bool) {
	const width = 16
	for i := range m {
		var sums [width]float32
		for p := range k {
			x := a[i*row+p*depth]
			for j, v := range b[p*width : p*width+width] {
				sums[j] += x * v
			}
		}
		out := c[i*ldc : i*ldc+width]
		for j := range out {
			if accumulate {
				out[j] += sums[j]
			} else {
				out[j] = sums[j]
			}
		}
	}
}

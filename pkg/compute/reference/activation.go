package reference

import "math"

// SiLU does y = x·sigmoid(x) (arXiv:1702.03118).
func SiLU(y, x []float64) {
	for i, v := range x {
		y[i] = v / (1 + math.Exp(-v))
	}
}

// SiLUBackward gives dx.
func SiLUBackward(dx, dy, x []float64) {
	for i, v := range x {
		s := 1 / (1 + math.Exp(-v))
		dx[i] = dy[i] * s * (1 + v*(1-s))
	}
}

// SwiGLU does y = silu(gate)·up (arXiv:2002.05202, eq. 5).
func SwiGLU(y, gate, up []float64) {
	for i, g := range gate {
		y[i] = g / (1 + math.Exp(-g)) * up[i]
	}
}

// SwiGLUBackward gives the gradients of gate and up.
func SwiGLUBackward(dgate, dup, dy, gate, up []float64) {
	for i, g := range gate {
		s := 1 / (1 + math.Exp(-g))
		dgate[i] = dy[i] * up[i] * s * (1 + g*(1-s))
		dup[i] = dy[i] * g * s
	}
}

// Softmax does y = exp(x) / Σ exp(x) for each row.
func Softmax(y, x []float64, rows, cols int) {
	copy(y, x)
	for r := range rows {
		softmax(y[r*cols : (r+1)*cols])
	}
}

// SoftmaxBackward gives dx from dy and the output y: dx = y∘(dy − Σ dy∘y).
func SoftmaxBackward(dx, dy, y []float64, rows, cols int) {
	for r := range rows {
		var inner float64
		for i := r * cols; i < (r+1)*cols; i++ {
			inner += dy[i] * y[i]
		}
		for i := r * cols; i < (r+1)*cols; i++ {
			dx[i] = y[i] * (dy[i] - inner)
		}
	}
}

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

// GELU does y = x·Φ(x) with Φ(x) = (1 + erf(x/√2))/2 (arXiv:1606.08415, section 2).
func GELU(y, x []float64) {
	for i, v := range x {
		y[i] = v * math.Erfc(-v/math.Sqrt2) / 2
	}
}

// GELUBackward gives dx: the slope is Φ(x) + x·φ(x).
func GELUBackward(dx, dy, x []float64) {
	for i, v := range x {
		dx[i] = dy[i] * (math.Erfc(-v/math.Sqrt2)/2 + v*math.Exp(-v*v/2)/math.Sqrt(2*math.Pi))
	}
}

// GELUTanh does y = x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 (arXiv:1606.08415, section 2).
func GELUTanh(y, x []float64) {
	for i, v := range x {
		y[i] = v * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v))) / 2
	}
}

// GELUTanhBackward gives dx.
func GELUTanhBackward(dx, dy, x []float64) {
	for i, v := range x {
		t := math.Tanh(math.Sqrt(2/math.Pi) * (v + 0.044715*v*v*v))
		dx[i] = dy[i] * ((1+t)/2 + v*(1-t*t)/2*math.Sqrt(2/math.Pi)*(1+3*0.044715*v*v))
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

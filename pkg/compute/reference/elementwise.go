package reference

import (
	"math"

	"github.com/tunebook/tunebook/pkg/compute"
)

// ReLU is max(0, x).
func ReLU(y, x []float64) {
	for i, v := range x {
		y[i] = v
		if v < 0 {
			y[i] = 0
		}
	}
}

// ReLUBackward gives dx.
func ReLUBackward(dx, dy, x []float64) {
	for i, v := range x {
		dx[i] = dy[i]
		if v <= 0 {
			dx[i] = 0
		}
	}
}

// Tanh is tanh(x).
func Tanh(y, x []float64) {
	for i, v := range x {
		y[i] = math.Tanh(v)
	}
}

// TanhBackward gives dx.
func TanhBackward(dx, dy, x []float64) {
	for i, v := range x {
		t := math.Tanh(v)
		dx[i] = dy[i] * (1 - t*t)
	}
}

func activations(op compute.Op, out, x [][]float64) bool {
	y := out[0]
	switch op.(type) {
	case compute.ReLU:
		ReLU(y, x[0])
	case compute.ReLUBack:
		ReLUBackward(y, x[0], x[1])
	case compute.SiLU:
		SiLU(y, x[0])
	case compute.SiLUBack:
		SiLUBackward(y, x[0], x[1])
	case compute.Tanh:
		Tanh(y, x[0])
	case compute.TanhBack:
		TanhBackward(y, x[0], x[1])
	default:
		return false
	}
	return true
}

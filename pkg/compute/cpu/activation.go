package cpu

import "fmt"

// Activation is an elementwise function that the values of a product go through last.
type Activation int

// The activations. What they compute stands at the functions of the same names.
const (
	Identity Activation = iota // none
	SiLU                       // Device.SiLU
	GELU                       // Device.GELU
	GELUTanh                   // Device.GELUTanh
)

func (a Activation) String() string {
	if !a.known() {
		return fmt.Sprintf("Activation(%d)", int(a))
	}
	return [...]string{"identity", "SiLU", "GELU", "GELU (tanh)"}[a]
}

func (a Activation) known() bool { return a >= Identity && a <= GELUTanh }

// activate does y = a(x); y may be x.
func (l Level) activate(a Activation, y, x []float32) {
	switch a {
	case SiLU:
		l.silu(y, x)
	case GELU:
		l.gelu(&geluErf, y, x)
	case GELUTanh:
		l.gelu(&geluTanh, y, x)
	}
}

// finish keeps rows lo to hi of c, and activates them: the caches have them still.
func (e Epilogue) finish(l Level, c Matrix, lo, hi int) {
	if e.Activation == Identity {
		return
	}
	for r := lo; r < hi; r++ {
		e.finishRow(l, c.row(r), r, 0)
	}
}

// finishRow is finish for some columns of row r, from column j on.
func (e Epilogue) finishRow(l Level, x []float32, r, j int) {
	if e.Activation == Identity {
		return
	}
	if e.Before.Data != nil {
		copy(e.Before.row(r)[j:], x)
	}
	l.activate(e.Activation, x, x)
}

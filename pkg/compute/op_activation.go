package compute

// ReLU is y = max(0, x), where a NaN stays one.
//
// In: x (N). Out: y (N), which may be x.
type ReLU struct{ N int }

// ReLUBack is its derivative: dy where x is above 0.
//
// In: dy (N), x (N). Out: dx (N), which may be dy.
type ReLUBack struct{ N int }

// SiLU is y = x·sigmoid(x) (Elfwing et al., arXiv:1702.03118), also called swish.
//
// In: x (N). Out: y (N), which may be x.
type SiLU struct{ N int }

// SiLUBack is its derivative.
//
// In: dy (N), x (N). Out: dx (N), which may be dy.
type SiLUBack struct{ N int }

// Tanh is y = tanh(x).
//
// In: x (N). Out: y (N), which may be x.
type Tanh struct{ N int }

// TanhBack is its derivative: dy·(1 − tanh(x)²).
//
// In: dy (N), x (N). Out: dx (N), which may be dy.
type TanhBack struct{ N int }

func (ReLU) Name() string     { return "relu" }
func (ReLUBack) Name() string { return "relu.dx" }
func (SiLU) Name() string     { return "silu" }
func (SiLUBack) Name() string { return "silu.dx" }
func (Tanh) Name() string     { return "tanh" }
func (TanhBack) Name() string { return "tanh.dx" }

func elementwise(n int) (out, in []Arg) {
	return []Arg{floats("y", n).over(0)}, []Arg{floats("x", n)}
}

func elementwiseBack(n int) (out, in []Arg) {
	return []Arg{floats("dx", n).over(0)}, []Arg{floats("dy", n), floats("x", n)}
}

func (o ReLU) Args() (out, in []Arg)     { return elementwise(o.N) }
func (o ReLUBack) Args() (out, in []Arg) { return elementwiseBack(o.N) }
func (o SiLU) Args() (out, in []Arg)     { return elementwise(o.N) }
func (o SiLUBack) Args() (out, in []Arg) { return elementwiseBack(o.N) }
func (o Tanh) Args() (out, in []Arg)     { return elementwise(o.N) }
func (o TanhBack) Args() (out, in []Arg) { return elementwiseBack(o.N) }

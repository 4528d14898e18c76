package compute

// RMSNorm is y = x / sqrt(mean(x²) + Eps) · w for each row (Zhang and Sennrich, arXiv:1910.07467, eq. 4).
//
// In: x (Rows, Dim), w (Dim). Out: y (Rows, Dim).
type RMSNorm struct {
	Rows, Dim int
	Eps       float64
}

// RMSNormBack is its derivative; dx is added to to.
//
// In: dy (Rows, Dim), x (Rows, Dim), w (Dim), with Add to (Rows, Dim). Out: dx (Rows, Dim), which may be to; dw (Dim).
type RMSNormBack struct {
	Rows, Dim int
	Eps       float64
	Add       bool // as where a skip connection meets the norm that it passes
}

// LayerNorm is y = (x − mean(x)) / sqrt(var(x) + Eps) · w + bias for each row, the variance divided by Dim (Ba et al.,
// arXiv:1607.06450, eq. 4).
//
// In: x (Rows, Dim), w (Dim), with Bias bias (Dim). Out: y (Rows, Dim).
type LayerNorm struct {
	Rows, Dim int
	Eps       float64
	Bias      bool
}

// LayerNormBack is its derivative.
//
// In: dy (Rows, Dim), x (Rows, Dim), w (Dim). Out: dx (Rows, Dim), dw (Dim), with Bias dbias (Dim).
type LayerNormBack struct {
	Rows, Dim int
	Eps       float64
	Bias      bool
}

func (RMSNorm) Name() string       { return "rmsnorm" }
func (RMSNormBack) Name() string   { return "rmsnorm.back" }
func (LayerNorm) Name() string     { return "layernorm" }
func (LayerNormBack) Name() string { return "layernorm.back" }

func (o RMSNorm) Args() (out, in []Arg) {
	return []Arg{floats("y", o.Rows, o.Dim)}, []Arg{floats("x", o.Rows, o.Dim), floats("w", o.Dim)}
}

func (o RMSNormBack) Args() (out, in []Arg) {
	in = []Arg{floats("dy", o.Rows, o.Dim), floats("x", o.Rows, o.Dim), floats("w", o.Dim)}
	in = append(in, floats("to", o.Rows, o.Dim).when(o.Add)...)
	return []Arg{floats("dx", o.Rows, o.Dim).sum(o.Add, in), floats("dw", o.Dim)}, in
}

func (o LayerNorm) Args() (out, in []Arg) {
	in = append([]Arg{floats("x", o.Rows, o.Dim), floats("w", o.Dim)}, floats("bias", o.Dim).when(o.Bias)...)
	return []Arg{floats("y", o.Rows, o.Dim)}, in
}

func (o LayerNormBack) Args() (out, in []Arg) {
	out = append([]Arg{floats("dx", o.Rows, o.Dim), floats("dw", o.Dim)}, floats("dbias", o.Dim).when(o.Bias)...)
	return out, []Arg{floats("dy", o.Rows, o.Dim), floats("x", o.Rows, o.Dim), floats("w", o.Dim)}
}

package nn

import "github.com/tunebook/tunebook/pkg/graph"

// RMSNorm, arXiv:1910.07467, eq. 4: x / √(mean(x²) + eps) · w, over each row
// of x (R, D), with the weight name+".weight" (D).
func (b *Builder) RMSNorm(name string, x *graph.Node, eps float64) *graph.Node {
	return graph.RMSNorm(x, b.Param(name+".weight"), eps)
}

// LayerNorm, arXiv:1607.06450, eq. 4: (x − mean(x)) / √(var(x) + eps) · w + b,
// over each row of x (R, D), with the weight name+".weight" (D) and, if the
// model has it, the bias name+".bias" (D).
func (b *Builder) LayerNorm(name string, x *graph.Node, eps float64) *graph.Node {
	return graph.LayerNorm(x, b.Param(name+".weight"), b.bias(name), eps)
}

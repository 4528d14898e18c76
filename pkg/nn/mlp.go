package nn

import "github.com/tunebook/tunebook/pkg/graph"

// SwiGLU is the gated MLP of Llama, arXiv:2002.05202, eq. 6:
// down(silu(gate(x)) ⊙ up(x)), x (R, D) to (R, D) through width F.
func (b *Builder) SwiGLU(name string, x *graph.Node) *graph.Node {
	gate := b.Linear(name+".gate_proj", x) // (R, F)
	up := b.Linear(name+".up_proj", x)     // (R, F)
	return b.Linear(name+".down_proj", graph.SwiGLU(gate, up))
}

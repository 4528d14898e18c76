package nn

import "github.com/tunebook/tunebook/pkg/graph"

// Embedding looks up rows of name+".weight" (V, D): ids (R) to (R, D).
func (b *Builder) Embedding(name string, ids *graph.Node) *graph.Node {
	return graph.Embedding(b.Param(name+".weight"), ids)
}

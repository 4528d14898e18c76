package nn

import "github.com/tunebook/tunebook/pkg/graph"

// Linear is y = x·Wᵀ with the weight name+".weight" (out, in), or what
// Hooks.Linear makes of it: x (R, in) to (R, out).
func (b *Builder) Linear(name string, x *graph.Node) *graph.Node {
	if b.hooks.Linear != nil {
		return b.hooks.Linear(b, name, x)
	}
	return b.Plain(name, x)
}

// Plain is the linear layer without hooks.
func (b *Builder) Plain(name string, x *graph.Node) *graph.Node {
	return graph.Linear(x, b.Param(name+".weight"), nil)
}

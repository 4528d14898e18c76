package nn

import "github.com/tunebook/tunebook/pkg/graph"

// Linear is y = x·Wᵀ + b with the weight name+".weight" (out, in) and, if the
// model has it, the bias name+".bias" (out), or what Hooks.Linear makes of it:
// x (R, in) to (R, out).
func (b *Builder) Linear(name string, x *graph.Node) *graph.Node {
	if b.hooks.Linear != nil {
		return b.hooks.Linear(b, name, x)
	}
	return b.Plain(name, x)
}

// Plain is the linear layer without hooks.
func (b *Builder) Plain(name string, x *graph.Node) *graph.Node {
	return graph.Linear(x, b.Param(name+".weight"), b.bias(name))
}

// bias is the node of name+".bias", nil if the model has none.
func (b *Builder) bias(name string) *graph.Node {
	if b.find(name+".bias") == nil {
		return nil
	}
	return b.Param(name + ".bias")
}

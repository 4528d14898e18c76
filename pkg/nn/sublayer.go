package nn

import "github.com/tunebook/tunebook/pkg/graph"

// Sublayer passes a block's part through Hooks.Sublayer: in is what entered it,
// out what it gave, both (R, D). Without the hook it is out as it is.
func (b *Builder) Sublayer(name string, in, out *graph.Node) *graph.Node {
	if b.hooks.Sublayer == nil {
		return out
	}
	return b.hooks.Sublayer(b, name, in, out)
}

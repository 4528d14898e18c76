package nn

import "github.com/tunebook/tunebook/pkg/graph"

// Dropout drops values of x while training, see graph.Dropout; with rate zero
// it is x itself. All dropouts of a builder share one key.
func (b *Builder) Dropout(x *graph.Node, rate float64) *graph.Node {
	if rate == 0 {
		return x
	}
	if b.key == nil {
		b.key = b.Graph.Ints("dropout", 3)
	}
	return graph.Dropout(x, b.key, rate)
}

// DropoutKey is the Ints that graph.DropoutKey fills before each step, or nil
// if nothing is dropped.
func (b *Builder) DropoutKey() *graph.Node { return b.key }

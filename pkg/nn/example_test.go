package nn_test

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

func Example() {
	var p nn.Params
	if err := p.Add("head.weight", nn.Constant(2, 1, 3)); err != nil { // (out, in)
		panic(err)
	}
	g := graph.New()
	x := g.Input("x", 1, 3)
	b := nn.NewBuilder(g, &p, nn.Hooks{})
	y := b.Linear("head", x)
	m, err := g.Compile(graph.Options{}, y)
	if err != nil {
		panic(err)
	}
	if err := m.SetFloats(x, []float32{1, 2, 3}); err != nil {
		panic(err)
	}
	if err := m.Run(context.Background()); err != nil {
		panic(err)
	}
	v, err := m.Value(y)
	if err != nil {
		panic(err)
	}
	fmt.Println(v.Data)
	// Output: [12]
}

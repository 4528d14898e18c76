package graph_test

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
)

// One weight is moved against its gradient: the mean of 3·w is lowered by 0.1 · 3 in one step.
func Example() {
	ctx := context.Background()
	w := compute.New(1, 1)
	w.Data[0] = 2

	g := graph.New()
	x := g.Input("x", 1, 1)
	weight := g.Param("w", w)
	loss := graph.Mean(graph.Linear(x, weight, nil))
	grads, err := g.Grad(loss, weight)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := g.Compile(graph.Options{}, loss, grads[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := m.SetFloats(x, []float32{3}); err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		if err := m.Run(ctx); err != nil {
			fmt.Println(err)
			return
		}
		value, _ := m.Scalar(loss)
		slope, _ := m.Value(grads[0])
		fmt.Printf("w %.1f, loss %.1f, slope %.0f\n", w.Data[0], value, slope.Data[0])
		w.Data[0] -= 0.1 * slope.Data[0] // the graph reads w in place
	}
	// Output:
	// w 2.0, loss 6.0, slope 3
	// w 1.7, loss 5.1, slope 3
	// w 1.4, loss 4.2, slope 3
}

// An Inspect machine goes node by node and keeps every value.
func ExampleMachine_Step() {
	ctx := context.Background()
	g := graph.New()
	x, _ := compute.From([]float32{1, 2, 3}, 3)
	out := graph.Mean(graph.Scale(graph.Add(g.Constant("x", x), g.Constant("x", x)), 10))
	m, err := g.Compile(graph.Options{Mode: graph.Inspect}, out)
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		n, err := m.Step(ctx)
		if err != nil || n == nil {
			fmt.Println(err)
			return
		}
		value, _ := m.Value(n)
		fmt.Printf("%-5s %v\n", n.Name(), value)
	}
	// Output:
	// add   float32[3] 2 4 6
	// scale float32[3] 20 40 60
	// mean  float32[] 40
	// <nil>
}

// A plan has only what its outputs need, and says what it costs.
func ExampleMachine_Plan() {
	g := graph.New()
	x, w := g.Input("x", 2, 3), g.Input("w", 5, 3)
	y := graph.Linear(x, w, nil)
	graph.Scale(y, 2) // nobody asks for it
	m, err := g.Compile(graph.Options{}, y)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(m.Plan().Steps), m.Plan().Steps[0].Op, m.Plan().FLOPs() == 2*2*3*5)
	// Output: 1 linear true
}

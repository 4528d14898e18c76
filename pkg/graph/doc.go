// Package graph is the only door to gorgonia. A computation is written once, as nodes; gorgonia differentiates it; a
// machine of our own plans and runs it on a compute.Device, the kernels of compute/cpu unless another is asked for.
//
//	g := graph.New()
//	x := g.Input("x", 2, 3)
//	w := g.Param("w", weights)                    // (out, in), as everywhere
//	loss := graph.CrossEntropy(graph.Linear(x, w, nil), g.Ints("targets", 2), nil)
//	grads, err := g.Grad(loss, w)
//	m, err := g.Compile(graph.Options{}, append(grads, loss)...)
//	err = m.Run(ctx)
//
// Every operator has three forms: a float64 reference, which gorgonia's stock TapeMachine runs too; a description that
// Compile has the device bind to buffers, a compute.Op; and its derivative, as nodes again. Constructors never panic: the first mistake is kept
// and returned by Err, Grad and Compile, with the operator, the shapes and the names.
//
// gorgonia has traps that give wrong numbers without a word: two Grads on one graph, nodes merged because of equal
// names or hashes. Here a second Grad is refused, names are made unique, and each operator carries a number of its own
// that is part of its hash. A graph and its machines belong to one goroutine at a time.
package graph

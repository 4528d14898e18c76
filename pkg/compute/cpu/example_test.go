package cpu_test

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// A linear layer: y = x·wᵀ + bias, with the weight stored [out, in].
func ExampleDevice_MatMulNT() {
	d := cpu.Default()
	x := cpu.Matrix{Data: []float32{1, 2}, Rows: 1, Cols: 2}
	w := cpu.Matrix{Data: []float32{3, 4, 5, 6}, Rows: 2, Cols: 2}
	y := cpu.Matrix{Data: make([]float32, 2), Rows: 1, Cols: 2}
	d.MatMulNT(y, x, w, cpu.Epilogue{Bias: []float32{10, 20}})
	fmt.Println(y.Data)
	// Output: [21 37]
}

// The loss of the output layer and its gradients; the second token does not count.
func ExampleDevice_LinearCrossEntropy() {
	d := cpu.Default()
	x, w := []float32{1, 0, 0, 1}, []float32{0, 0, 1.0986123, 0} // logits of the first token: 0 and ln 3
	losses, dx, dw := make([]float32, 2), make([]float32, 4), make([]float32, 4)
	d.LinearCrossEntropy(losses, dx, dw, x, w, []int32{1, cpu.Ignore}, nil, 2, 2, 2)
	fmt.Printf("%.4f\n", losses) // −ln(3/4)
	fmt.Printf("%.4f\n", dw)
	// Output:
	// [0.2877 0.0000]
	// [0.2500 0.0000 -0.2500 0.0000]
}

// A description, buffers in its order, and what to run as often as needed.
func ExampleDevice_Bind() {
	var d compute.Device = cpu.Default()
	x, w, y := compute.HostFloats{1, 2}, compute.HostFloats{3, 4, 5, 6}, compute.HostFloats{0, 0}
	linear, err := d.Bind(compute.Linear{Rows: 1, In: 2, Out: 2}, []compute.Buffer{y}, []compute.Buffer{x, w})
	if err != nil {
		fmt.Println(err)
		return
	}
	linear.Run()
	fmt.Println(y)
	_, err = d.Bind(compute.Linear{Rows: 1, In: 2, Out: 2}, []compute.Buffer{y}, []compute.Buffer{x, x})
	fmt.Println(err)
	// Output:
	// [11 17]
	// compute: linear: input 1, w [2 2], is 4 values of float32, got 2 of float32
}

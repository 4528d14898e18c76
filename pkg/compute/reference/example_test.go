package reference_test

import (
	"fmt"
	"math"

	"github.com/tunebook/tunebook/pkg/compute/reference"
)

// Two positions with one head of width one: the second weighs both values by the softmax of its scores, 0 and ln 3.
func ExampleAttention() {
	queries, keys, values := []float64{5, 1}, []float64{0, math.Log(3)}, []float64{10, 20}
	out := make([]float64, 2)
	reference.Attention(out, queries, keys, values, nil, reference.Shape{Batch: 1, Length: 2, Heads: 1, KVHeads: 1, HeadDim: 1})
	fmt.Printf("%.1f\n", out)
	// Output: [10.0 17.5]
}

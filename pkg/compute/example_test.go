package compute_test

import (
	"fmt"

	"github.com/tunebook/tunebook/pkg/compute"
)

func ExampleFrom() {
	t, err := compute.From([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	fmt.Println(t, err)
	fmt.Println(t.Row(1))
	_, err = compute.From([]float32{1, 2, 3}, 2, 2)
	fmt.Println(err)
	// Output:
	// float32[2 3] 1 2 3 4 5 6 <nil>
	// [4 5 6]
	// compute: shape [2 2] needs 4 values, the data has 3
}

package bench_test

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/bench"
)

func Example() {
	results, err := bench.GEMM(context.Background(), bench.Options{
		Shapes: []bench.Shape{{Kind: "NT", Rows: 64, In: 128, Out: 352}}, Rounds: 1, Seconds: 0.001,
	})
	if err != nil {
		panic(err)
	}
	product := results[len(results)-1] // the peak of the machine comes first
	fmt.Println(product.Shape, product.Bytes, "bytes")
	fmt.Println(product.GFLOPS > 0)
	// Output:
	// NT 64x128x352 303104 bytes
	// true
}

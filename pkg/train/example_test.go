package train_test

import (
	"context"
	"fmt"

	"github.com/tunebook/tunebook/pkg/train"
)

func ExampleRun() {
	_, err := train.Run(context.Background(), train.Job{})
	fmt.Println(err)
	// Output: train: Job.Model is nil: give it a model, such as base.Load(ctx)
}

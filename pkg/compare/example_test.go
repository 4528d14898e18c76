package compare_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compare"
	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
	"github.com/tunebook/tunebook/pkg/train"
)

func ExampleRun() {
	ctx := context.Background()
	set := data.Set{{Prompt: "say cat", Answer: "cat"}, {Prompt: "say dog", Answer: "dog"}}
	tok := token.Must(token.Train(ctx, []string{"say cat dog"}, token.TrainOptions{Vocab: 270}))
	dir, err := os.MkdirTemp("", "compare-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	job := train.Job{Steps: 60, Batch: 1, Length: 32, LR: 2e-2}
	report := compare.Must(compare.Run(ctx, compare.Study{
		Base:     model.Must(model.New(model.Config{Dim: 32, Layers: 2, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(1, 1)))),
		Practice: set, Exam: set, Dir: dir, Seeds: []uint64{1, 2},
		Jobs: []train.Job{job.With("full", nil), job.With("norms", adapt.Norms())},
	}, nil))
	said, err := report.Model("full", 1).Answer(ctx, "say dog")
	fmt.Println(said, err)
	table, err := report.Table("quality", "trainable")
	fmt.Println(table.Rows, err)
	// Output:
	// dog <nil>
	// [[(before) 0.0% ] [full 100.0% 35,424] [norms 0.0% 160]] <nil>
}

package model_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

func ExampleModel_Decoder() {
	ctx := context.Background()
	tok := token.Must(token.Train(ctx, []string{"the baker bakes bread"}, token.TrainOptions{}))
	m := model.Must(model.New(model.Config{Dim: 32, Layers: 2, Context: 64, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))

	d, err := m.Decoder(ctx, model.Int8) // a quarter of the memory to read for each token
	if err != nil {
		panic(err)
	}
	together, err := d.Answers(ctx, []string{"who?", "what?"}, model.Generate{MaxTokens: 9})
	if err != nil {
		panic(err)
	}
	alone, err := d.Answer(ctx, "what?", model.Generate{MaxTokens: 9})
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Weights(), together[1] == alone)
	// Output: int8 true
}

func Example() {
	ctx := context.Background()
	tok := token.Must(token.Train(ctx, []string{"the baker bakes bread"}, token.TrainOptions{}))
	m := model.Must(model.New(model.Config{Dim: 32, Layers: 2, Context: 64, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))

	// Nothing has been learned yet, so no token is much more probable than another.
	next, err := m.Next(ctx, "the baker", 1)
	if err != nil {
		panic(err)
	}
	fmt.Println(next[0].Prob < 0.1)

	// A prompt that does not fit is an error, not a silent cut.
	_, err = m.Answer(ctx, string(make([]byte, 100)), model.Generate{})
	fmt.Println(err)
	// Output:
	// true
	// model: the prompt is longer than the context: 103 tokens, the context holds 64
}

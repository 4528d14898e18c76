package adapt_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

func Example() {
	tok := token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	base := model.Must(model.New(model.Config{Vocab: 300, Dim: 16, Layers: 2, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))

	fmt.Println(adapt.Must(adapt.Attach(base, adapt.Norms())))
	fmt.Println(adapt.Must(adapt.Attach(base, adapt.Last(1))).Table())

	_, err := adapt.Attach(base, adapt.Match("*.attention.*"))
	fmt.Println(err)
	// Output:
	// norms: 80 of 11536 parameters move (0.69%): only the weights of the norms move
	// last-1: 3376 of 11536 parameters move (29.3%): the last layer, the final norm and the head, if it has a weight of its own, move; everything below is frozen
	// part                              parameters  move  share
	// ──────────────────────────────────────────────────────────
	// embedding, which is the head too  4800        0     0%
	// layer 0                           3360        0     0%
	// layer 1                           3360        3360  100.0%
	// final norm                        16          16    100.0%
	//
	// adapt: match *.attention.*: pattern "*.attention.*": no parameter has such a name; near are model.layers.*.post_attention_layernorm.weight, model.layers.*.self_attn.q_proj.weight, model.layers.*.self_attn.k_proj.weight
}

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

func ExampleLoRA() {
	tok := token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	base := model.Must(model.New(model.Config{Vocab: 300, Dim: 16, Layers: 2, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))

	fmt.Println(adapt.Must(adapt.Attach(base, adapt.LoRA{Rank: 4})).Table())

	_, err := adapt.Attach(base, adapt.LoRA{On: []string{"query"}})
	fmt.Println(err)
	// Output:
	// lora-r4: 512 of 12048 parameters move (4.2%): lora of rank 4 and alpha 16 on q_proj, v_proj
	// matched                          layers  shape    rank  alpha  effective scale  parameters  of the layer
	// ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
	// model.layers.*.self_attn.q_proj  2       16 × 16  4     16     4                256         50.0%
	// model.layers.*.self_attn.v_proj  2       16 × 16  4     16     4                256         50.0%
	// all                              4                                              512         4.2% of the model
	//
	// adapt: lora-r8: target "query": no parameter has such a name among the linear layers; near are q_proj, k_proj, v_proj, or "all-linear" for all
}

// A Llama of three billion parameters, counted without its weights.
func ExampleCountTrainable() {
	llama := model.Config{Vocab: 128256, Dim: 3072, Layers: 28, Heads: 24, KVHeads: 8, Hidden: 8192, Tied: true}.Shapes()
	for _, a := range []adapt.Adaptation{adapt.Full(), adapt.LoRA{Rank: 32}, adapt.IA3{}} {
		n, err := adapt.CountTrainable(a, llama)
		fmt.Println(a.Name(), n, err)
	}
	// Output:
	// full 3212749824 <nil>
	// lora-r32 9175040 <nil>
	// ia3 286720 <nil>
}

func ExampleLibrary() {
	tok := token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	base := model.Must(model.New(model.Config{Vocab: 300, Dim: 16, Layers: 2, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))
	library, err := adapt.NewLibrary(base)
	if err != nil {
		panic(err)
	}
	// In a run: train.Job{…, Adapt: adapt.Pfeiffer{Size: 4}}, and then library.Add("sums", result.Adapted).
	for name, a := range map[string]adapt.Adaptation{"sums": adapt.Pfeiffer{Size: 4}} {
		if err := library.Add(name, adapt.Must(adapt.Attach(base, a))); err != nil {
			panic(err)
		}
	}
	m, err := library.Use("sums")
	if err != nil {
		panic(err)
	}
	fmt.Println(m)
	fmt.Println(library)
	// Output:
	// decoder of 0.01 million parameters: 2 layers, width 16, 2 heads (2 for keys and values), 300 tokens known, context 32, with 2 adapters
	// 1 on one base of 11536 parameters, 46 KB
	// name  parameters  share  KB   what
	// ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
	// sums  296         2.6%   1.2  bottlenecks (pfeiffer), 4 wide, relu, scaled by 1, after the MLP of every layer; they alone move
}

func ExampleHoulsby() {
	tok := token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	base := model.Must(model.New(model.Config{Vocab: 300, Dim: 16, Layers: 2, Heads: 2, Context: 32, Tied: true}, tok, rand.New(rand.NewPCG(1, 1))))
	fmt.Println(adapt.Must(adapt.Attach(base, adapt.Houlsby{Size: 4})))
	fmt.Println(adapt.Must(adapt.Attach(base, adapt.Prefix{Tokens: 5})))
	_, err := adapt.Attach(base, adapt.Houlsby{Reduction: 32})
	fmt.Println(err)
	// Output:
	// houlsby-4: 592 of 12128 parameters move (4.9%): bottlenecks (houlsby), 4 wide, gelu, scaled by 1, after attention and after the MLP of every layer; they alone move
	// prefix-5: 320 of 11856 parameters move (2.7%): keys and values of 5 positions in front of every text, in each layer, move
	// adapt: houlsby-1/32: a reduction of 32 leaves nothing of a width of 16: want at most 16
}

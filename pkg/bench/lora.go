package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// The adapters that LoRA measures: of rank r, scaled by α/r.
const (
	LoRARank  = 8
	LoRAAlpha = 16
)

// adapted are the layers that have adapters, as in Hu et al., section 4.2.
var adapted = []string{"self_attn.q_proj", "self_attn.v_proj"}

// LoRA measures training steps of low-rank adapters on the projections of queries and values, with everything else frozen.
// When ctx ends it returns what was measured, and an error.
func LoRA(ctx context.Context, o Options) ([]Result, error) { return o.training(ctx, "lora") }

// LoRAParams is the number of parameters that adapters have: rank · (in + out) for each adapted layer.
func (m Model) LoRAParams() int {
	kv := m.KVHeads * (m.Dim / m.Heads)
	return m.Layers * LoRARank * ((m.Dim + m.Dim) + (m.Dim + kv))
}

// LoRAFLOPs is the work of a step: twice each frozen weight for a token forward and as much for the gradient of its input,
// three times that for adapters, whose weights have gradients, and attention as in TrainFLOPs. Below the first layer's
// projections nothing moves, so their inputs have no gradient.
func (m Model) LoRAFLOPs() float64 {
	tokens, kv := float64(m.Batch*m.Length), m.KVHeads*(m.Dim/m.Heads)
	lowest := m.Dim*m.Dim + 2*kv*m.Dim + 2*LoRARank*m.Dim
	return 2*tokens*float64(2*m.products()+3*m.LoRAParams()-lowest) + m.attentionFLOPs()
}

// addAdapters draws a model's adapters, (rank, in) and (out, rank), and puts them among its parameters. LoRA starts B at
// zero; here it is drawn too, so that the first loss and gradient, which both sides must agree on, depend on all of it.
func addAdapters(m *model.Model) error {
	rng := rand.New(rand.NewPCG(3, 3))
	for l := range m.Config.Layers {
		for _, layer := range adapted {
			name := fmt.Sprintf("model.layers.%d.%s", l, layer)
			out, in := m.Params.Get(name + ".weight").Shape[0], m.Params.Get(name + ".weight").Shape[1]
			if err := m.Params.Add(name+".lora_A.weight", nn.Normal(rng, 0.1, LoRARank, in)); err != nil {
				return err
			}
			if err := m.Params.Add(name+".lora_B.weight", nn.Normal(rng, 0.1, out, LoRARank)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lora is h = W₀x + (α/r)·BAx with W₀ frozen (Hu et al., arXiv:2106.09685, eq. 3), where there are adapters.
var lora = nn.Hooks{
	Trainable: func(name string) bool { return strings.Contains(name, ".lora_") },
	Linear: func(b *nn.Builder, name string, x *graph.Node) *graph.Node {
		y := b.Plain(name, x)
		for _, layer := range adapted {
			if strings.HasSuffix(name, layer) {
				low := graph.Linear(x, b.Param(name+".lora_A.weight"), nil) // (R, r), where scaling is cheap
				y = graph.Add(y, graph.Linear(graph.Scale(low, LoRAAlpha/float64(LoRARank)), b.Param(name+".lora_B.weight"), nil))
			}
		}
		return y
	},
}

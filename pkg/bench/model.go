package bench

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
)

// Model is a decoder to measure: its shape, and the batch it trains on. The head shares the embedding's weight.
type Model struct {
	Name                                       string
	Dim, Layers, Heads, KVHeads, Hidden, Vocab int
	Batch, Length                              int
}

// Models are three sizes that train in a notebook. The MLP's width is 8/3 of the model's, as in Llama, rounded up to 32.
func Models() []Model {
	return []Model{
		{"d128", 128, 4, 4, 2, 352, 2048, 8, 128},
		{"d256", 256, 6, 4, 2, 704, 2048, 8, 128},
		{"d512", 512, 8, 8, 4, 1376, 2048, 8, 128},
	}
}

const longest = 256 // tokens of a sequence

func (m Model) config() model.Config {
	return model.Config{Vocab: m.Vocab, Dim: m.Dim, Layers: m.Layers, Heads: m.Heads, KVHeads: m.KVHeads, Hidden: m.Hidden,
		Context: max(longest, m.Length), RopeBase: 10000, NormEps: 1e-5, Tied: true}
}

// products is the number of weights in matrix products: of every layer, and of the head.
func (m Model) products() int {
	kv := m.KVHeads * (m.Dim / m.Heads)
	return m.Layers*(2*m.Dim*m.Dim+2*kv*m.Dim+3*m.Hidden*m.Dim) + m.Vocab*m.Dim
}

// Params is the number of parameters: products and norms. The embedding is the head.
func (m Model) Params() int { return m.products() + (2*m.Layers+1)*m.Dim }

// TrainFLOPs is the work of a step: twice the weights for each token forward, and attention's two products over the pairs
// that a causal mask leaves; the backward pass is two such products for each.
func (m Model) TrainFLOPs() float64 {
	return 3*2*float64(m.Batch*m.Length)*float64(m.products()) + m.attentionFLOPs()
}

// attentionFLOPs is attention's part of a training step.
func (m Model) attentionFLOPs() float64 {
	pairs := float64(m.Batch*m.Length) * float64(m.Length+1) / 2
	return 3 * float64(m.Layers) * 2 * 2 * pairs * float64(m.Dim)
}

// DecodeBytes is what one step of decoding reads of the weights: all of them, once for the whole batch. Of the embedding
// only the head's use counts. Products read their weights as they are kept, norms float32.
func (m Model) DecodeBytes(weights cpu.Format) int {
	norms := m.Params() - m.products()
	return int(weights.Bits()/8*float64(m.products())) + 4*norms
}

// build draws the model's weights. The token that ends a text is given a row of zeros: its logit is then zero, which never
// is the largest of two thousand, so that no continuation ends early.
func (m Model) build(ctx context.Context) (*model.Model, error) {
	tok, err := token.Train(ctx, nil, token.TrainOptions{})
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	out, err := model.New(m.config(), tok, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		return nil, fmt.Errorf("bench: model %s: %w", m.Name, err)
	}
	clear(out.Params.Get("model.embed_tokens.weight").Row(tok.EOS()))
	return out, nil
}

// selected are the models that the options ask for.
func (o Options) selected() ([]Model, error) {
	var out []Model
	var names []string
	for _, m := range o.Models {
		names = append(names, m.Name)
		if o.matches(m.Name) {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, o.nothing("model", names)
	}
	return out, nil
}

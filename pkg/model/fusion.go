package model

import (
	"context"
	"errors"

	"github.com/tunebook/tunebook/pkg/compute"
)

// Fused is how a fusion chose among its adapters.
type Fused struct {
	Sublayer string
	Adapters []string
	Weights  *compute.Tensor // (T, adapters): for each token, what adds up to one
}

// Mean is the weight of each adapter, over all tokens.
func (f Fused) Mean() []float64 {
	mean := make([]float64, len(f.Adapters))
	for i, v := range f.Weights.Data {
		mean[i%len(mean)] += float64(v) * float64(len(mean)) / float64(f.Weights.Len())
	}
	return mean
}

// FusionWeights are the weights of the model's fusions, from the bottom, while it reads ids (Pfeiffer et al., arXiv:2005.00247,
// figure 5). Those of a prompt's own positions are left out.
func (m *Model) FusionWeights(ctx context.Context, ids []int) ([]Fused, error) {
	var list []Fused
	d, err := m.Decoder(ctx, Float32)
	if err != nil {
		return nil, err
	}
	d.seen = func(s *site, rows int) []float32 {
		f := Fused{Sublayer: s.of.Sublayer, Weights: compute.New(rows, len(s.adapters))}
		for _, a := range s.of.Adapters {
			f.Adapters = append(f.Adapters, a.Name)
		}
		list = append(list, f)
		return f.Weights.Data
	}
	if _, err := d.read(ctx, ids); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("model: FusionWeights: the model has no fusion: train one with adapt.Library's Fuse")
	}
	for i, f := range list {
		n := m.Extras.Prompt
		list[i].Weights = &compute.Tensor{Shape: []int{f.Weights.Shape[0] - n, len(f.Adapters)}, Data: f.Weights.Data[n*len(f.Adapters):]}
	}
	return list, nil
}

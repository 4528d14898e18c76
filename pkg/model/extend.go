package model

import (
	"strings"

	"github.com/tunebook/tunebook/pkg/nn"
)

// AddBiases gives every linear layer of the blocks a bias of zeros where it has none: attention_bias and mlp_bias of a Llama
// config.json. The model computes what it did.
func (m *Model) AddBiases() error {
	c := m.Config
	c.AttentionBias, c.MLPBias = true, true
	return m.reshape(c)
}

// Untie gives a head that shares the embedding's weight a copy of its own, lm_head.weight, so that the two can move apart.
// The model computes what it did. Where the head is its own nothing happens.
func (m *Model) Untie() error {
	c := m.Config
	c.Tied = false
	return m.reshape(c)
}

// reshape takes over the parameters that c asks for, in its order, as files keep them.
func (m *Model) reshape(c Config) error {
	params := &nn.Params{}
	for _, s := range c.slots() {
		t := m.Params.Get(s.name)
		if t == nil && strings.HasSuffix(s.name, ".bias") {
			t = nn.Constant(0, s.shape...)
		}
		if t == nil { // the head
			t = m.Params.Get(m.Config.HeadName()).Clone()
		}
		if err := params.Add(s.name, t); err != nil {
			return err
		}
	}
	m.Config, m.Params = c, params
	return nil
}

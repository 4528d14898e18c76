package adapt

import "github.com/tunebook/tunebook/pkg/model"

// Full moves every parameter: what fine-tuning is when nothing else is said. A tied embedding gets the gradients of both
// its uses.
func Full() Adaptation { return full{} }

type full struct{}

func (full) Name() string   { return "full" }
func (full) String() string { return "every parameter moves" }

func (full) Attach(m *model.Model, _ Run) (*Attached, error) {
	return attached(m, where(m, func(string) bool { return true })), nil
}

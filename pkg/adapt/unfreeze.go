package adapt

import (
	"errors"
	"fmt"

	"github.com/tunebook/tunebook/pkg/model"
)

// Unfreeze is gradual unfreezing (Howard and Ruder, arXiv:1801.06146, section 3.3): the last layer moves first, with the
// final norm and the head where it has a weight of its own; after every so many steps one more layer does, and after the
// first layer the embedding, with the head that it may be. Zero spreads this evenly over the run. A run that is too short
// ends with its bottom frozen. What moves already keeps its moments; what joins begins its own.
func Unfreeze(every int) Adaptation { return unfreeze{every} }

type unfreeze struct{ every int }

func (a unfreeze) Name() string {
	if a.every == 0 {
		return "unfreeze"
	}
	return fmt.Sprintf("unfreeze-%d", a.every)
}

func (a unfreeze) String() string {
	when := fmt.Sprintf("every %d steps", a.every)
	switch a.every {
	case 0:
		when = "from time to time, evenly over the run"
	case 1:
		when = "every step"
	}
	return "the last layer moves first, and " + when + " one more from the top, the embedding last"
}

func (a unfreeze) Attach(m *model.Model, run Run) (*Attached, error) {
	if a.every < 0 {
		return nil, errors.New("every is negative: want steps between two layers, or 0 to spread them over the run")
	}
	var stages []Stage
	for i := range m.Config.Layers + 1 { // the embedding counts as one
		s := where(m, func(name string) bool { return i == m.Config.Layers || from(name, m.Config.Layers-1-i) })
		s.After = i * a.every
		if a.every == 0 {
			s.After = i * run.Steps / (m.Config.Layers + 1)
		}
		if n := len(stages); n > 0 && stages[n-1].After == s.After {
			stages = stages[:n-1] // fewer steps than layers
		}
		if s.After < max(1, run.Steps) {
			stages = append(stages, s)
		}
	}
	return attached(m, stages...), nil
}

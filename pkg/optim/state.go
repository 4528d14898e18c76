package optim

import (
	"fmt"
	"slices"
)

// State is what AdamW remembers between steps: how many there were, and the moments of each tensor.
type State struct {
	Step  int
	M, V  [][]float32
	Began []int // how many steps there were before each tensor joined; nil means none for all
}

// State shares memory with a: the next step changes it.
func (a *AdamW) State() State { return State{a.step, a.m, a.v, a.began} }

// Restore copies s into a, which then goes on exactly where s was taken.
func (a *AdamW) Restore(s State) error {
	if s.Step < 0 || len(s.M) != len(a.m) || len(s.V) != len(a.v) {
		return fmt.Errorf("optim: restore: step %d with %d and %d moments, want a step from 0 and %d of each", s.Step, len(s.M), len(s.V), len(a.m))
	}
	for i := range a.m {
		if len(s.M[i]) != len(a.m[i]) || len(s.V[i]) != len(a.v[i]) {
			return fmt.Errorf("optim: restore: tensor %d has moments of %d and %d values, want %d", i, len(s.M[i]), len(s.V[i]), len(a.m[i]))
		}
	}
	if s.Began == nil {
		s.Began = make([]int, len(a.m))
	}
	if len(s.Began) != len(a.m) || len(s.Began) > 0 && (slices.Min(s.Began) < 0 || slices.Max(s.Began) > s.Step) {
		return fmt.Errorf("optim: restore: tensors began after %v steps, want one number from 0 to %d for each of %d", s.Began, s.Step, len(a.m))
	}
	copy(a.began, s.Began)
	for i := range a.m {
		copy(a.m[i], s.M[i])
		copy(a.v[i], s.V[i])
	}
	a.step = s.Step
	return nil
}

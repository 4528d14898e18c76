package adapt

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Adaptation is a way to choose what moves.
type Adaptation interface {
	// Name is short, such as last-2; runs and folders go by it.
	Name() string
	// String is one line for people. It holds every setting: adaptations with equal lines are the same.
	String() string
	// Attach makes m ready, which belongs to the run, without changing what it computes, and says what moves. Equal models
	// and runs give equal answers. Call the package's Attach, which checks the answer and copies the model.
	Attach(m *model.Model, run Run) (*Attached, error)
}

// Run is what an adaptation may know of the run that it is for.
type Run struct {
	Steps int    // zero means 200
	Seed  uint64 // of what it draws
}

// Stage is a part of a run in which the same parameters move.
type Stage struct {
	After int      // how many steps come before it
	Moves []string // names of the parameters that move, the model's and added ones
}

// Attached is an adaptation on a model.
type Attached struct {
	Adaptation Adaptation   // Attach, the function, sets it
	Base       *model.Model // what it was put on, which never changes; set likewise
	Model      *model.Model // the run's copy: what moves is its own, what never moves lies where the base has it
	Added      *nn.Params   // parameters beside the model's, which hooks bind to the graph; nil for none
	Hooks      nn.Hooks     // how the graph differs; HooksAt fills in Trainable
	Stages     []Stage      // in order, the first after no step; each moves what the one before moved, and more
	// Rates are learning rates as multiples of the run's, by name; one where there is none.
	Rates map[string]float64
	// Layers are the linear layers that are adapted, for the table.
	Layers []Layer
	// Delta is what Hooks.Linear adds to a linear layer, (R, out), with each row weighed by gate (R): rows of several adapters
	// then share one product with the base's weight. It returns nil where it adds nothing. Where Delta itself is nil, a Set
	// compares the layer with the hook and without.
	Delta func(b *nn.Builder, name string, x, gate *graph.Node) *graph.Node
	// Fold adds to the weights of m, a copy of Model, what Added does, so that m needs no hooks. Needed where something is added.
	// What does not fold, such as adapters, belongs to Model.Extras and is not in Added: a model runs with them as it is.
	Fold func(m *model.Model) error
}

// Mistakes that errors of this package wrap.
var (
	ErrNothing = errors.New("nothing is left to train")
	ErrNoMatch = errors.New("no parameter has such a name")
	ErrTied    = errors.New("the head shares the embedding's weight")
)

// Attach puts an adaptation on a copy of base. In a cell it shows what would move; train.Run calls it for a Job.
func Attach(base *model.Model, a Adaptation, run ...Run) (*Attached, error) {
	if base == nil || base.Params == nil {
		return nil, errors.New("adapt: Attach: the model is nil: give it a model, such as base.Load(ctx)")
	}
	if a == nil {
		a = Full()
	}
	var r Run
	if len(run) > 0 {
		r = run[0]
	}
	if r.Steps == 0 {
		r.Steps = 200
	}
	t, err := a.Attach(base.Clone(), r)
	if err == nil && t == nil {
		err = errors.New("its Attach returned nothing")
	}
	if err == nil {
		t.Adaptation, t.Base = a, base
		err = t.check()
	}
	if err == nil {
		t.share()
	}
	if err != nil {
		return nil, fmt.Errorf("adapt: %s: %w", a.Name(), err)
	}
	return t, nil
}

// Must returns t or panics with err. For cells.
func Must(t *Attached, err error) *Attached {
	if err != nil {
		panic(err)
	}
	return t
}

// check refuses what a run would trip over later, and orders the names as the model has them.
func (t *Attached) check() error {
	if t.Model == nil {
		return errors.New("Attached.Model is nil: it is the model that Attach was given")
	}
	if t.Added != nil && t.Added.Len() > 0 && t.Fold == nil {
		return errors.New("Attached.Added needs Attached.Fold: text is written by the model's own weights")
	}
	known := map[string]int{}
	for i, name := range t.names() {
		if _, twice := known[name]; twice {
			return fmt.Errorf("the added parameter %s has a name that the model uses", name)
		}
		known[name] = i
	}
	if len(t.Stages) == 0 || len(t.Stages[0].Moves) == 0 {
		return fmt.Errorf("%w: the model has %d parameters in %d tensors and none of them moves", ErrNothing, t.Count(), len(known))
	}
	before := Stage{After: -1}
	for i, s := range t.Stages {
		if s.After <= before.After || i == 0 && s.After != 0 {
			return fmt.Errorf("stage %d begins after step %d: want 0 for the first, and each after the one before", i, s.After)
		}
		slices.SortFunc(s.Moves, func(a, b string) int { return known[a] - known[b] })
		for k, name := range s.Moves {
			if _, ok := known[name]; !ok {
				return fmt.Errorf("stage %d moves %s: %w", i, name, noMatch(name, t.names(), t.Model.Config))
			}
			if k > 0 && s.Moves[k-1] == name {
				return fmt.Errorf("stage %d lists %s twice", i, name)
			}
		}
		for _, name := range before.Moves {
			if !slices.Contains(s.Moves, name) {
				return fmt.Errorf("stage %d freezes %s again: what moved once must go on, or its moments would be lost", i, name)
			}
		}
		before = s
	}
	for name, rate := range t.Rates {
		if _, ok := known[name]; !ok || !(rate > 0) || math.IsInf(rate, 0) {
			return fmt.Errorf("the rate of %s is %g times the run's: want a positive number for a parameter that is there", name, rate)
		}
	}
	return nil
}

// share lets weights that never move, and that Attach left as they were, lie where the base has them: a run of a few parameters
// then needs no second copy of the model.
func (t *Attached) share() {
	moves := map[string]bool{}
	for _, name := range t.Stages[len(t.Stages)-1].Moves {
		moves[name] = true
	}
	for _, name := range t.Model.Params.Names() {
		own, base := t.Model.Params.Get(name), t.Base.Params.Get(name)
		if !moves[name] && base != nil && slices.Equal(own.Data, base.Data) {
			own.Data = base.Data
		}
	}
}

// names are those of the model's parameters, then of the added ones.
func (t *Attached) names() []string {
	names := t.Model.Names()
	if t.Added != nil {
		names = append(names, t.Added.Names()...)
	}
	return names
}

// StageAt is the number of the stage to which a step belongs; steps count from one.
func (t *Attached) StageAt(step int) int {
	at := 0
	for i, s := range t.Stages {
		if s.After < step {
			at = i
		}
	}
	return at
}

// HooksAt are the hooks for the graph of a stage.
func (t *Attached) HooksAt(stage int) nn.Hooks {
	moves := map[string]bool{}
	for _, name := range t.Stages[stage].Moves {
		moves[name] = true
	}
	h := t.Hooks
	h.Trainable = func(name string) bool { return moves[name] }
	return h
}

// Merged is the model as it stands with what was added folded in: it needs no hooks, and writes and is saved like any
// other. Where nothing was added it is Model itself, which further steps change.
func (t *Attached) Merged() (*model.Model, error) {
	if t.Added == nil || t.Added.Len() == 0 {
		return t.Model, nil
	}
	m := t.Model.Clone()
	if err := t.Fold(m); err != nil {
		return nil, fmt.Errorf("adapt: %s: merge: %w", t.Adaptation.Name(), err)
	}
	return m, nil
}

// Unmerged is the base: nothing of it was overwritten, so that taking an adapter out again costs nothing and gives the base's
// very bits. Subtracting what was folded in would not: (w + d) − d is rounded twice.
func (t *Attached) Unmerged() *model.Model { return t.Base }

// Rate is the learning rate of a parameter as a multiple of the run's.
func (t *Attached) Rate(name string) float64 {
	if r, ok := t.Rates[name]; ok {
		return r
	}
	return 1
}

// attached is what adaptations of the model's own weights return.
func attached(m *model.Model, stages ...Stage) *Attached { return &Attached{Model: m, Stages: stages} }

// where are the model's parameters for which keep is true, as the only stage.
func where(m *model.Model, keep func(name string) bool) Stage {
	var s Stage
	for _, name := range m.Names() {
		if keep(name) {
			s.Moves = append(s.Moves, name)
		}
	}
	return s
}

package train_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/train"
)

// What is frozen has the base's bits after a run, with weight decay on; everything that moves has moved; the optimizer keeps
// two values for each number that moves and none for the others.
func TestFrozenKeepsItsBits(t *testing.T) {
	for _, a := range []adapt.Adaptation{adapt.Last(1), adapt.FreezeFirst(0), adapt.Match("*.mlp.*"), adapt.Freeze("*.mlp.*"), adapt.Untie(adapt.Head()), adapt.BitFit(), adapt.Norms(), adapt.Unfreeze(2)} {
		j := job(t).With("", a)
		j.Steps, j.WeightDecay = 6, 0.1 // Unfreeze gets to the embedding at step 5; at the last step the rate is zero
		before := j.Model.Hash()
		r, err := train.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		if j.Model.Hash() != before {
			t.Errorf("%v changed the base", a)
		}
		moving := r.Adapted.Stages[len(r.Adapted.Stages)-1].Moves
		bytes := 0
		for _, name := range r.Model.Params.Names() {
			now, was := r.Model.Params.Get(name).Data, start(j.Model, name, r.Model.Params.Get(name).Len())
			same := slices.EqualFunc(now, was, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
			if moves := slices.Contains(moving, name); moves == same {
				t.Errorf("%v: %s moves: %v, has the base's bits: %v", a, name, moves, same)
			} else if moves {
				bytes += 8 * len(now)
			}
		}
		if c := r.Cost; c.Optimizer != bytes || c.Trainable != bytes/8 || c.Parameters != r.Model.Count() || c.Plan <= 0 || c.Step <= 0 {
			t.Errorf("%v: cost %+v, want %d bytes of moments and the rest positive", a, c, bytes)
		}
		if !strings.HasPrefix(r.Name, "sft "+a.Name()) {
			t.Errorf("the run is called %q", r.Name)
		}
	}
}

// start is a parameter as a run begins with it: the base's, the embedding's for a head that was untied, zeros for a bias.
func start(base *model.Model, name string, n int) []float32 {
	if name == "lm_head.weight" {
		name = "model.embed_tokens.weight"
	}
	if p := base.Params.Get(name); p != nil {
		return p.Data
	}
	return make([]float32, n)
}

// Full by another name is the same run, to the last bit.
func TestFullIsTheDefault(t *testing.T) {
	j := job(t)
	j.Steps = 6
	plain := train.Must(train.Run(context.Background(), j))
	for _, a := range []adapt.Adaptation{adapt.Full(), adapt.Match("*"), adapt.Untie(adapt.Full())} {
		r := train.Must(train.Run(context.Background(), j.With(plain.Name, a)))
		same := r.Model.Hash() == plain.Model.Hash() && reflect.DeepEqual(r.Log, plain.Log)
		if untied := r.Model.Config.Tied != plain.Model.Config.Tied; same == untied {
			t.Errorf("%v: the same as without: %v", a, same)
		}
	}
}

// A run that unfreezes, stopped in the middle of a stage and just at its end, goes on as if it had not been: losses, weights,
// and moments, since what follows depends on them.
func TestResumeWhileUnfreezing(t *testing.T) {
	j := job(t).With("unfreeze", adapt.Unfreeze(4))
	j.Steps, j.EvalEvery, j.SaveEvery, j.WeightDecay, j.Accumulate = 15, 5, 3, 0.1, 2
	whole := train.Must(train.Run(context.Background(), j))
	if s := whole.Log.Get(metric.Moving); s == nil || !slices.Equal(s.Steps, []int{1, 5, 9}) {
		t.Fatalf("stages begin at %v, want 1, 5 and 9", s)
	}
	j.Dir = filepath.Join(t.TempDir(), "run")
	stopAt(t, j, 2)
	stopAt(t, j, 4) // the last step of its stage
	stopAt(t, j, 6)
	stopAt(t, j, 11)
	r := train.Must(train.Run(context.Background(), j))
	if r.Model.Hash() != whole.Model.Hash() {
		t.Error("the weights differ")
	}
	if !reflect.DeepEqual(r.Log, whole.Log) {
		t.Errorf("the curves differ:\n%v\n%v", r.Log.Get(metric.Loss), whole.Log.Get(metric.Loss))
	}
	if r.Cost.Optimizer != whole.Cost.Optimizer {
		t.Errorf("%d bytes of moments, want %d", r.Cost.Optimizer, whole.Cost.Optimizer)
	}
	for _, a := range []adapt.Adaptation{nil, adapt.Unfreeze(5), adapt.Last(1)} {
		if _, err := train.Run(context.Background(), j.With("unfreeze", a)); !errors.Is(err, train.ErrOtherJob) || !strings.Contains(err.Error(), "Adapt") {
			t.Errorf("resumed as %v: %v", a, err)
		}
	}
}

func TestAdaptationsThatCannotRun(t *testing.T) {
	for _, c := range []struct {
		a  adapt.Adaptation
		is error
	}{{adapt.Head(), adapt.ErrTied}, {adapt.Match("*.nobody.*"), adapt.ErrNoMatch}, {adapt.Freeze("*"), adapt.ErrNothing}} {
		if _, err := train.Run(context.Background(), job(t).With("", c.a)); !errors.Is(err, c.is) {
			t.Errorf("%v: %v, want %v", c.a, err, c.is)
		}
	}
}

// lowRank adds B·A of rank two to the layers named, B starting at zero: an adaptation that the packages do not know, with
// parameters, hooks and folding of its own.
type lowRank struct{ on string }

func (a lowRank) Name() string   { return "low-rank" }
func (a lowRank) String() string { return "rank 2 on " + a.on }

func (a lowRank) Attach(m *model.Model, run adapt.Run) (*adapt.Attached, error) {
	added, moves := &nn.Params{}, []string{}
	for _, name := range m.Params.Names() {
		if !strings.HasSuffix(name, a.on+".weight") {
			continue
		}
		w := m.Params.Get(name)
		down := nn.Constant(0, 2, w.Shape[1])
		for i := range down.Data {
			down.Data[i] = float32(math.Sin(float64(i) + float64(run.Seed)))
		}
		name = strings.TrimSuffix(name, "weight")
		if err := errors.Join(added.Add(name+"A", down), added.Add(name+"B", nn.Constant(0, w.Shape[0], 2))); err != nil {
			return nil, err
		}
		moves = append(moves, name+"A", name+"B")
	}
	hooks := nn.Hooks{Linear: func(b *nn.Builder, name string, x *graph.Node) *graph.Node {
		y := b.Plain(name, x)
		if added.Get(name+".A") == nil {
			return y
		}
		bind := func(name string) *graph.Node { return b.Bind(name, added.Get(name), b.Moves(name)) }
		return graph.Add(y, graph.Linear(graph.Linear(x, bind(name+".A"), nil), bind(name+".B"), nil))
	}}
	fold := func(m *model.Model) error {
		for _, name := range m.Params.Names() {
			down, up := added.Get(strings.TrimSuffix(name, "weight")+"A"), added.Get(strings.TrimSuffix(name, "weight")+"B")
			if down == nil {
				continue
			}
			w := m.Params.Get(name)
			out, in := w.Shape[0], w.Shape[1]
			for o := range out {
				for i := range in {
					for r := range 2 {
						w.Data[o*in+i] += up.Data[o*2+r] * down.Data[r*in+i]
					}
				}
			}
		}
		return nil
	}
	return &adapt.Attached{Model: m, Added: added, Hooks: hooks, Stages: []adapt.Stage{{Moves: moves}}, Fold: fold}, nil
}

// An adaptation with parameters of its own goes the whole way: it starts at the base, leaves the base's weights alone, is
// folded into a plain model that gives the same loss, resumes, and is saved and put on the base again.
func TestAdaptationWithParametersOfItsOwn(t *testing.T) {
	ctx := context.Background()
	j := job(t).With("low-rank", lowRank{"_proj"})
	j.Steps, j.EvalEvery = 60, 60
	base, err := train.Measure(ctx, j.Model, method.SFT{}, facts, 64)
	if err != nil {
		t.Fatal(err)
	}
	first := j
	first.Steps, first.LR = 1, 1e-30
	if r := train.Must(train.Run(ctx, first)); math.Abs(r.Log.Get(metric.EvalLoss).Last()-base) > 1e-5 {
		t.Errorf("it starts at %g, the base at %g", r.Log.Get(metric.EvalLoss).Last(), base)
	}
	r := train.Must(train.Run(ctx, j))
	if r.Adapted.Model.Hash() != j.Model.Hash() {
		t.Error("the base's weights moved")
	}
	if want := 2 * 2 * 2 * (32 + 32 + 32 + 16 + 32 + 16 + 32 + 32 + 3*(32+96)) / 2; r.Cost.Trainable != want || r.Cost.Parameters != j.Model.Count()+want {
		t.Errorf("%d parameters move, want %d by hand", r.Cost.Trainable, want)
	}
	hooked := r.Log.Get(metric.EvalLoss).Last()
	plain, err := train.Measure(ctx, r.Model, method.SFT{}, facts, 64)
	if err != nil {
		t.Fatal(err)
	}
	if !(hooked < base-0.2) || math.Abs(hooked-plain) > 1e-4 {
		t.Errorf("the loss went from %g to %g, folded in it is %g", base, hooked, plain)
	}

	dir := t.TempDir()
	if err := r.Adapted.Save(ctx, dir); err != nil {
		t.Fatal(err)
	}
	again, err := adapt.Load(ctx, dir, j.Model, j.Adapt)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := again.Merged(); err != nil || m.Hash() != r.Model.Hash() {
		t.Errorf("loaded, it folds to another model, %v", err)
	}
	if _, err := adapt.Load(ctx, dir, j.Model, lowRank{"mlp.up_proj"}); !errors.Is(err, adapt.ErrOtherAdaptation) {
		t.Errorf("on other layers: %v", err)
	}

	j.Dir = filepath.Join(t.TempDir(), "run")
	stopAt(t, j, 20)
	if resumed := train.Must(train.Run(ctx, j)); resumed.Model.Hash() != r.Model.Hash() {
		t.Error("resumed, it ends elsewhere")
	}
}

package adapt

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// LoRA adds a product of two small matrices to linear layers, and moves these alone (Hu et al., arXiv:2106.09685, eq. 3):
//
//	h = W₀·x + (α/r)·B·A·x,  A (r, in), B (out, r)
//
// B starts at zero, so that training starts exactly at the base model, and A evenly from ±1/√in, as the authors' code has it.
// What it adds to W₀ has rank r at most; folded in, it costs nothing. The zero value is rank 8 on q_proj and v_proj, the layers
// that the paper chooses (section 7.1). So few numbers want a higher learning rate than Full.
type LoRA struct {
	Rank  int      // r; zero means 8
	Alpha float64  // α; zero means 16. What B·A is multiplied by is α/r: at another rank the same α is another scale
	On    []string // layers, by the end of the name (q_proj), by pattern as in Match, or AllLinear; nil means q_proj and v_proj

	Dropout float64 // of what enters A, while training; at least 0 and below 1

	Ranks  map[string]int     // ranks of some of these layers, by name or pattern; where several fit, the longest counts
	Alphas map[string]float64 // alphas likewise

	RSLoRA   bool    // divides α by √r instead of r, so that high ranks learn as fast (Kalajdzievski, arXiv:2312.03732)
	DoRA     bool    // moves lengths and directions of weights apart: see dora.go
	PiSSA    bool    // starts at the largest singular values: see pissa.go
	LoRAPlus float64 // B's learning rate over A's; zero means 1, the paper suggests 16 (LoRA+, Hayou et al., arXiv:2402.12354)
}

// What zero means, and what is trained where nothing is said.
const (
	usualRank  = 8
	usualAlpha = 16
)

var usualTargets = []string{"q_proj", "v_proj"}

// Names of what is added beside a layer's weight, as PEFT has them.
const (
	downName = ".lora_A.weight"
	upName   = ".lora_B.weight"
)

// Name has rank and what is not plain LoRA.
func (l LoRA) Name() string {
	return l.kind() + fmt.Sprintf("-r%d", l.rank())
}

// kind is what the variant is called.
func (l LoRA) kind() string {
	var parts []string
	for _, p := range []struct {
		on   bool
		name string
	}{{l.PiSSA, "pissa"}, {l.RSLoRA, "rslora"}, {l.DoRA, "dora"}} {
		if p.on {
			parts = append(parts, p.name)
		}
	}
	if len(parts) == 0 {
		parts = []string{"lora"}
	}
	if l.LoRAPlus != 0 {
		parts[len(parts)-1] += "+"
	}
	return strings.Join(parts, "-")
}

func (l LoRA) String() string {
	s := fmt.Sprintf("%s of rank %d and alpha %g on %s", l.kind(), l.rank(), l.alpha(), strings.Join(l.targets(), ", "))
	for _, p := range slices.Sorted(maps.Keys(l.Ranks)) {
		s += fmt.Sprintf("; rank %d on %s", l.Ranks[p], p)
	}
	for _, p := range slices.Sorted(maps.Keys(l.Alphas)) {
		s += fmt.Sprintf("; alpha %g on %s", l.Alphas[p], p)
	}
	if l.Dropout != 0 {
		s += fmt.Sprintf("; dropout %g", l.Dropout)
	}
	if l.LoRAPlus != 0 {
		s += fmt.Sprintf("; B at %g times the learning rate", l.LoRAPlus)
	}
	return s
}

func (l LoRA) rank() int {
	if l.Rank == 0 {
		return usualRank
	}
	return l.Rank
}

func (l LoRA) alpha() float64 {
	if l.Alpha == 0 {
		return usualAlpha
	}
	return l.Alpha
}

func (l LoRA) targets() []string {
	if len(l.On) == 0 {
		return usualTargets
	}
	return l.On
}

// check refuses numbers that mean nothing.
func (l LoRA) check() error {
	switch {
	case l.Rank < 0:
		return fmt.Errorf("LoRA.Rank is %d: want 1 or more, or 0 for %d", l.Rank, usualRank)
	case !(l.Alpha >= 0) || math.IsInf(l.Alpha, 0):
		return fmt.Errorf("LoRA.Alpha is %g: want a positive number, or 0 for %d; B·A is multiplied by alpha over rank", l.Alpha, usualAlpha)
	case !(l.Dropout >= 0 && l.Dropout < 1):
		return fmt.Errorf("LoRA.Dropout is %g: want at least 0 and below 1, such as 0.05", l.Dropout)
	case !(l.LoRAPlus >= 0) || math.IsInf(l.LoRAPlus, 0):
		return fmt.Errorf("LoRA.LoRAPlus is %g: want B's learning rate over A's, such as 16, or 0 for 1", l.LoRAPlus)
	}
	return nil
}

// plan are the layers that matched, with rank and scale.
func (l LoRA) plan(shapes []model.Shape) ([]Layer, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	layers, err := choose(linears(shapes), l.targets())
	if err != nil {
		return nil, err
	}
	for i := range layers {
		layers[i].Rank, layers[i].Alpha = l.rank(), l.alpha()
	}
	if err := patterned(layers, l.Ranks, func(at *Layer, rank int) { at.Rank = rank }); err != nil {
		return nil, fmt.Errorf("LoRA.Ranks: %w", err)
	}
	if err := patterned(layers, l.Alphas, func(at *Layer, alpha float64) { at.Alpha = alpha }); err != nil {
		return nil, fmt.Errorf("LoRA.Alphas: %w", err)
	}
	for i := range layers {
		at := &layers[i]
		most := max(at.Out, at.In)
		if l.PiSSA {
			most = min(at.Out, at.In)
		}
		if at.Rank < 1 || at.Rank > most {
			return nil, fmt.Errorf("rank %d on %s, whose weight is %d × %d: want 1 to %d", at.Rank, at.Name, at.Out, at.In, most)
		}
		if !(at.Alpha > 0) || math.IsInf(at.Alpha, 0) {
			return nil, fmt.Errorf("alpha %g on %s: want a positive number", at.Alpha, at.Name)
		}
		at.Scale = at.Alpha / float64(at.Rank)
		if l.RSLoRA {
			at.Scale = at.Alpha / math.Sqrt(float64(at.Rank))
		}
		at.Params = at.Rank * (at.In + at.Out)
		if l.DoRA {
			at.Params += at.Out
		}
	}
	return layers, nil
}

// patterned sets values by pattern, the longest last, and fails on a pattern that fits none of the layers.
func patterned[V any](layers []Layer, by map[string]V, set func(*Layer, V)) error {
	patterns := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		if d := len(a) - len(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, p := range patterns {
		some := false
		for i := range layers {
			ok, err := fits(p, layers[i].Name)
			if err != nil {
				return err
			}
			if ok {
				set(&layers[i], by[p])
				some = true
			}
		}
		if !some {
			return unfit(p, layers)
		}
	}
	return nil
}

func (l LoRA) count(shapes []model.Shape) (int, error) {
	layers, err := l.plan(shapes)
	n := 0
	for _, at := range layers {
		n += at.Params
	}
	return n, err
}

// lowRank is LoRA on a model.
type lowRank struct {
	LoRA
	model *model.Model
	held  *held // the weights in four bits of QLoRA, nil for none
	added *nn.Params
	at    map[string]Layer
	begin map[string]half // of PiSSA
}

// half is one of the two products of PiSSA in a Set: the start, with its sign turned.
type half struct{ down, up *compute.Tensor }

// Attach adds A and B to the layers that match.
func (l LoRA) Attach(m *model.Model, run Run) (*Attached, error) { return l.attach(m, run, nil) }

func (l LoRA) attach(m *model.Model, run Run, q *held) (*Attached, error) {
	layers, err := l.plan(shapesOf(m))
	if err != nil {
		return nil, err
	}
	x := &lowRank{LoRA: l, model: m, held: q, added: &nn.Params{}, at: map[string]Layer{}, begin: map[string]half{}}
	t := &Attached{Model: m, Added: x.added, Layers: layers, Hooks: nn.Hooks{Linear: x.linear}, Fold: x.fold, Rates: map[string]float64{}}
	var moves []string
	for _, at := range layers {
		x.at[at.Name] = at
		w := m.Params.Get(at.Name + ".weight")
		down, up := nn.Uniform(stream(run.Seed, at.Name), 1/math.Sqrt(float64(at.In)), at.Rank, at.In), compute.New(at.Out, at.Rank)
		var length *compute.Tensor
		if l.DoRA {
			length = lengths(q.weight(at.Name, w))
		}
		if l.PiSSA {
			if err := principal(w, down, up, at.Scale); err != nil {
				return nil, fmt.Errorf("%s: %w", at.Name, err)
			}
			x.begin[at.Name] = half{down.Clone(), up.Clone()}
		}
		names, tensors := []string{downName, upName}, []*compute.Tensor{down, up}
		if l.DoRA {
			names, tensors = append(names, lengthName), append(tensors, length)
		}
		for i, name := range names {
			if err := x.added.Add(at.Name+name, tensors[i]); err != nil {
				return nil, err
			}
			moves = append(moves, at.Name+name)
		}
		if l.LoRAPlus != 0 {
			t.Rates[at.Name+upName] = l.LoRAPlus
		}
	}
	t.Stages = []Stage{{Moves: moves}}
	if !l.DoRA && q == nil {
		t.Delta = x.delta
	}
	return t, nil
}

// stream are the random numbers of a layer: they do not depend on which other layers are adapted.
func stream(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // it never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// bind is the node of what was added to a layer.
func (x *lowRank) bind(b *nn.Builder, name string) *graph.Node {
	return b.Bind(name, x.added.Get(name), b.Moves(name))
}

// linear is W₀·x + s·B·A·x where there is an adapter (eq. 3), W₀·x elsewhere.
func (x *lowRank) linear(b *nn.Builder, name string, in *graph.Node) *graph.Node {
	at, ok := x.at[name]
	switch {
	case !ok:
		return x.held.linear(b, name, in)
	case x.DoRA:
		return x.dora(b, at, in)
	}
	return graph.Add(x.held.linear(b, name, in), x.factors(b, at).product(b, in, nil))
}

// factors are the nodes of A and B of a layer.
type factors struct {
	down, up *graph.Node
	scale    float64
	dropout  float64
}

func (x *lowRank) factors(b *nn.Builder, at Layer) factors {
	return factors{x.bind(b, at.Name+downName), x.bind(b, at.Name+upName), at.Scale, x.Dropout}
}

// product is s·B·A·x (R, out), rows weighed by gate where there is one.
func (f factors) product(b *nn.Builder, in, gate *graph.Node) *graph.Node {
	low := graph.Linear(b.Dropout(in, f.dropout), f.down, nil) // (R, r), where scaling is cheap
	return graph.Linear(scaled(low, f.scale, gate), f.up, nil)
}

func scaled(low *graph.Node, s float64, gate *graph.Node) *graph.Node {
	if s != 1 {
		low = graph.Scale(low, s)
	}
	if gate != nil {
		low = graph.ScaleRows(low, gate)
	}
	return low
}

// delta is what the layer has beyond the base's; see Attached.Delta.
func (x *lowRank) delta(b *nn.Builder, name string, in, gate *graph.Node) *graph.Node {
	at, ok := x.at[name]
	if !ok {
		return nil
	}
	y := x.factors(b, at).product(b, in, gate)
	if start, ok := x.begin[name]; ok { // what PiSSA took out of the base's weight
		low := graph.Linear(in, b.Bind(name+".pissa_A", start.down, false), nil)
		y = graph.Add(y, graph.Linear(scaled(low, -at.Scale, gate), b.Bind(name+".pissa_B", start.up, false), nil))
	}
	return y
}

// fold adds s·B·A to the weights of m.
func (x *lowRank) fold(m *model.Model) error {
	if x.held != nil {
		x.held.widen(m)
	}
	for name, at := range x.at {
		w := m.Params.Get(name + ".weight")
		if w == nil {
			return errors.New("the model lacks " + name + ".weight")
		}
		down, up := x.added.Get(name+downName), x.added.Get(name+upName)
		cpu.Default().MatMulNN(matrix(w), matrix(up), matrix(down), cpu.Epilogue{Accumulate: true, Scale: float32(at.Scale)})
		if x.DoRA {
			turn(w, x.added.Get(name+lengthName))
		}
	}
	return nil
}

func matrix(t *compute.Tensor) cpu.Matrix {
	return cpu.Matrix{Data: t.Data, Rows: t.Shape[0], Cols: t.Shape[1]}
}

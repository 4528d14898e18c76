package adapt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Houlsby puts two bottlenecks into each block, one after attention and one after the MLP, before the residual sums (Houlsby
// et al., arXiv:1902.00751, section 2.1), and moves nothing else: 2·(2·D·Size + Size + D) numbers a layer of width D. Norms,
// which the paper trains too, stay, as in later work.
//
// Up-projections start at zero, so that training starts exactly at the base; down-projections are drawn evenly from ±1/√D, as
// in the code of He et al. (arXiv:2110.04366): with both near zero, as in the first paper, nothing moves for a while.
type Houlsby struct {
	Size       int              // width of the bottleneck; zero means D/Reduction
	Reduction  int              // how much narrower than the model it is; zero means 16
	Activation model.Activation // zero means model.GELU, as in the paper's code
	Scale      float64          // of what is added; zero means 1
	SkipFirst  int              // layers at the bottom without adapters (Rücklé et al., arXiv:2010.11918); nothing flows back to them
}

// Pfeiffer puts one bottleneck into each block, after the MLP, before the residual sum (Pfeiffer et al., arXiv:2005.00247,
// section 4.1, and arXiv:2005.00052): half of Houlsby's numbers, nearly as good. Fields and start are those of Houlsby.
type Pfeiffer struct {
	Size       int
	Reduction  int              // zero means 16
	Activation model.Activation // zero means model.ReLU
	Scale      float64          // zero means 1
	SkipFirst  int
}

// Parallel puts a scaled bottleneck beside each MLP: it reads what the MLP reads, after the norm (He et al., arXiv:2110.04366,
// section 4, the scaled parallel adapter). Fields and start are those of Houlsby.
type Parallel struct {
	Size       int
	Reduction  int              // zero means 16
	Activation model.Activation // zero means model.ReLU
	Scale      float64          // zero means 4, the paper's
	SkipFirst  int
}

// bottlenecks is what the three have in common.
type bottlenecks struct {
	kind, place     string // the name of the kind, and where it stands, for people
	parts           []string
	size, reduction int
	activation      model.Activation
	scale           float64
	skip            int
	parallel        bool
}

func (a Houlsby) with() bottlenecks {
	b := bottlenecks{kind: "houlsby", place: "after attention and after the MLP", parts: []string{"self_attn", "mlp"}, size: a.Size, reduction: a.Reduction, activation: a.Activation, scale: a.Scale, skip: a.SkipFirst}
	return b.or(model.GELU, 1)
}

func (a Pfeiffer) with() bottlenecks {
	b := bottlenecks{kind: "pfeiffer", place: "after the MLP", parts: []string{"mlp"}, size: a.Size, reduction: a.Reduction, activation: a.Activation, scale: a.Scale, skip: a.SkipFirst}
	return b.or(model.ReLU, 1)
}

func (a Parallel) with() bottlenecks {
	b := bottlenecks{kind: "parallel", place: "beside the MLP", parts: []string{"mlp"}, size: a.Size, reduction: a.Reduction, activation: a.Activation, scale: a.Scale, skip: a.SkipFirst, parallel: true}
	return b.or(model.ReLU, 4)
}

// or fills in defaults.
func (b bottlenecks) or(activation model.Activation, scale float64) bottlenecks {
	if b.activation == "" {
		b.activation = activation
	}
	if b.scale == 0 {
		b.scale = scale
	}
	if b.size == 0 && b.reduction == 0 {
		b.reduction = 16
	}
	return b
}

func (b bottlenecks) name() string {
	name := b.kind
	if b.size > 0 {
		name += fmt.Sprint("-", b.size)
	} else if b.reduction != 16 {
		name += fmt.Sprint("-1/", b.reduction)
	}
	if b.skip > 0 {
		name += fmt.Sprint(" from layer ", b.skip)
	}
	return name
}

func (b bottlenecks) line() string {
	size := fmt.Sprintf("%d wide", b.size)
	if b.size == 0 {
		size = fmt.Sprintf("1/%d of the model's width", b.reduction)
	}
	where := "of every layer"
	if b.skip > 0 {
		where = fmt.Sprintf("from layer %d on", b.skip)
	}
	return fmt.Sprintf("bottlenecks (%s), %s, %s, scaled by %g, %s %s; they alone move", b.kind, size, b.activation, b.scale, b.place, where)
}

// sites are the adapters on a model of such a shape, called name.
func (b bottlenecks) sites(c model.Config, name string) ([]model.Site, error) {
	size := b.size
	switch {
	case b.size < 0 || b.reduction < 0:
		return nil, fmt.Errorf("size %d, reduction %d: want neither negative", b.size, b.reduction)
	case b.size > 0 && b.reduction > 0:
		return nil, fmt.Errorf("size %d and reduction %d: want one of them", b.size, b.reduction)
	case b.size == 0:
		if size = c.Dim / b.reduction; size == 0 {
			return nil, fmt.Errorf("a reduction of %d leaves nothing of a width of %d: want at most %d", b.reduction, c.Dim, c.Dim)
		}
	}
	if b.skip < 0 || b.skip >= c.Layers {
		return nil, fmt.Errorf("SkipFirst is %d, the model has %s: want 0 to %d", b.skip, layers(c.Layers), c.Layers-1)
	}
	if !slices.Contains(model.Activations(), b.activation) {
		return nil, fmt.Errorf("activation %q: want one of %v", b.activation, model.Activations())
	}
	if math.IsNaN(b.scale) || math.IsInf(b.scale, 0) {
		return nil, fmt.Errorf("scale %g: want a finite number", b.scale)
	}
	var list []model.Site
	for _, place := range c.Sublayers() {
		if l, _ := layerOf(place); l < b.skip || !slices.Contains(b.parts, place[strings.LastIndexByte(place, '.')+1:]) {
			continue
		}
		list = append(list, model.Site{Sublayer: place, Adapters: []model.Bottleneck{
			{Name: place + "." + name, Size: size, Activation: b.activation, Scale: b.scale, Parallel: b.parallel}}})
	}
	return list, nil
}

// adapterName is what an adapter is called in the names of its parameters until a Library calls it otherwise.
const adapterName = "adapter"

func (b bottlenecks) attach(m *model.Model, run Run) (*Attached, error) {
	sites, err := b.sites(m.Config, adapterName)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(run.Seed, 0xada))
	return extend(m, &model.Extras{Sites: sites}, func(s model.Shape) *compute.Tensor {
		if strings.HasSuffix(s.Name, ".down.weight") {
			return nn.Uniform(rng, 1/math.Sqrt(float64(m.Config.Dim)), s.Dims...)
		}
		return nn.Constant(0, s.Dims...)
	})
}

// extend puts more extras on a model, behind those that it has, and moves them alone. make gives each parameter its start.
func extend(m *model.Model, more *model.Extras, make func(s model.Shape) *compute.Tensor) (*Attached, error) {
	e := m.Extras
	if e == nil {
		e = &model.Extras{Params: &nn.Params{}}
	}
	if e.Prefix > 0 && more.Prefix > 0 || e.Prompt > 0 && more.Prompt > 0 {
		return nil, fmt.Errorf("the model has %v already: a second one in front is not supported", e)
	}
	e.Prefix, e.Prompt, e.Sites = e.Prefix+more.Prefix, e.Prompt+more.Prompt, append(e.Sites, more.Sites...)
	e.Updates = append(e.Updates, more.Updates...)
	var s Stage
	for _, shape := range more.Shapes(m.Config) {
		if m.Param(shape.Name) != nil {
			return nil, fmt.Errorf("the model has a parameter %s already: keep adapters in a Library, which gives each a name of its own", shape.Name)
		}
		if err := e.Params.Add(shape.Name, make(shape)); err != nil {
			return nil, err
		}
		s.Moves = append(s.Moves, shape.Name)
	}
	if err := m.Extend(e); err != nil {
		return nil, err
	}
	return attached(m, s), nil
}

func (a Houlsby) Name() string  { return a.with().name() }
func (a Pfeiffer) Name() string { return a.with().name() }
func (a Parallel) Name() string { return a.with().name() }

func (a Houlsby) String() string  { return a.with().line() }
func (a Pfeiffer) String() string { return a.with().line() }
func (a Parallel) String() string { return a.with().line() }

// Attach adds the adapters to a run's model.
func (a Houlsby) Attach(m *model.Model, run Run) (*Attached, error) { return a.with().attach(m, run) }

// Attach adds the adapters to a run's model.
func (a Pfeiffer) Attach(m *model.Model, run Run) (*Attached, error) { return a.with().attach(m, run) }

// Attach adds the adapters to a run's model.
func (a Parallel) Attach(m *model.Model, run Run) (*Attached, error) { return a.with().attach(m, run) }

var (
	_ Adaptation = Houlsby{}
	_ Adaptation = Pfeiffer{}
	_ Adaptation = Parallel{}
)

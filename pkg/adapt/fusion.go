package adapt

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Fuse is AdapterFusion (Pfeiffer et al., arXiv:2005.00247, section 3.2): adapters of the library stand side by side, frozen,
// and attention chooses among what they give, token by token, at each sublayer; its query, key and value, 3·D² numbers there,
// are all that moves. Values start as the identity with noise of 1e-6 (section 4.1), queries and keys with a deviation of 0.02,
// so that training starts at about the average. Run it on the library's Base. [model.Model.FusionWeights] shows the choice.
func (l *Library) Fuse(names ...string) Adaptation { return fusion{l, names} }

type fusion struct {
	library *Library
	names   []string
}

func (a fusion) Name() string { return "fusion " + strings.Join(a.names, "+") }
func (a fusion) String() string {
	return "attention over the adapters " + strings.Join(a.names, ", ") + " moves; they stay as they are"
}

func (a fusion) Attach(m *model.Model, run Run) (*Attached, error) {
	if len(a.names) == 0 {
		return nil, errors.New("no adapter was named: want at least two, such as Fuse(\"one\", \"two\")")
	}
	if m.Extras != nil || m.Params.Hash() != a.library.hash {
		return nil, fmt.Errorf("%w: give the run the library's Base", ErrOtherBase)
	}
	e, err := a.library.beside(a.names)
	if err != nil {
		return nil, err
	}
	e.Params = e.Params.Clone() // the library's stay as they are
	before := e.Params.Len()
	for i := range e.Sites {
		e.Sites[i].Fusion = e.Sites[i].Sublayer + ".fusion"
	}
	rng := rand.New(rand.NewPCG(run.Seed, 0xf5))
	params := &nn.Params{}
	for _, s := range e.Shapes(m.Config) { // in the order of the description
		t := e.Params.Get(s.Name)
		if t == nil {
			t = fresh(rng, s)
		}
		if err := params.Add(s.Name, t); err != nil {
			return nil, err
		}
	}
	var moves []string
	for _, name := range params.Names() {
		if e.Params.Get(name) == nil {
			moves = append(moves, name)
		}
	}
	if params.Len() != before+len(moves) {
		return nil, fmt.Errorf("internal: %d parameters of %d adapters", before, len(a.names))
	}
	e.Params = params
	if err := m.Extend(e); err != nil {
		return nil, err
	}
	return attached(m, Stage{Moves: moves}), nil
}

// fresh is where a query, key or value starts.
func fresh(rng *rand.Rand, s model.Shape) *compute.Tensor {
	if !strings.HasSuffix(s.Name, ".value.weight") {
		return nn.Normal(rng, 0.02, s.Dims...)
	}
	t := nn.Normal(rng, 1e-6, s.Dims...)
	for i := range s.Dims[0] {
		t.Row(i)[i] = 1
	}
	return t
}

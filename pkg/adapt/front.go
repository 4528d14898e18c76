package adapt

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Prefix is prefix tuning (Li and Liang, arXiv:2101.00190): Tokens positions in front of every text have keys and values of
// their own in each layer, 2·Layers·Tokens·KVHeads·headDim numbers, and they alone move. They start as what the model keeps of
// a text, so a fresh prefix is the model that has read the text (section 7.4); its positions are taken from the context.
type Prefix struct {
	Tokens int    // zero means 10
	Text   string // to start from, cut or repeated to Tokens tokens; empty means common tokens, drawn

	// Hidden, where it is not zero, trains a smaller prefix (Tokens, Dim) through an MLP, Dim → Hidden → the prefix, with tanh
	// between (section 4.3), whose last weights start at zero; what it gives is added to the start. The MLP is dropped when the
	// run ends: the result has the prefix alone. It learns much faster, at a third of the rate.
	Hidden int
}

// Prompt is prompt tuning (Lester et al., arXiv:2104.08691): Tokens embeddings in front of every text, which run through the
// model as tokens do; Tokens·Dim numbers, and they alone move. They start as the embeddings of a text or of common tokens
// (section 3.2). Each record of a packed row has them in front, so they cost what tokens cost.
type Prompt struct {
	Tokens int    // zero means 20
	Text   string // to start from, cut or repeated to Tokens tokens; empty means common tokens, drawn
}

func (a Prefix) tokens() int {
	if a.Tokens == 0 {
		return 10
	}
	return a.Tokens
}

func (a Prompt) tokens() int {
	if a.Tokens == 0 {
		return 20
	}
	return a.Tokens
}

// Name is prefix-10.
func (a Prefix) Name() string {
	name := fmt.Sprint("prefix-", a.tokens())
	if a.Hidden > 0 {
		name += fmt.Sprint(" mlp-", a.Hidden)
	}
	return name + started(a.Text, " ")
}

// Name is prompt-20.
func (a Prompt) Name() string { return fmt.Sprint("prompt-", a.tokens()) + started(a.Text, " ") }

func started(text, before string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%sfrom %q", before, text)
}

func (a Prefix) String() string {
	how := ""
	if a.Hidden > 0 {
		how = fmt.Sprintf(", trained through an MLP of %d that is dropped in the end", a.Hidden)
	}
	return fmt.Sprintf("keys and values of %d positions in front of every text, in each layer, move%s%s", a.tokens(), started(a.Text, "; they start "), how)
}

func (a Prompt) String() string {
	return fmt.Sprintf("%d embeddings in front of every text move%s", a.tokens(), started(a.Text, "; they start "))
}

// common is how many tokens count as common: those that a byte-pair vocabulary learned first (section 3.2 of Lester et al.
// takes 5,000).
const common = 5000

// start are n ids of a text, or common ones.
func start(m *model.Model, n int, text string, seed uint64) ([]int, error) {
	if n < 1 || n >= m.Config.Context {
		return nil, fmt.Errorf("%d positions in front: want 1 to %d, so that text fits behind", n, m.Config.Context-1)
	}
	if m.Tokenizer == nil {
		return nil, errors.New("the model has no tokenizer to start from: put its tokenizer.json beside its weights")
	}
	var from []int
	if text != "" {
		from = m.Tokenizer.Encode(text)
	}
	rng := rand.New(rand.NewPCG(seed, 0xf407))
	ids := make([]int, n)
	for i := range ids {
		if len(from) > 0 {
			ids[i] = from[i%len(from)]
			continue
		}
		for ids[i] = -1; ids[i] < 0 || m.Tokenizer.IsSpecial(ids[i]); {
			ids[i] = rng.IntN(min(common, m.Tokenizer.Size()))
		}
	}
	return ids, nil
}

// Attach puts the embeddings on a run's model.
func (a Prompt) Attach(m *model.Model, run Run) (*Attached, error) {
	ids, err := start(m, a.tokens(), a.Text, run.Seed)
	if err != nil {
		return nil, err
	}
	table := m.Params.Get(embedding + "weight")
	return extend(m, &model.Extras{Prompt: len(ids)}, func(s model.Shape) *compute.Tensor {
		t := compute.New(s.Dims...)
		for i, id := range ids {
			copy(t.Row(i), table.Row(id))
		}
		return t
	})
}

// Attach puts the prefix on a run's model.
func (a Prefix) Attach(m *model.Model, run Run) (*Attached, error) {
	if a.Hidden < 0 {
		return nil, fmt.Errorf("an MLP of %d: want a positive width, or zero for none", a.Hidden)
	}
	ids, err := start(m, a.tokens(), a.Text, run.Seed)
	if err != nil {
		return nil, err
	}
	read, err := m.Remember(context.Background(), ids)
	if err != nil {
		return nil, err
	}
	t, err := extend(m, &model.Extras{Prefix: read.Prefix}, func(s model.Shape) *compute.Tensor { return read.Params.Get(s.Name) })
	if err != nil || a.Hidden == 0 {
		return t, err
	}
	return t, a.through(t, run.Seed)
}

// The parameters of the MLP: what it reads, its first layer, and its last, which is cut into one for each value of the prefix.
const (
	prefixInput = "prefix.input"
	prefixMLP   = "prefix.mlp"
)

// through lets an MLP move in the place of the prefix.
func (a Prefix) through(t *Attached, seed uint64) error {
	made := t.Stages[0].Moves
	rng, dim := rand.New(rand.NewPCG(seed, 0x317)), t.Model.Config.Dim
	t.Added = &nn.Params{}
	limit := 1 / math.Sqrt(float64(dim))
	err := errors.Join(t.Added.Add(prefixInput, nn.Normal(rng, 1, a.tokens(), dim)),
		t.Added.Add(prefixMLP+".weight", nn.Uniform(rng, limit, a.Hidden, dim)),
		t.Added.Add(prefixMLP+".bias", nn.Constant(0, a.Hidden)))
	for _, name := range made {
		width := t.Model.Param(name).Shape[1]
		err = errors.Join(err, t.Added.Add(name+".mlp.weight", nn.Constant(0, width, a.Hidden)), t.Added.Add(name+".mlp.bias", nn.Constant(0, width)))
	}
	if err != nil {
		return err
	}
	t.Stages = []Stage{{Moves: t.Added.Names()}}
	extras := t.Model.Extras
	var hidden *graph.Node // of the graph under way
	var of *nn.Builder
	t.Hooks.Param = func(b *nn.Builder, name string) *graph.Node {
		if t.Added.Get(name+".mlp.weight") == nil {
			return nil
		}
		bind := func(name string) *graph.Node { return b.Bind(name, t.Added.Get(name), b.Moves(name)) }
		if of != b {
			of, hidden = b, graph.Tanh(graph.Linear(bind(prefixInput), bind(prefixMLP+".weight"), bind(prefixMLP+".bias")))
		}
		begun := b.Bind(name+".start", extras.Params.Get(name), false)
		return graph.Add(begun, graph.Linear(hidden, bind(name+".mlp.weight"), bind(name+".mlp.bias")))
	}
	t.Fold = func(m *model.Model) error {
		hidden := affine(t.Added, prefixMLP, t.Added.Get(prefixInput).Data, a.tokens())
		for i, v := range hidden {
			hidden[i] = float32(math.Tanh(float64(v)))
		}
		for _, name := range made {
			to := m.Param(name)
			for i, v := range affine(t.Added, name+".mlp", hidden, a.tokens()) {
				to.Data[i] += v
			}
		}
		return nil
	}
	return nil
}

// affine is x·Wᵀ + b of rows of x.
func affine(p *nn.Params, name string, x []float32, rows int) []float32 {
	w, bias := p.Get(name+".weight"), p.Get(name+".bias").Data
	out, in := w.Shape[0], w.Shape[1]
	y := make([]float32, rows*out)
	for r := range rows {
		for o := range out {
			sum := float64(bias[o])
			for i, v := range w.Row(o) {
				sum += float64(v) * float64(x[r*in+i])
			}
			y[r*out+o] = float32(sum)
		}
	}
	return y
}

var (
	_ Adaptation = Prefix{}
	_ Adaptation = Prompt{}
)

package model

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

// Outputs are what a method makes its loss from.
type Outputs struct {
	Hidden *graph.Node // (B·T, D), after the last norm
	Head   *graph.Node // (V, D), the output layer's weight
	Params []*graph.Node
	States []*graph.Node // (B·T, D) each: the embeddings, then what each layer gives, before the last norm

	Dropout *graph.Node // what graph.DropoutKey fills before each run; nil where nothing is dropped

	// What a method asked for with Auxiliary, if it did.
	Beside map[string]*Outputs // other models, on the same tokens
	Own    *nn.Builder         // builds with the method's own parameters; nil where it has none

	graph   *graph.Graph
	tokens  int // B·T
	batch   *Notes
	reports []Report
}

// Report is a scalar that a method wants to see beside its loss.
type Report struct {
	Name, Unit string
	Node       *graph.Node
}

// Notes are the inputs of a graph that examples fill beside their ids (data.Batch), those that a loss has asked for.
type Notes struct {
	Examples *graph.Node            // (B·T) integers: the number of each token's example; nil unless asked for
	Present  *graph.Node            // (B·T) integers: 0 for each example that there is, else −100
	Tokens   map[string]*graph.Node // (B·T) each: data.Example.Tokens
	Numbers  map[string]*graph.Node // (B·T) each: data.Example.Numbers, by the number of the example
}

// Token is the number that examples bring for every token under that name (data.Example.Tokens): (B·T), 0 at the ends of rows.
func (o *Outputs) Token(name string) *graph.Node {
	n := o.notes()
	return n.input(o, n.Tokens, name)
}

// Number is the number that examples bring for themselves under that name (data.Example.Numbers): (B·T), by the number of the
// example in its batch, and 0 above.
func (o *Outputs) Number(name string) *graph.Node {
	n := o.notes()
	return n.input(o, n.Numbers, name)
}

func (n *Notes) input(o *Outputs, of map[string]*graph.Node, name string) *graph.Node {
	if of[name] == nil {
		of[name] = o.graph.Input(name, o.tokens)
	}
	return of[name]
}

// SumExamples sums a value of every token, (B·T), over the tokens of each example: (B·T), by the number of the example.
func (o *Outputs) SumExamples(x *graph.Node) *graph.Node {
	n := o.notes()
	if n.Examples == nil {
		n.Examples = o.graph.Ints("examples", o.tokens)
	}
	return graph.SumBy(x, n.Examples, o.tokens)
}

// MeanExamples is the mean over the examples of a value of each, (B·T), as SumExamples and Number give it: a scalar.
func (o *Outputs) MeanExamples(x *graph.Node) *graph.Node {
	n := o.notes()
	if n.Present == nil {
		n.Present = o.graph.Ints("present", o.tokens)
	}
	return graph.MaskedMean(x, n.Present)
}

// Report has a scalar logged after every step, and on held-out records, under that name. unit is what an axis shows, or empty.
func (o *Outputs) Report(name, unit string, scalar *graph.Node) {
	o.reports = append(o.reports, Report{name, unit, scalar})
}

// Reports are those that were asked for, in order.
func (o *Outputs) Reports() []Report { return slices.Clone(o.reports) }

// Notes are the inputs that a loss has asked for.
func (o *Outputs) Notes() Notes { return *o.notes() }

func (o *Outputs) notes() *Notes {
	if o.batch == nil {
		o.graph, o.tokens = o.Hidden.Graph(), o.Hidden.Shape()[0]
		o.batch = &Notes{Tokens: map[string]*graph.Node{}, Numbers: map[string]*graph.Node{}}
	}
	return o.batch
}

// Feed gives a batch's notes to a machine: data.Batch has them under the same names, (B·T) each. What the loss reads and the batch
// lacks is an error.
func (n Notes) Feed(m *graph.Machine, examples, present []int32, tokens, numbers map[string][]float32) error {
	for _, f := range []struct {
		node   *graph.Node
		values []int32
	}{{n.Examples, examples}, {n.Present, present}} {
		if f.node != nil {
			if err := m.SetInts(f.node, f.values); err != nil {
				return err
			}
		}
	}
	for _, f := range []struct {
		nodes  map[string]*graph.Node
		values map[string][]float32
		what   string
	}{{n.Tokens, tokens, "for every token"}, {n.Numbers, numbers, "for themselves"}} {
		for name, node := range f.nodes {
			values, ok := f.values[name]
			if !ok {
				return fmt.Errorf("model: the loss reads %q, and the examples bring %v %s", name, slices.Sorted(maps.Keys(f.values)), f.what)
			}
			if err := m.SetFloats(node, values); err != nil {
				return err
			}
		}
	}
	return nil
}

// LogProbs are the log-probabilities of the targets, (B·T): 0 where a target is −100.
func (o *Outputs) LogProbs(targets *graph.Node) *graph.Node {
	return graph.LinearLogProb(o.Hidden, o.Head, targets)
}

// Scores are what a scalar head of the method's own says after every token, (B·T): its weight is the parameter name+".weight"
// of Own, (1, D).
func (o *Outputs) Scores(name string) *graph.Node {
	return graph.Reshape(o.Own.Linear(name, o.Hidden), o.tokens)
}

// Tokens is how many tokens the model reads at once, B·T.
func (o *Outputs) Tokens() int { return o.tokens }

// NewOutputs are outputs of tokens hidden values (B·T, D) and an output layer (V, D) that stand in a graph already, to try a loss by
// itself; the parameters of own, which may be nil, move.
func NewOutputs(g *graph.Graph, tokens int, hidden, head *graph.Node, own *nn.Params) *Outputs {
	out := &Outputs{graph: g, tokens: tokens, Hidden: hidden, Head: head}
	if own != nil {
		out.Own = nn.NewBuilder(g, own, nn.Hooks{})
	}
	return out
}

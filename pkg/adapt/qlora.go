package adapt

import (
	"errors"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
)

// QLoRA is LoRA over a base whose linear layers are held in four bits a weight while it trains (Dettmers et al.,
// arXiv:2305.14314): NF4 in blocks of 64 with a scale each, 4.5 bits a weight in all; scales are not quantized a second time.
// Products widen some rows at a time, forward and for the gradient of the input, so that the weight is never there in float32.
// Embedding, norms and head stay as they are. The zero value adapts every linear layer, as the paper does (section 5).
//
// The base that it starts at is the rounded one. Merged gives a model with the rounded weights and what was learned; the model
// that a run was given keeps its bits.
type QLoRA struct {
	LoRA // its On of nil means AllLinear here
}

// Name is that of the LoRA with a q.
func (a QLoRA) Name() string   { return "q" + a.lora().Name() }
func (a QLoRA) String() string { return a.lora().String() + "; over a base in NF4" }

func (a QLoRA) lora() LoRA {
	l := a.LoRA
	if len(l.On) == 0 {
		l.On = []string{AllLinear}
	}
	return l
}

func (a QLoRA) count(shapes []model.Shape) (int, error) { return a.lora().count(shapes) }

// Attach quantizes the linear layers of m and drops their float32.
func (a QLoRA) Attach(m *model.Model, run Run) (*Attached, error) {
	if a.PiSSA {
		return nil, errors.New("PiSSA starts at singular values of a weight that QLoRA rounds: choose one of the two")
	}
	if _, err := a.lora().plan(shapesOf(m)); err != nil {
		return nil, err
	}
	q := &held{model: m, codes: map[string][]int32{}, scales: map[string][]float32{}}
	for _, l := range linears(shapesOf(m)) {
		w := m.Params.Get(l.Name + ".weight")
		q.codes[l.Name], q.scales[l.Name] = compute.QuantizeNF4(w.Data)
		w.Data = nil // its shape stays, to count by
	}
	return a.lora().attach(m, run, q)
}

// held are weights in four bits, by layer. A nil one holds none: layers are then as they are.
type held struct {
	model  *model.Model
	codes  map[string][]int32
	scales map[string][]float32
}

// linear is the layer of the base, with its bias.
func (q *held) linear(b *nn.Builder, name string, x *graph.Node) *graph.Node {
	if q == nil {
		return b.Plain(name, x)
	}
	var bias *graph.Node
	if q.model.Params.Get(name+".bias") != nil {
		bias = b.Param(name + ".bias")
	}
	return q.frozen(b, name).product(x, bias)
}

// frozen are the nodes of a layer's weight: w, or codes and scales.
type frozen struct {
	w, codes, scales *graph.Node
	out              int
}

func (q *held) frozen(b *nn.Builder, name string) frozen {
	if q == nil {
		return frozen{w: b.Param(name + ".weight")}
	}
	codes, scales := q.codes[name], q.scales[name]
	return frozen{codes: b.Graph.Codes(name+".nf4", codes), scales: b.Bind(name+".nf4_scales", &compute.Tensor{Shape: []int{len(scales)}, Data: scales}, false),
		out: q.model.Params.Get(name + ".weight").Shape[0]}
}

// product is x·Wᵀ + bias, which may be nil.
func (f frozen) product(x, bias *graph.Node) *graph.Node {
	if f.w != nil {
		return graph.Linear(x, f.w, bias)
	}
	return graph.LinearNF4(x, f.codes, f.scales, bias, f.out)
}

// weight is the weight of a layer in float32, for a moment.
func (q *held) weight(name string, w *compute.Tensor) *compute.Tensor {
	if q == nil {
		return w
	}
	wide := compute.New(w.Shape...)
	compute.DequantizeNF4(wide.Data, q.codes[name], q.scales[name], 0)
	return wide
}

// widen gives the layers of m the weights that are held.
func (q *held) widen(m *model.Model) {
	for name := range q.codes {
		w := m.Params.Get(name + ".weight")
		w.Data = q.weight(name, w).Data
	}
}

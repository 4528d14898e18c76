package nn

import (
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/graph"
)

// Hooks reach into a model while its graph is being built. The zero value
// changes nothing: every parameter moves and every layer is plain.
type Hooks struct {
	// Prefix is what the names of the nodes of parameters begin with, to tell
	// several models in one graph apart.
	Prefix string

	// Trainable says whether the parameter of that name moves. Nil means all do.
	Trainable func(name string) bool

	// Linear computes the linear layer name, whose weight is the parameter
	// name+".weight", from x (R, in) to (R, out). b.Plain(name, x) is the
	// layer as it would be without the hook. Nil means plain everywhere.
	Linear func(b *Builder, name string, x *graph.Node) *graph.Node

	// Param computes the parameter of that name from others, as a prefix is computed from a smaller one while it is
	// trained. Nil, or an answer of nil, means the parameter itself.
	Param func(b *Builder, name string) *graph.Node

	// Sublayer sees each part of a block, named after its parameters
	// (model.layers.0.self_attn, model.layers.0.mlp), with what entered it,
	// after the norm, and what it gave, before the residual sum, both (R, D).
	// What it returns takes the place of out. Nil means out as it is.
	Sublayer func(b *Builder, name string, in, out *graph.Node) *graph.Node
}

// Builder builds layers into one graph from one set of parameters.
type Builder struct {
	Graph *graph.Graph

	params *Params
	more   *Params // of With
	hooks  Hooks
	nodes  map[string]*graph.Node
	moving []*graph.Node
	scope  string      // before the names that Bind gives
	key    *graph.Node // of all dropouts, nil while there is none
	err    error
}

// NewBuilder prepares to build layers of p into g. Training changes the
// tensors of p in place; pass a Clone to keep the original.
func NewBuilder(g *graph.Graph, p *Params, h Hooks) *Builder {
	return &Builder{Graph: g, params: p, hooks: h, nodes: map[string]*graph.Node{}}
}

// With lets the builder find parameters in a second set too.
func (b *Builder) With(more *Params) { b.more = more }

// find is the tensor of that name in either set, or nil.
func (b *Builder) find(name string) *compute.Tensor {
	if t := b.params.Get(name); t != nil || b.more == nil {
		return t
	}
	return b.more.Get(name)
}

// Param is the node of the named parameter, or what Hooks.Param makes of it. Asking twice gives the same node,
// which is how an embedding is tied to the head: both gradients add up.
// A parameter that does not exist is remembered as the builder's error.
func (b *Builder) Param(name string) *graph.Node {
	if n, ok := b.nodes[name]; ok {
		return n
	}
	if b.hooks.Param != nil {
		if n := b.hooks.Param(b, name); n != nil {
			b.nodes[name] = n
			return n
		}
	}
	t := b.find(name)
	if t == nil {
		b.fail(fmt.Errorf("nn: the model has no parameter %q", name))
		// A stand-in keeps the builders going; Err reports the cause.
		t = compute.New(1, 1)
	}
	return b.bind(name, t, b.Moves(name))
}

// Moves says whether the parameter of that name moves; adapters ask it for
// their own before they Bind them.
func (b *Builder) Moves(name string) bool { return b.hooks.Trainable == nil || b.hooks.Trainable(name) }

// Bind adds a tensor that is not among the model's parameters, as an adapter
// does for its own. Names must be new to this builder.
func (b *Builder) Bind(name string, t *compute.Tensor, moves bool) *graph.Node {
	return b.bind(b.scope+name, t, moves)
}

func (b *Builder) bind(name string, t *compute.Tensor, moves bool) *graph.Node {
	if _, taken := b.nodes[name]; taken {
		b.fail(fmt.Errorf("nn: parameter %q is bound already", name))
	}
	var n *graph.Node
	if moves {
		n = b.Graph.Param(b.hooks.Prefix+name, t)
		b.moving = append(b.moving, n)
	} else {
		n = b.Graph.Constant(b.hooks.Prefix+name, t)
	}
	b.nodes[name] = n
	return n
}

// Within builds with scope before the names that Bind gives, so that adapters
// of equal names can stand in one graph.
func (b *Builder) Within(scope string, build func() *graph.Node) *graph.Node {
	outer := b.scope
	b.scope = outer + scope
	defer func() { b.scope = outer }()
	return build()
}

// Moving lists the nodes of all parameters that move, in the order in which
// they were first used.
func (b *Builder) Moving() []*graph.Node { return slices.Clone(b.moving) }

// Err is the first thing that went wrong, in the builder or in its graph.
func (b *Builder) Err() error {
	if b.err != nil {
		return b.err
	}
	return b.Graph.Err()
}

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

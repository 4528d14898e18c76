package model

import (
	"github.com/tunebook/tunebook/pkg/graph"
	"github.com/tunebook/tunebook/pkg/nn"
)

func (a Activation) graph(x *graph.Node) *graph.Node {
	switch a {
	case GELU:
		return graph.GELU(x)
	case SiLU:
		return graph.SiLU(x)
	case Tanh:
		return graph.Tanh(x)
	}
	return graph.ReLU(x)
}

// sublayer passes what a sublayer gave through the adapters there.
func (e *Extras) sublayer(b *nn.Builder, name string, in, out *graph.Node) *graph.Node {
	if e == nil {
		return out
	}
	for _, s := range e.Sites {
		if s.Sublayer == name {
			out = s.graph(b, in, out)
		}
	}
	return out
}

// hooks are h with the low-rank updates added to what their layers give.
func (e *Extras) hooks(h nn.Hooks) nn.Hooks {
	if e == nil || len(e.Updates) == 0 {
		return h
	}
	inner := h.Linear
	h.Linear = func(b *nn.Builder, name string, x *graph.Node) *graph.Node {
		var y *graph.Node
		if inner != nil {
			y = inner(b, name, x)
		} else {
			y = b.Plain(name, x)
		}
		for _, u := range e.Updates {
			if u.Layer == name {
				z := b.Plain(u.Name+".lora_B", b.Plain(u.Name+".lora_A", x))
				y = graph.Add(y, graph.Scale(z, u.Scale))
			}
		}
		return y
	}
	return h
}

func (s Site) graph(b *nn.Builder, in, out *graph.Node) *graph.Node {
	sum := out
	var keys, values []*graph.Node
	for _, a := range s.Adapters {
		x := out
		if a.Parallel {
			x = in
		}
		z := b.Plain(a.Name+".up", a.Activation.graph(b.Plain(a.Name+".down", x)))
		if a.Scale != 1 {
			z = graph.Scale(z, a.Scale)
		}
		if s.Fusion == "" {
			sum = graph.Add(sum, z)
			continue
		}
		keys, values = append(keys, b.Plain(s.Fusion+".key", z)), append(values, b.Plain(s.Fusion+".value", z))
	}
	if s.Fusion == "" {
		return sum
	}
	return graph.Add(out, graph.Fuse(b.Plain(s.Fusion+".query", out), keys, values))
}

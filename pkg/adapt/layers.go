package adapt

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tunebook/tunebook/pkg/model"
)

// The names of a decoder's parts outside of its layers.
const (
	embedding = "model.embed_tokens."
	finalNorm = "model.norm."
	ownHead   = "lm_head."
)

// layerOf is the number of the layer to which a parameter belongs.
func layerOf(name string) (layer int, ok bool) {
	rest, ok := strings.CutPrefix(name, "model.layers.")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, ".")
	layer, err := strconv.Atoi(number)
	return layer, err == nil
}

// from says whether a parameter stands at or above a layer. The head does where it has a weight of its own: a tied one is
// the embedding, the very bottom.
func from(name string, layer int) bool {
	if l, ok := layerOf(name); ok {
		return l >= layer
	}
	return strings.HasPrefix(name, finalNorm) || strings.HasPrefix(name, ownHead)
}

// Last moves the last k layers, the final norm, and the head where it has a weight of its own. The embedding and the layers
// below stay, and with a tied embedding so does the head: see Untie. Bottom layers hold what texts have in common, top layers
// what tasks ask for, so much of a full fine-tuning is had for less (Lee et al., arXiv:1911.03090).
func Last(k int) Adaptation { return last{k} }

type last struct{ k int }

func (a last) Name() string { return fmt.Sprintf("last-%d", a.k) }
func (a last) String() string {
	return fmt.Sprintf("the last %s, the final norm and the head, if it has a weight of its own, move; everything below is frozen", some(a.k))
}

func (a last) Attach(m *model.Model, _ Run) (*Attached, error) {
	if a.k < 1 || a.k > m.Config.Layers {
		return nil, fmt.Errorf("the model has %s: want 1 to %d of them to move", layers(m.Config.Layers), m.Config.Layers)
	}
	return attached(m, where(m, func(name string) bool { return from(name, m.Config.Layers-a.k) })), nil
}

// FreezeFirst freezes the embedding and the first k layers: Last seen from below. A tied head freezes with the embedding.
func FreezeFirst(k int) Adaptation { return freezeFirst{k} }

type freezeFirst struct{ k int }

func (a freezeFirst) Name() string { return fmt.Sprintf("freeze-first-%d", a.k) }
func (a freezeFirst) String() string {
	what := "the embedding is frozen"
	if a.k != 0 {
		what = fmt.Sprintf("the embedding and the first %s are frozen", some(a.k))
	}
	return what + ", and so is the head if it shares the embedding's weight; everything above moves"
}

func (a freezeFirst) Attach(m *model.Model, _ Run) (*Attached, error) {
	if a.k < 0 || a.k >= m.Config.Layers {
		return nil, fmt.Errorf("the model has %s: want 0 to %d of them frozen", layers(m.Config.Layers), m.Config.Layers-1)
	}
	return attached(m, where(m, func(name string) bool { return from(name, a.k) })), nil
}

// Head moves the output layer alone, lm_head.weight. In a tied model that weight is the embedding's, and moving it moves the
// inputs of the model as well, so Head is an error there that wraps ErrTied: see Untie.
func Head() Adaptation { return head{} }

type head struct{}

func (head) Name() string   { return "head" }
func (head) String() string { return "only the head, the output layer, moves" }

func (head) Attach(m *model.Model, _ Run) (*Attached, error) {
	if m.Config.Tied {
		return nil, fmt.Errorf(`%w, so it cannot move alone: adapt.Untie(adapt.Head()) gives it a copy of its own, %d parameters more; adapt.Match("model.embed_tokens.weight") moves embedding and head together`,
			ErrTied, m.Config.Vocab*m.Config.Dim)
	}
	return attached(m, where(m, func(name string) bool { return strings.HasPrefix(name, ownHead) })), nil
}

// Untie gives a head that shares the embedding's weight a copy of its own before a puts itself on the model, which then
// computes what it did, has Vocab·Dim parameters more and is saved as an untied one. A head of its own stays as it is.
func Untie(a Adaptation) Adaptation { return untie{a} }

type untie struct{ a Adaptation }

func (u untie) Name() string   { return "untied-" + u.inner().Name() }
func (u untie) String() string { return u.inner().String() + "; the head has a weight of its own" }

func (u untie) inner() Adaptation {
	if u.a == nil {
		return Full()
	}
	return u.a
}

func (u untie) Attach(m *model.Model, run Run) (*Attached, error) {
	if err := m.Untie(); err != nil {
		return nil, err
	}
	return u.inner().Attach(m, run)
}

// some continues "the last" and "the first".
func some(n int) string {
	if n == 1 {
		return "layer"
	}
	return layers(n)
}

// layers counts them in words.
func layers(n int) string {
	if n == 1 {
		return "1 layer"
	}
	return fmt.Sprintf("%d layers", n)
}

package adapt_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/compute"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/nn"
	"github.com/tunebook/tunebook/pkg/token"
)

// The sizes of a small model, and how many parameters its parts have.
const (
	dim, depth, wide, kv = 16, 3, 24, 8
	oneNorm              = dim
	block                = 2*dim*dim + 2*kv*dim + 3*dim*wide + 2*oneNorm
	blockBiases          = dim + kv + kv + dim + wide + wide + dim
)

func small(tied bool) *model.Model {
	tok := token.Must(token.Train(context.Background(), nil, token.TrainOptions{}))
	c := model.Config{Dim: dim, Layers: depth, Heads: 4, KVHeads: 2, Hidden: wide, Context: 32, Tied: tied}
	return model.Must(model.New(c, tok, rand.New(rand.NewPCG(1, 2))))
}

// What moves, counted by hand, in a tied model and in an untied one. A tied head stays with the embedding.
func TestWhatMoves(t *testing.T) {
	vocab := small(true).Config.Vocab * dim
	all := vocab + depth*block + oneNorm
	for _, c := range []struct {
		a            adapt.Adaptation
		tied, untied int // parameters that move; zero where it is an error
	}{
		{nil, all, all + vocab},
		{adapt.Full(), all, all + vocab},
		{adapt.Last(1), block + oneNorm, block + oneNorm + vocab},
		{adapt.Last(3), 3*block + oneNorm, 3*block + oneNorm + vocab},
		{adapt.FreezeFirst(0), 3*block + oneNorm, 3*block + oneNorm + vocab},
		{adapt.FreezeFirst(2), block + oneNorm, block + oneNorm + vocab},
		{adapt.Head(), 0, vocab},
		{adapt.Untie(adapt.Head()), vocab, vocab},
		{adapt.Untie(adapt.Last(1)), block + oneNorm + vocab, block + oneNorm + vocab},
		{adapt.Untie(nil), all + vocab, all + vocab},
		{adapt.Match("*.mlp.*"), depth * 3 * dim * wide, depth * 3 * dim * wide},
		{adapt.Match("*.norm.*"), oneNorm, oneNorm}, // the final one: the others are called layernorm
		{adapt.Match("model.layers.[02].*_proj.weight", "*"), all, all + vocab},
		{adapt.Match("lm_head.*"), 0, vocab},
		{adapt.Freeze("model.embed_tokens.*"), all - vocab, all},
		{adapt.BitFit(), depth * blockBiases, depth * blockBiases},
		{adapt.BitFit("q_proj", "gate_proj"), depth * (dim + wide), depth * (dim + wide)},
		{adapt.Norms(), (2*depth + 1) * dim, (2*depth + 1) * dim},
		{adapt.Unfreeze(10), all, all + vocab},
	} {
		for tied, want := range map[bool]int{true: c.tied, false: c.untied} {
			base := small(tied)
			before := base.Hash()
			got, err := adapt.Attach(base, c.a)
			if base.Hash() != before || base.Config.Tied != tied {
				t.Errorf("%v changed the base", c.a)
			}
			switch {
			case want == 0 && err == nil:
				t.Errorf("%v on tied=%v: no error", c.a, tied)
			case want != 0 && err != nil:
				t.Errorf("%v on tied=%v: %v", c.a, tied, err)
			case want != 0 && got.Trainable() != want:
				t.Errorf("%v on tied=%v: %d parameters move, want %d", c.a, tied, got.Trainable(), want)
			}
		}
	}
}

// The number for a Llama of 3 billion parameters; weights are not needed to count, so all share one block of memory.
func TestNormsOfALargeModel(t *testing.T) {
	const dim, inner, depth = 3072, 8192, 28
	shared := make([]float32, dim*inner)
	params := &nn.Params{}
	add := func(name string, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		if err := params.Add(name, &compute.Tensor{Shape: shape, Data: shared[:n]}); err != nil {
			t.Fatal(err)
		}
	}
	for l := range depth {
		p := fmt.Sprintf("model.layers.%d.", l)
		add(p+"input_layernorm.weight", dim)
		add(p+"self_attn.q_proj.weight", dim, dim)
		add(p+"post_attention_layernorm.weight", dim)
		add(p+"mlp.up_proj.weight", inner, dim)
	}
	add("model.norm.weight", dim)
	got, err := adapt.Norms().Attach(&model.Model{Config: model.Config{Layers: depth}, Params: params}, adapt.Run{})
	if err != nil || got.Trainable() != 175104 {
		t.Errorf("%d parameters, %v: want 175104", got.Trainable(), err)
	}
}

// An adaptation starts at the base model, bit for bit: zero biases and a copied head change no logit.
func TestStartsAtTheBase(t *testing.T) {
	ctx := context.Background()
	base := small(true)
	ids := base.Tokenizer.ChatPrompt("what?")
	want, err := base.Logits(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []adapt.Adaptation{adapt.Full(), adapt.Last(1), adapt.BitFit(), adapt.Norms(), adapt.Untie(adapt.Head()), adapt.Unfreeze(5)} {
		m, err := adapt.Must(adapt.Attach(base, a)).Merged()
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Logits(ctx, ids)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Data, want.Data) {
			t.Errorf("%v: other logits", a)
		}
	}
}

// Top first, one layer at a time, the embedding and tied head last; a head of its own is with the top.
func TestUnfreezeStages(t *testing.T) {
	type stage struct {
		after, moves int
	}
	top, vocab := block+oneNorm, small(true).Config.Vocab*dim
	whole := []stage{{0, top}, {10, top + block}, {20, top + 2*block}, {30, top + 2*block + vocab}}
	for _, c := range []struct {
		name         string
		every, steps int
		want         []stage
	}{
		{"every ten", 10, 100, whole},
		{"spread evenly over four parts", 0, 40, whole},
		{"200 steps where none are given", 0, 0, []stage{{0, top}, {50, top + block}, {100, top + 2*block}, {150, top + 2*block + vocab}}},
		{"too short for the embedding", 10, 30, whole[:3]},
		{"the step after would be the next layer's", 10, 10, whole[:1]},
		{"fewer steps than layers", 0, 2, []stage{{0, top + block}, {1, top + 2*block + vocab}}},
	} {
		got, err := adapt.Attach(small(true), adapt.Unfreeze(c.every), adapt.Run{Steps: c.steps})
		if err != nil {
			t.Fatal(err)
		}
		var stages []stage
		for i, s := range got.Stages {
			stages = append(stages, stage{s.After, got.TrainableAt(i)})
		}
		if !slices.Equal(stages, c.want) {
			t.Errorf("%s: %v, want %v", c.name, stages, c.want)
		}
	}
	got := adapt.Must(adapt.Attach(small(false), adapt.Unfreeze(10)))
	if got.TrainableAt(0) != top+vocab {
		t.Errorf("%d parameters move first in an untied model, want the top and its head, %d", got.TrainableAt(0), top+vocab)
	}
	for step, want := range map[int]int{1: 0, 10: 0, 11: 1, 31: 3, 99: 3} {
		if at := got.StageAt(step); at != want {
			t.Errorf("step %d belongs to stage %d, want %d", step, at, want)
		}
	}
	if h := got.HooksAt(0); !h.Trainable("lm_head.weight") || h.Trainable("model.layers.1.mlp.up_proj.weight") {
		t.Error("the hooks of the first stage move something else")
	}
}

func TestAttachRefuses(t *testing.T) {
	for _, c := range []struct {
		a    adapt.Adaptation
		is   error
		says []string
	}{
		{adapt.Head(), adapt.ErrTied, []string{"adapt.Untie(adapt.Head())", fmt.Sprint(small(true).Config.Vocab*dim, " parameters more")}},
		{adapt.Match("*.norms.*"), adapt.ErrNoMatch, []string{`"*.norms.*"`, "near are model.norm.weight,"}},
		{adapt.Match("*.mlp.*", "*.q_prj.weight"), adapt.ErrNoMatch, []string{`"*.q_prj.weight"`, "near are model.layers.*.self_attn.q_proj.weight,"}},
		{adapt.Match("model.layers.7.mlp.up_proj.weight"), adapt.ErrNoMatch, []string{"near are model.layers.*.mlp.up_proj.weight,"}},
		{adapt.Match("lm_head.weight"), adapt.ErrNoMatch, []string{"adapt.Untie"}},
		{adapt.Match("*.bias"), adapt.ErrNoMatch, []string{"adapt.BitFit"}},
		{adapt.Freeze("*.nothing"), adapt.ErrNoMatch, []string{"freeze"}},
		{adapt.Freeze("*"), adapt.ErrNothing, []string{"none of them moves"}},
		{adapt.Match(), nil, []string{"no pattern was given"}},
		{adapt.Match("[a"), nil, []string{`"[a"`, "needs its ]"}},
		{adapt.Last(0), nil, []string{"3 layers", "1 to 3"}},
		{adapt.Last(4), nil, []string{"last-4", "1 to 3"}},
		{adapt.FreezeFirst(3), nil, []string{"0 to 2"}},
		{adapt.FreezeFirst(-1), nil, []string{"0 to 2"}},
		{adapt.BitFit("q"), nil, []string{`no layer "q"`, "q_proj, k_proj"}},
		{adapt.Unfreeze(-1), nil, []string{"negative"}},
		{adapt.Untie(adapt.Match("x")), adapt.ErrNoMatch, nil},
	} {
		_, err := adapt.Attach(small(true), c.a)
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%v: %v, want %v", c.a, err, c.is)
			continue
		}
		for _, s := range append(c.says, "adapt: ") {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%v: %q does not say %q", c.a, err, s)
			}
		}
	}
	if _, err := adapt.Attach(nil, adapt.Full()); err == nil {
		t.Error("no model: no error")
	}
}

// broken answers whatever a test makes of it.
type broken struct {
	make func(m *model.Model) *adapt.Attached
}

func (broken) Name() string   { return "broken" }
func (broken) String() string { return "broken" }
func (b broken) Attach(m *model.Model, _ adapt.Run) (*adapt.Attached, error) {
	return b.make(m), nil
}

// An adaptation that somebody else writes is checked before a run trips over it.
func TestAttachChecksTheAnswer(t *testing.T) {
	const norm, other = "model.norm.weight", "model.layers.0.input_layernorm.weight"
	with := func(added string) *nn.Params {
		p := &nn.Params{}
		if err := p.Add(added, nn.Constant(0, 2)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	fold := func(*model.Model) error { return nil }
	stages := func(s ...adapt.Stage) func(*model.Model) *adapt.Attached {
		return func(m *model.Model) *adapt.Attached { return &adapt.Attached{Model: m, Stages: s} }
	}
	for says, make := range map[string]func(m *model.Model) *adapt.Attached{
		"returned nothing":      func(*model.Model) *adapt.Attached { return nil },
		"Model is nil":          func(*model.Model) *adapt.Attached { return &adapt.Attached{} },
		"nothing is left":       stages(),
		"no parameter has such": stages(adapt.Stage{Moves: []string{"model.nrm.weight"}}),
		"lists":                 stages(adapt.Stage{Moves: []string{norm, norm}}),
		"want 0 for the first":  stages(adapt.Stage{After: 1, Moves: []string{norm}}),
		"each after the one":    stages(adapt.Stage{Moves: []string{norm}}, adapt.Stage{Moves: []string{norm, other}}),
		"freezes " + norm:       stages(adapt.Stage{Moves: []string{norm}}, adapt.Stage{After: 2, Moves: []string{other}}),
		"needs Attached.Fold": func(m *model.Model) *adapt.Attached {
			return &adapt.Attached{Model: m, Added: with("new"), Stages: []adapt.Stage{{Moves: []string{"new"}}}}
		},
		"a name that the model": func(m *model.Model) *adapt.Attached {
			return &adapt.Attached{Model: m, Added: with(norm), Fold: fold, Stages: []adapt.Stage{{Moves: []string{norm}}}}
		},
	} {
		if _, err := adapt.Attach(small(true), broken{make}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want an error that says %q", err, says)
		}
	}
}

// A learner reads what moves in one line, and part by part in a table.
func TestCard(t *testing.T) {
	vocab := small(true).Config.Vocab
	all := vocab*dim + depth*block + oneNorm
	got := adapt.Must(adapt.Attach(small(true), adapt.Last(1)))
	want := fmt.Sprintf("last-1: %d of %d parameters move (%.1f%%): the last layer, the final norm and the head, if it has a weight of its own, move; everything below is frozen",
		block+oneNorm, all, 100*float64(block+oneNorm)/float64(all))
	if got.String() != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	var rows []string
	for _, r := range adapt.Must(adapt.Attach(small(true), adapt.Unfreeze(10), adapt.Run{Steps: 30})).Table().Rows {
		rows = append(rows, strings.Join(r, "|"))
	}
	wantRows := []string{
		fmt.Sprintf("embedding, which is the head too|%d|0|0%%|never", vocab*dim),
		fmt.Sprintf("layer 0|%d|%d|100.0%%|21", block, block),
		fmt.Sprintf("layer 1|%d|%d|100.0%%|11", block, block),
		fmt.Sprintf("layer 2|%d|%d|100.0%%|1", block, block),
		fmt.Sprintf("final norm|%d|%d|100.0%%|1", dim, dim),
	}
	if !slices.Equal(rows, wantRows) {
		t.Errorf("%v\nwant\n%v", rows, wantRows)
	}
	if h := adapt.Must(adapt.Attach(small(false), adapt.BitFit())).HTML(); !strings.Contains(h, "<td style=\"text-align:left\">head</td>") {
		t.Errorf("the table of an untied model has no head: %s", h)
	}
	seen := map[string]bool{}
	for _, a := range []adapt.Adaptation{adapt.Full(), adapt.Last(1), adapt.Last(2), adapt.FreezeFirst(1), adapt.Head(), adapt.Untie(adapt.Head()), adapt.Match("a"), adapt.Match("b"),
		adapt.Freeze("a"), adapt.BitFit(), adapt.BitFit("q_proj"), adapt.Norms(), adapt.Unfreeze(0), adapt.Unfreeze(1), adapt.Unfreeze(2)} {
		if seen[a.Name()] || seen[a.String()] {
			t.Errorf("%s, %q: another adaptation says the same", a.Name(), a)
		}
		seen[a.Name()], seen[a.String()] = true, true
	}
}

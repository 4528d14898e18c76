package adapt

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/model"
)

// AllLinear stands for every linear layer of the blocks, as QLoRA adapts them (arXiv:2305.14314, section 5). Embedding and head
// are not among them.
const AllLinear = "all-linear"

// Layer is a linear layer that an adaptation changes.
type Layer struct {
	Name    string // such as model.layers.0.self_attn.q_proj
	Out, In int
	Rank    int     // of LoRA; zero of others
	Alpha   float64 // of LoRA
	Scale   float64 // what B·A is multiplied by, the effective scale
	Params  int     // that were added for it
}

// linears are the layers that hooks reach: matrices that are no embedding and no head.
func linears(shapes []model.Shape) []Layer {
	var out []Layer
	for _, s := range shapes {
		name, ok := strings.CutSuffix(s.Name, ".weight")
		if !ok || len(s.Dims) != 2 || slices.Contains([]string{"embed_tokens", "lm_head", "wte", "wpe"}, ending(name)) {
			continue
		}
		out = append(out, Layer{Name: name, Out: s.Dims[0], In: s.Dims[1]})
	}
	return out
}

// ending is what follows the last dot.
func ending(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// fits says whether a layer is meant: by AllLinear, by the end of its name, such as q_proj or self_attn.q_proj, or by a pattern
// as Match takes, for the whole name with .weight or without.
func fits(target, name string) (bool, error) {
	if target == AllLinear || name == target || strings.HasSuffix(name, "."+target) {
		return true, nil
	}
	for _, n := range []string{name, name + ".weight"} {
		ok, err := path.Match(target, n)
		if err != nil {
			return false, fmt.Errorf("pattern %q: %w: a [ needs its ], and \\ stands before a character that is meant itself", target, err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}

// choose are the layers that any of the targets fits; each target must fit some.
func choose(all []Layer, targets []string) ([]Layer, error) {
	chosen := map[string]bool{}
	for _, target := range targets {
		some := false
		for _, l := range all {
			ok, err := fits(target, l.Name)
			if err != nil {
				return nil, err
			}
			if ok {
				chosen[l.Name], some = true, true
			}
		}
		if !some {
			return nil, unfit(target, all)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(l Layer) bool { return !chosen[l.Name] }), nil
}

// unfit is ErrNoMatch for a target, with the names that look most like it.
func unfit(target string, all []Layer) error {
	var near []string
	for _, l := range all {
		name := number.ReplaceAllString(l.Name, ".*.")
		if !strings.ContainsAny(target, ".*?[") {
			name = ending(name)
		}
		if !slices.Contains(near, name) {
			near = append(near, name)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return cmp.Compare(distance(target, a), distance(target, b)) })
	hint := ""
	switch {
	case strings.Contains(target, "head"), strings.Contains(target, "embed"):
		hint = "; embedding and head are no layers of a block: Match and Head move them whole"
	case strings.Contains(target, "norm"):
		hint = "; norms are no linear layers: Norms moves them whole"
	}
	return fmt.Errorf("target %q: %w among the linear layers; near are %s, or %q for all%s", target, ErrNoMatch, strings.Join(near[:min(nearest, len(near))], ", "), AllLinear, hint)
}

// shapesOf are the shapes of a model's parameters.
func shapesOf(m *model.Model) []model.Shape {
	var out []model.Shape
	for _, name := range m.Params.Names() {
		out = append(out, model.Shape{Name: name, Dims: m.Params.Get(name).Shape})
	}
	return out
}

// layers is the table of adapted layers, those of one kind together.
func (t *Attached) layers() *metric.Table {
	table := &metric.Table{Title: t.String(), Header: []string{"matched", "layers", "shape", "rank", "alpha", "effective scale", "parameters", "of the layer"}}
	type kind struct {
		name string
		Layer
	}
	var kinds []kind
	count := map[kind]int{}
	for _, l := range t.Layers {
		k := kind{number.ReplaceAllString(l.Name, ".*."), l}
		k.Name = ""
		if count[k] == 0 {
			kinds = append(kinds, k)
		}
		count[k]++
	}
	for _, k := range kinds {
		rank, alpha, scale := "", "", ""
		if k.Rank > 0 {
			rank, alpha, scale = fmt.Sprint(k.Rank), fmt.Sprintf("%g", k.Alpha), fmt.Sprintf("%.4g", k.Scale)
		}
		table.Add(k.name, fmt.Sprint(count[k]), fmt.Sprintf("%d × %d", k.Out, k.In), rank, alpha, scale,
			fmt.Sprint(count[k]*k.Params), percent(float64(k.Params)/float64(k.Out*k.In)))
	}
	table.Add("all", fmt.Sprint(len(t.Layers)), "", "", "", "", fmt.Sprint(t.Trainable()), percent(t.Share())+" of the model")
	return table
}

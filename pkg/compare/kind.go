package compare

import (
	"fmt"
	"strings"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/train"
)

// kind is a method that a configuration can name. A new one is a line of kinds.
type kind struct {
	name     string
	about    string
	settings []setting
	apply    func(j *train.Job, v values)
}

// setting is what can be said about a method. The usual value also says of which type it is.
type setting struct {
	name  string
	usual any // int, float64, bool, string or []string
	about string
}

// values are the settings of one method, all of them.
type values map[string]any

func (v values) int(name string) int        { return v[name].(int) } // parsed by the type of the usual value
func (v values) float(name string) float64  { return v[name].(float64) }
func (v values) words(name string) []string { return v[name].([]string) }

func moves(a adapt.Adaptation) func(*train.Job, values) {
	return func(j *train.Job, _ values) { j.Adapt = a }
}

var kinds = []kind{
	{"full", "every parameter moves", nil, moves(adapt.Full())},
	{"last", "the last layers move", []setting{{"layers", 1, "how many"}}, func(j *train.Job, v values) { j.Adapt = adapt.Last(v.int("layers")) }},
	{"freeze-first", "all but the first layers move", []setting{{"layers", 1, "how many stay"}}, func(j *train.Job, v values) { j.Adapt = adapt.FreezeFirst(v.int("layers")) }},
	{"head", "the head alone moves, with a weight of its own", nil, moves(adapt.Untie(adapt.Head()))},
	{"match", "parameters with these names move", []setting{{"patterns", []string{"*.mlp.*"}, "of names; * stands for any characters"}},
		func(j *train.Job, v values) { j.Adapt = adapt.Match(v.words("patterns")...) }},
	{"freeze", "all but the parameters with these names move", []setting{{"patterns", []string{"*.mlp.*"}, "of names; * stands for any characters"}},
		func(j *train.Job, v values) { j.Adapt = adapt.Freeze(v.words("patterns")...) }},
	{"bitfit", "biases move; wants ten times the learning rate of full, or more", []setting{{"targets", []string{}, "layers, such as q_proj; none means all"}},
		func(j *train.Job, v values) { j.Adapt = adapt.BitFit(v.words("targets")...) }},
	{"norms", "the weights of the norms move; wants ten times the learning rate of full, or more", nil, moves(adapt.Norms())},
	{"unfreeze", "from the top down one more layer moves every so many steps", []setting{{"every", 0, "steps; 0 spreads the layers over the run"}},
		func(j *train.Job, v values) { j.Adapt = adapt.Unfreeze(v.int("every")) }},
	{"lora", "a product of two small matrices is added to linear layers; wants about three times the learning rate of full", lowRank,
		func(j *train.Job, v values) { j.Adapt = v.lora(adapt.LoRA{}) }},
	{"rslora", "LoRA whose alpha is divided by the root of the rank", lowRank, func(j *train.Job, v values) { j.Adapt = v.lora(adapt.LoRA{RSLoRA: true}) }},
	{"dora", "LoRA for directions, and a length for each row of a weight", lowRank, func(j *train.Job, v values) { j.Adapt = v.lora(adapt.LoRA{DoRA: true}) }},
	{"pissa", "LoRA that starts at the largest singular values", lowRank, func(j *train.Job, v values) { j.Adapt = v.lora(adapt.LoRA{PiSSA: true}) }},
	{"qlora", "LoRA over a base in four bits", lowRank, func(j *train.Job, v values) { j.Adapt = adapt.QLoRA{LoRA: v.lora(adapt.LoRA{})} }},
	{"ia3", "keys, values and the inside of the MLP are scaled; wants ten times the learning rate of full, or more", nil, moves(adapt.IA3{})},
	{"houlsby", "two bottlenecks a layer; wants ten times the learning rate of full", bottleneck,
		func(j *train.Job, v values) { j.Adapt = adapt.Houlsby{Size: v.int("size"), SkipFirst: v.int("skip")} }},
	{"pfeiffer", "one bottleneck a layer, after the MLP; wants ten times the learning rate of full", bottleneck,
		func(j *train.Job, v values) { j.Adapt = adapt.Pfeiffer{Size: v.int("size"), SkipFirst: v.int("skip")} }},
	{"parallel", "one bottleneck a layer, beside the MLP; wants ten times the learning rate of full", bottleneck,
		func(j *train.Job, v values) { j.Adapt = adapt.Parallel{Size: v.int("size"), SkipFirst: v.int("skip")} }},
	{"prefix", "keys and values in front of every text, in each layer", []setting{{"tokens", 10, "how many"}, {"hidden", 0, "width of an MLP that they are trained through; 0 means none"}},
		func(j *train.Job, v values) { j.Adapt = adapt.Prefix{Tokens: v.int("tokens"), Hidden: v.int("hidden")} }},
	{"prompt", "embeddings in front of every text; wants thirty times the learning rate of full", []setting{{"tokens", 20, "how many"}},
		func(j *train.Job, v values) { j.Adapt = adapt.Prompt{Tokens: v.int("tokens")} }},
}

// The settings of LoRA's family, and of adapters with a bottleneck.
var (
	lowRank = []setting{{"rank", 8, "of what is added"}, {"alpha", 16.0, "what is added is multiplied by alpha over rank"},
		{"targets", []string{"q_proj", "v_proj"}, "layers, by the end of the name or by pattern; all-linear means all"}, {"dropout", 0.0, "of what enters, while training"}}
	bottleneck = []setting{{"size", 16, "width of the bottleneck"}, {"skip", 0, "layers at the bottom without one"}}
)

// lora is a variant with what was said.
func (v values) lora(l adapt.LoRA) adapt.LoRA {
	l.Rank, l.Alpha, l.On, l.Dropout = v.int("rank"), v.float("alpha"), v.words("targets"), v.float("dropout")
	return l
}

// kindOf is the kind of a name, nil if there is none.
func kindOf(name string) *kind {
	for i := range kinds {
		if kinds[i].name == name {
			return &kinds[i]
		}
	}
	return nil
}

func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// label is the name of a method that the configuration does not call otherwise: the kind with what was said about it. The kind
// comes first, since figures know its colour.
func label(k *kind, v values, said []string) string {
	parts := []string{k.name}
	for _, name := range said {
		text := fmt.Sprint(v[name])
		if words, ok := v[name].([]string); ok {
			text = strings.Join(words, ",")
		}
		parts = append(parts, name+"="+text)
	}
	return strings.Join(parts, " ")
}

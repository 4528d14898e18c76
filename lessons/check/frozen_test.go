package check_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/model"
)

// The usual mistakes of lesson 04 each get their own hint, in both languages.
func TestFrozen(t *testing.T) {
	m := model.Must(base.Load(context.Background()))
	for _, c := range []struct {
		mine        adapt.Adaptation
		english, zh string
	}{
		{adapt.Match("model.layers.[45].*.[qv]_proj.weight"), "", ""},
		{adapt.Match("*.4.*q_proj*", "*.4.*v_proj*", "*.5.*q_proj*", "*.5.*v_proj*"), "", ""},
		{adapt.Full(), "as the exercise left it", "还没有动过"},
		{adapt.Match("*.[qv]_proj.weight"), "but of other layers, too: model.layers.0.self_attn.q_proj.weight", "别的层也动了"},
		{adapt.Match("model.layers.[56].*.[qv]_proj.weight"), "model.layers.4.self_attn.q_proj.weight does not move", "还没有动"},
		{adapt.Match("model.layers.[34].*.[qv]_proj.weight"), "which is in another layer", "在别的层里"},
		{adapt.Match("model.layers.[45].self_attn.*"), "too much of them moves", "动得太多"},
		{adapt.Match("model.layers.[45].*.q_proj.weight"), "model.layers.4.self_attn.v_proj.weight does not move", "还没有动"},
		{adapt.Last(2), "model.layers.4.input_layernorm.weight moves, which should stay", "不该动"}, // the final norm is in no layer
		{adapt.Match("model.layers.[45].attention.*"), "no parameter has such a name", "放不到模型上"},
		{adapt.Unfreeze(0), "more and more", "越放越多"},
	} {
		for lang, want := range map[string]string{"": c.english, "zh": c.zh} {
			said := message(t, func() { check.Frozen{Lang: lang}.Moves(m, c.mine) })
			if (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%v: got %q, want %q", c.mine, said, want)
			}
		}
	}
	// By hand: a layer has 2·192·192 + 2·64·192 + 3·192·512 + 2·192 weights, the final norm 192.
	const layer, norm, embedding = 2*192*192 + 2*64*192 + 3*192*512 + 2*192, 192, 2048 * 192
	for want, got := range map[string]int{
		"": 8 * (2*layer + norm), "as the exercise left it": 0, "how many numbers move": 2*layer + norm, "Each takes four bytes": 2 * (2*layer + norm),
		"AdamW keeps two.": 4 * (2*layer + norm), "the last layer alone": 8 * (layer + norm), "only one final norm": 8 * 2 * (layer + norm),
		"final norm is missing": 8 * 2 * layer, "the whole model": 8 * (6*layer + norm + embedding), "The head is counted": 8 * (2*layer + norm + embedding),
		"by less than a factor of two": 8_000_000,
	} {
		if said := message(t, func() { check.Frozen{}.Moments(m, got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%d: got %q, want %q", got, said, want)
		}
	}
}

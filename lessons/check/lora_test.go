package check_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/model"
)

// The usual mistakes of lesson 06 each get their own hint, in both languages.
func TestLoRA(t *testing.T) {
	m := model.Must(base.Load(context.Background()))
	// By hand: a layer's seven weights, each the sum of its two sides.
	const attention, mlp = (192 + 192) + 2*(64+192) + (192 + 192), 3 * (512 + 192)
	const ins, outs = 6*192 + 512, 192 + 64 + 64 + 192 + 512 + 512 + 192
	const weights = 2*192*192 + 2*64*192 + 3*512*192
	for _, c := range []struct {
		count       int
		english, zh string
	}{
		{4 * 6 * (attention + mlp), "", ""},
		{0, "as the exercise left it", "还没有动过"},
		{6 * weights, "the frozen weights themselves", "冻结的权重本身"},
		{4 * (attention + mlp), "one layer of the model", "只是模型的一层"},
		{6 * (attention + mlp), "rank 1", "秩为 1"},
		{4 * 6 * ins, "A alone", "只是 A"},
		{4 * 6 * outs, "B alone", "只是 B"},
		{4 * 6 * (192 + 192 + 64 + 192), "q_proj and v_proj alone", "只是 q_proj 和 v_proj"},
		{4 * 6 * attention, "attention alone", "只是注意力"},
		{4 * 6 * mlp, "MLP alone", "只是 MLP"},
		{4*6*(attention+mlp) + 4*(2048+192), "embedding is counted", "连嵌入也算"},
		{2 * 4 * 6 * (attention + mlp), "factor of about 2", "2"},
	} {
		for lang, want := range map[string]string{"": c.english, "zh": c.zh} {
			if said := message(t, func() { check.LoRA{Lang: lang}.Count(m, 4, c.count) }); (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%d: got %q, want %q", c.count, said, want)
			}
		}
	}
	weight, b, a := [][]float64{{1, 2, 0}, {0, 1, -1}}, [][]float64{{1, 0}, {2, -1}}, [][]float64{{0, 1, 1}, {3, 0, -1}}
	for _, c := range []struct {
		merged      []float64 // on paper
		english, zh string
	}{
		{[]float64{1, 5, 3, -9, 7, 8}, "", ""},
		{make([]float64, 6), "as the exercise left it", "练习原来的样子"},
		{[]float64{1, 2, 0, 0, 1, -1}, "the frozen weight", "冻结的权重本身"},
		{[]float64{1, 3, 1, -3, 3, 2}, "as it is", "直接加上去"},
		{[]float64{1, 8, 6, -18, 13, 17}, "nobody has divided by r", "没有除以 r"},
		{[]float64{1, 6.243, 4.243, -12.728, 9.485, 11.728}, "root of r", "平方根"},
		{[]float64{1, 4, 2, -6, 5, 5}, "how many rows A has", "A 的行数"},
		{[]float64{1, 2.3333, 0.3333, -1, 1.6667, 0}, "upside down", "上下颠倒"},
		{[]float64{0, 3, 3, -9, 6, 9}, "the update alone", "只是改动的部分"},
		{[]float64{1, -1, -3, 9, -5, -10}, "To merge is to add", "合并要加"},
		{[]float64{1, 5, 3, -9, 7, 0}, "5", "5"},
	} {
		for lang, want := range map[string]string{"": c.english, "zh": c.zh} {
			if said := message(t, func() { check.LoRA{Lang: lang}.Merge(weight, b, a, 6, c.merged) }); (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%v: got %q, want %q", c.merged, said, want)
			}
		}
	}
}

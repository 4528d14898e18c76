package check_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
	"github.com/tunebook/tunebook/pkg/base"
	"github.com/tunebook/tunebook/pkg/model"
)

// The usual mistakes of lesson 05 each get their own hint, in both languages.
func TestAdapters(t *testing.T) {
	x := []float64{1, -2, 0.5, 3}
	down := [][]float64{{0.5, 0, 1, 0}, {0, 1, 0, -0.5}}
	up := [][]float64{{0.2, 1}, {-0.4, 0.5}, {0, 2}, {0.6, -1}}
	// By hand: the middle is 0.5 + 0.5 = 1 and −2 − 1.5 = −3.5, which becomes 0.
	for _, c := range []struct {
		y           []float64
		english, zh string
	}{
		{[]float64{1.2, -2.4, 0.5, 3.6}, "", ""},
		{x, "as the exercise left it", "还是练习原来的样子"},
		{[]float64{-2.3, -4.15, -6.5, 7.1}, "The bend is missing", "少了中间那一弯"},
		{[]float64{0.2, -0.4, 0, 0.6}, "x is still missing", "x 还没有加进来"},
		{[]float64{-3.3, -2.15, -7, 4.1}, "nor is x added", "x 也没有加进来"},
		{[]float64{1.2, 0, 0.5, 3.6}, "only the middle is bent", "弯的只有中间"},
		{[]float64{4.5, -0.25, 7.5, -0.5}, "the other way round", "正好反了"},
		{[]float64{0.8, -1.6, 0.5, 2.4}, "not taken away", "不是减掉"},
		{[]float64{1.2, -2.4, 0.5, 3}, "", ""},
	} {
		for lang, want := range map[string]string{"": c.english, "zh": c.zh} {
			said := message(t, func() { check.Adapters{Lang: lang}.Bottleneck(x, down, up, c.y) })
			if want == "" && c.y[3] == 3 {
				want = "y[3]"
			}
			if (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%v: got %q, want %q", c.y, said, want)
			}
		}
	}
	m := model.Must(base.Load(context.Background()))
	// By hand: an adapter has 192·8 + 8 numbers down and 8·192 + 192 up, and there are twelve.
	const one, all = 192*8 + 8 + 8*192 + 192, 2755008
	for want, got := range map[string]int{
		"": 4 * 12 * one, "as the exercise left it": 0, "how many numbers": 12 * one, "as Pfeiffer has it": 4 * 6 * one,
		"a single layer": 4 * 2 * one, "a single adapter": 4 * one, "The biases are missing": 4 * 12 * 2 * 192 * 8, "down alone": 4 * 12 * (192*8 + 8),
		"biases of up are missing": 4 * 12 * (2*192*8 + 8), "192, not 8": 4 * 12 * (2*192*8 + 8 + 8), "kept once": 4 * (all + 12*one),
	} {
		if said := message(t, func() { check.Adapters{}.Bytes(m, got) }); (want == "") != (said == "") || !strings.Contains(said, want) {
			t.Errorf("%d: got %q, want %q", got, said, want)
		}
	}
	if said := message(t, func() { check.Adapters{Lang: "zh"}.Bytes(m, 12*one) }); !strings.Contains(said, "每个数占四字节") {
		t.Errorf("got %q", said)
	}
}

package check_test

import (
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
)

// The usual mistakes of lesson 12 each get their own hint, in both languages.
func TestComparison(t *testing.T) {
	// By hand: the mean is −9, the deviations 3, 0 and −3, so s = 3 and s/√3 = 1.7321; t(0.975; 2) = 4.3027.
	differences := []float64{-6, -9, -12}
	for _, c := range []struct {
		low, high   float64
		english, zh string
	}{
		{-16.4524, -1.5476, "", ""},
		{0, 0, "still", "还是练习原来的样子"},
		{-21.9080, 3.9080, "not that of their mean", "标准差"},
		{-13.3027, -4.6973, "It is its root", "平方根"},
		{-12.3948, -5.6052, "For three it is 4.303", "要用 4.303"},
		{-15.0848, -2.9152, "divide by n − 1", "除以 n − 1"},
		{-10.7321, -7.2679, "4.303 is missing", "少乘 4.303"},
		{-1.5476, -16.4524, "changed places", "写反了"},
	} {
		for lang, want := range map[string]string{"": c.english, "zh": c.zh} {
			said := message(t, func() { check.Comparison{Lang: lang}.Interval(differences, c.low, c.high) })
			if (want == "") != (said == "") || !strings.Contains(said, want) {
				t.Errorf("%v to %v: got %q, want %q", c.low, c.high, said, want)
			}
		}
	}
	// Five methods and three seeds are 15 runs. A fourth seed brings five new ones, another rate three.
	for fresh, want := range map[int][2]string{
		8: {"", ""}, 0: {"still", "还没有动过"}, 5: {"run again with the old ones", "旧种子也得重新训练"}, 3: {"The new seed is missing", "新种子还没算"},
		4: {"all runs of the changed method", "别的方法也没用过"}, 9: {"counted twice", "两遍"}, 20: {"Most of them are known", "大多数是已知的"}, 15: {"the first report", "第一份报告"},
	} {
		for i, lang := range []string{"", "zh"} {
			said := message(t, func() { check.Comparison{Lang: lang}.Fresh(5, 3, fresh) })
			if (want[i] == "") != (said == "") || !strings.Contains(said, want[i]) {
				t.Errorf("%d: got %q, want %q", fresh, said, want[i])
			}
		}
	}
}

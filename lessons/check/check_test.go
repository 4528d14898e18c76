package check_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/lessons/check"
)

func TestNumber(t *testing.T) {
	n := check.Number{
		Name: "the loss", Want: 2.5, Within: 0.01, See: "the sum",
		Traps: []check.Trap{{Answer: 25, Hint: "That is the sum; the engine prints the mean."}, {Answer: -2.5, Hint: "The sign."}},
	}
	for _, c := range []struct {
		got  float64
		want string // part of the message; empty when it passes
	}{
		{2.5, ""}, {2.509, ""}, {2.491, ""}, // within a hundredth
		{2.511, "the loss is 2.511, which is too large, by less than a factor of two"},
		{2.489, "too small, by less than a factor of two"},
		{0, "the loss is still 0, as the exercise left it"},
		{25.005, "the loss is 25. "}, {25.005, "That is the sum; the engine prints the mean."},
		{-2.5, "The sign."},
		{-1, "too small"},
		{7.5, "too large by a factor of about 3"},
		{0.5, "too small by a factor of about 5"},
		{math.NaN(), "the loss is NaN"}, {math.Inf(1), "+Inf"},
	} {
		n.Got = c.got
		expect(t, n.Check(), c.want, "Where to look: the sum")
	}
	// Without Within a thousandth of the answer counts.
	for got, right := range map[float64]bool{1000.9: true, 1001.1: false} {
		if err := (check.Number{Got: got, Want: 1000}).Check(); (err == nil) != right {
			t.Errorf("%v for 1000: %v", got, err)
		}
	}
	// An exercise whose answer happens to be where it starts is right.
	if err := (check.Number{Got: 0, Want: 0, Within: 0.1}).Check(); err != nil {
		t.Error(err)
	}
}

func TestList(t *testing.T) {
	l := check.List{
		Name: "labels", Want: []int{-100, 7, 2, -100}, Start: []int{-100, -100, -100, -100}, Items: []string{"<|assistant|>", "He", ".", "<|eos|>"}, See: "the mask",
		Traps: []check.ListTrap{{Answer: []int{-100, -100, 7, 2}, Hint: "One place too late."}},
	}
	for _, c := range []struct {
		got  []int
		want string
	}{
		{[]int{-100, 7, 2, -100}, ""},
		{nil, "labels is empty; it should hold 4 numbers"},
		{[]int{-100, -100, -100, -100}, "labels is still as the exercise left it"},
		{[]int{-100, -100, 7, 2}, "One place too late."},
		{[]int{-100, 7}, "labels holds 2 numbers; it should hold 4"},
		{[]int{-100, 7, 2, -100, 1}, "labels holds 5 numbers; it should hold 4"},
		{[]int{-100, 7, -100, -100}, `labels[2] (.) is -100, which is not right`},
	} {
		l.Got = c.got
		expect(t, l.Check(), c.want, "Where to look: the mask")
	}
}

// expect wants a message that says what is off and where to look, and does not hold the answer.
func expect(t *testing.T, err error, want, see string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("a right answer: %v", err)
		}
		return
	}
	if !errors.Is(err, check.ErrNotYet) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), see) {
		t.Errorf("got %v, want %q and %q", err, want, see)
	}
}

// The Chinese messages take the same values in the same order.
func TestChinese(t *testing.T) {
	n := check.Number{Name: "损失", Want: 2, Traps: []check.Trap{{Answer: 20, Hint: "这是总和。"}}, See: "求平均", Lang: "zh"}
	for got, want := range map[float64]string{
		0: "损失还是 0，练习还没有动过", 20: "损失是 20。这是总和。", 8: "损失是 8，太大了，差了大约 4 倍", 2.5: "损失是 2.5，太大了，但相差不到一倍", math.Inf(1): "损失是 +Inf：",
	} {
		n.Got = got
		expect(t, n.Check(), want, "提示：求平均")
	}
	l := check.List{Name: "标签", Want: []int{1, 2}, Start: []int{0, 0}, Items: []string{"他", "是"}, See: "遮罩", Lang: "zh"}
	for want, got := range map[string][]int{"标签是空的，应该有 2 个数": nil, "标签还是练习原来的样子": {0, 0}, "标签有 1 个数，应该有 2 个": {1}, "标签[1] (是)是 3，不对": {1, 3}} {
		l.Got = got
		expect(t, l.Check(), want, "提示：遮罩")
	}
	n.Got, l.Got = 2, []int{1, 2}
	if got := check.All(n, l).String(); got != "✓ 损失 = 2，正确\n✓ 标签：2 个数全对" {
		t.Error(got)
	}
}

func TestAll(t *testing.T) {
	right, wrong := check.Number{Name: "<a>", Got: 1, Want: 1}, check.Number{Name: "b", Got: 1, Want: 2}
	if got := check.All(right, right).HTML(); strings.Count(got, "✓") != 2 || !strings.Contains(got, "&lt;a&gt; is 1, which is right") {
		t.Errorf("%s", got)
	}
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, check.ErrNotYet) || !strings.Contains(err.Error(), "b is 1") {
			t.Errorf("panicked with %v", err)
		}
	}()
	check.All(right, wrong, right)
	t.Error("a wrong answer passed")
}

func Example() {
	half := check.Number{Name: "the mean", Got: 12, Want: 4, Traps: []check.Trap{{Answer: 12, Hint: "That is the sum."}}, See: "what a mean divides by"}
	fmt.Println(half.Check())
	half.Got = 4
	fmt.Println(check.All(half))
	// Output:
	// not yet: the mean is 12. That is the sum.
	// Where to look: what a mean divides by
	// ✓ the mean is 4, which is right
}

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

// What each kind of test says of some answers.
func TestKinds(t *testing.T) {
	half := func(x float64) float64 { return x / 2 }
	type try struct {
		test check.Test
		want string // part of the message; empty when it passes
	}
	between := func(got float64) check.Between {
		return check.Between{Name: "the marks", Got: got, Low: 0.6, High: 1, See: "steps",
			Rules: []check.Rule{{func(v float64) bool { return v > 1 }, 60, "A share is at most one; that looks like per cent."}}}
	}
	numbers := func(got ...float64) check.Numbers {
		return check.Numbers{Name: "p", Got: got, Want: []float64{0.5, 0.25, 0.25}, Start: []float64{0, 0, 0}, Within: 0.01, Items: []string{"he", "she", "it"},
			See: "softmax", Traps: []check.NumbersTrap{{[]float64{2, 1, 1}, "They do not sum to one."}}}
	}
	text := func(got string) check.Text {
		return check.Text{Name: "the next token", Got: got, Want: "the town", Also: []string{"a town"}, Start: "?", See: "the table",
			Traps: []check.TextTrap{{"town", "A token begins with its space."}}}
	}
	choice := func(got string) check.Choice {
		return check.Choice{Name: "your choice", Got: got, Want: "b", Wrong: map[string]string{"a": "That is the loss.", "c": "That is the step."}, Start: "", See: "the figure",
			Because: "It is the slope."}
	}
	function := func(got func(float64) float64) check.Function {
		return check.Function{Name: "rate", Got: got, Want: half, At: []float64{1, 4}, Start: func(float64) float64 { return 0 }, See: "warm-up",
			Traps: []check.FunctionTrap{{func(x float64) float64 { return 2 * x }, "It should halve, not double."}}}
	}
	rule := check.Number{Name: "the loss", Want: 2, See: "ln", Rules: []check.Rule{{func(v float64) bool { return v < 0 }, -1, "A loss is never below zero."}}}
	with := func(got float64) check.Number { rule.Got = got; return rule }
	for _, c := range []try{
		{with(2), ""}, {with(-0.5), "never below zero"}, {with(3), "too large"},
		{between(0.6), ""}, {between(1), ""}, {between(0.7), ""},
		{between(0), "the marks is still 0"}, {between(0.5), "at least 0.6 is wanted"}, {between(70), "looks like per cent"}, {between(math.NaN()), "NaN"},
		{numbers(0.5, 0.25, 0.25), ""}, {numbers(0.509, 0.25, 0.25), ""},
		{numbers(0, 0, 0), "still as the exercise left it"}, {numbers(), "p is empty; it should hold 3"}, {numbers(2, 1, 1), "sum to one"},
		{numbers(0.5, 0.3, 0.2), "p[1] (she) is 0.3, which is not right"}, {numbers(0.5, 0.25), "p holds 2 numbers"}, {numbers(0.5, math.NaN(), 0.25), "p[1] (she) is NaN"},
		{text("the town"), ""}, {text(" The  Town"), ""}, {text("ｔｈｅ town"), ""}, {text("A town"), ""},
		{text("?"), `is still "?"`}, {text("town"), "begins with its space"}, {text("house"), `is "house", which is not right`},
		{choice("b"), ""}, {choice(" B "), ""}, {choice(""), `is still ""`}, {choice("a"), "That is the loss."}, {choice("c"), "That is the step."},
		{choice("d"), "the choices are a, b, c"},
		{function(half), ""}, {function(nil), "still as the exercise left it"}, {function(func(float64) float64 { return 0 }), "still as the exercise left it"},
		{function(func(x float64) float64 { return x + x }), "halve, not double"},
		{function(func(x float64) float64 { return min(x/2, 1) }), "rate(4) is 1, which is too small"},
		{function(func(x float64) float64 { return 1 / (x - 1) }), "rate(1) is +Inf"},
		{function(func(float64) float64 { panic("no map") }), "rate(1) panics: no map"},
	} {
		see := map[string]string{"the loss": "ln", "the marks": "steps", "p": "softmax", "the next token": "the table", "your choice": "the figure", "rate": "warm-up"}
		err := c.test.Check()
		expect(t, err, c.want, "")
		if err == nil {
			continue
		}
		where, found := err.Error(), false
		for name, place := range see {
			found = found || strings.HasPrefix(where, "not yet: "+name) && strings.HasSuffix(where, "Where to look: "+place)
		}
		if !found {
			t.Errorf("no place to look, or no name: %q", where)
		}
		if untouched := strings.Contains(where, "still") || strings.Contains(where, "it should hold 3"); errors.Is(err, check.ErrUntouched) && !untouched {
			t.Errorf("%q is taken for untouched", where)
		} else if strings.Contains(where, "still") && !errors.Is(err, check.ErrUntouched) {
			t.Errorf("%q is taken for a try", where)
		}
	}
	if got := fmt.Sprint(choice("b")); got != `your choice is "b", which is right. It is the slope.` {
		t.Error(got)
	}
	for want, test := range map[string]check.Test{
		"还没做对：成绩是 0.5，至少要有 0.6。": check.Between{Name: "成绩", Got: 0.5, Low: 0.6, High: 1, Lang: "zh"},
		"还没做对：成绩是 2，最多只能是 1。":    check.Between{Name: "成绩", Got: 2, Low: 0.6, High: 1, Lang: "zh"},
	} {
		if err := test.Check(); err == nil || err.Error() != want || !errors.Is(err, check.ErrNotYet) || !check.IsHint(err.Error()) {
			t.Errorf("%v", err)
		}
	}
	chinese := choice("d")
	chinese.Lang, chinese.Name, chinese.See = "zh", "你选的", ""
	if err := chinese.Check(); err.Error() != "还没做对：你选的是“d”，可选的只有：a、b、c。" {
		t.Error(err)
	}
}

// audited is what the audit says of a test.
func audited(t *testing.T, test check.Test) (said string) {
	t.Helper()
	t.Setenv(check.Audit, "1")
	defer func() {
		if v := recover(); v != nil {
			said = fmt.Sprint(v)
		}
	}()
	check.All(test)
	return ""
}

// The audit finds a mistake whose answer is right, or that of another mistake, or that has no hint of its own.
func TestAudit(t *testing.T) {
	trap := func(answer float64, hint string) check.Trap { return check.Trap{Answer: answer, Hint: hint} }
	number := func(traps ...check.Trap) check.Number { return check.Number{Name: "n", Got: 4, Want: 4, Traps: traps} }
	choice := check.Choice{Name: "c", Got: "a", Want: "a", Wrong: map[string]string{"b": "B.", "c": "B."}}
	for _, c := range []struct {
		test check.Test
		want string
	}{
		{number(trap(8, "Twice."), trap(2, "Half.")), ""},
		{number(trap(8, "Twice."), trap(4.001, "Close.")), `n: mistake 2 is as good as the right answer; its hint is "Close."`},
		{number(trap(8, "Twice."), trap(8, "Sum.")), `n: mistake 2 gets another hint than its own, "Sum."`},
		{number(trap(8, "Twice."), trap(2, "Twice.")), `n: mistake 2 has the hint of another`},
		{number(trap(8, "")), `n: mistake 1 has no hint`},
		{number(trap(0, "Nothing.")), `n: mistake 1 gets another hint`}, // the untouched exercise comes first
		{check.Between{Name: "b", Got: 1, Low: 1, High: 0}, "b: the right answer is refused"},
		{choice, "c: mistake 2 has the hint of another"},
		{check.List{Name: "l", Got: []int{1}, Want: []int{1}, Traps: []check.ListTrap{{Answer: []int{1}, Hint: "One."}}}, "l: mistake 1 is as good"},
		{check.Text{Name: "t", Got: "a", Want: "a", Traps: []check.TextTrap{{Answer: "A", Hint: "Small."}}}, "t: mistake 1 is as good"},
	} {
		said := audited(t, c.test)
		if (c.want == "") != (said == "") || !strings.Contains(said, c.want) {
			t.Errorf("got %q, want %q", said, c.want)
		}
		if check.IsHint(said) {
			t.Errorf("a learner would take this for a hint: %q", said)
		}
	}
}

package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

// Frozen checks the exercises of lesson 04.
type Frozen struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (f Frozen) say(english, chinese string) string {
	return pick(f.Lang, english, chinese)
}

// Moves checks that an adaptation moves the queries and values of the last two layers of m, and nothing else. It panics
// with what is off.
func (f Frozen) Moves(m *model.Model, mine adapt.Adaptation) Passed {
	return All(moves{f, m, mine})
}

// moves asks for the q_proj and v_proj of the last two layers.
type moves struct {
	Frozen
	model *model.Model
	mine  adapt.Adaptation
}

var _ Test = moves{}

func (c moves) want() []string {
	var names []string
	for layer := c.model.Config.Layers - 2; layer < c.model.Config.Layers; layer++ {
		for _, part := range []string{"q_proj", "v_proj"} {
			names = append(names, fmt.Sprintf("model.layers.%d.self_attn.%s.weight", layer, part))
		}
	}
	return names
}

// Check compares the names that move with those that should.
func (c moves) Check() error {
	w := of(c.Lang)
	see := c.say("the names printed in “Look inside”; [45] stands for a 4 or a 5, and [qv] for a q or a v.",
		"“打开看看”里打印的名字；[45] 表示 4 或 5，[qv] 表示 q 或 v。")
	fail := func(english, chinese string, args ...any) error {
		return w.failure(see, c.say(english, chinese), args...)
	}
	t, err := adapt.Attach(c.model, c.mine)
	if err != nil {
		return fail("mine cannot be put on the model: %v", "mine 放不到模型上：%v", err)
	}
	if len(t.Stages) > 1 {
		return fail("mine lets more and more move; the same parameters should move from the first step to the last.",
			"mine 一路上越放越多；这里要的是从第一步到最后一步都动同样的参数。")
	}
	got, want := t.Stages[0].Moves, c.want()
	var extra, missing []string
	for _, name := range got {
		if !slices.Contains(want, name) {
			extra = append(extra, name)
		}
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			missing = append(missing, name)
		}
	}
	all := func(names []string, keep func(string) bool) bool {
		return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !keep(name) })
	}
	queryOrValue := func(name string) bool {
		return strings.Contains(name, "q_proj") || strings.Contains(name, "v_proj")
	}
	top := func(name string) bool {
		return strings.HasPrefix(name, fmt.Sprintf("model.layers.%d.", c.model.Config.Layers-2)) ||
			strings.HasPrefix(name, fmt.Sprintf("model.layers.%d.", c.model.Config.Layers-1))
	}
	switch {
	case len(extra) == 0 && len(missing) == 0:
		return nil
	case len(got) == len(c.model.Params.Names()):
		return w.untried(see, "%s", c.say("mine still moves everything, as the exercise left it.", "mine 还是让所有参数都动，练习还没有动过。"))
	case len(missing) == 0 && all(extra, queryOrValue):
		return fail("these are queries and values, but of other layers, too: %s moves. The last two of %d layers are number %d and %d, for they count from zero.",
			"查询和值都对了，可是别的层也动了：%s。模型有 %d 层，从零数起，最后两层是第 %d 和第 %d 层。",
			extra[0], c.model.Config.Layers, c.model.Config.Layers-2, c.model.Config.Layers-1)
	case len(missing) == 0 && all(extra, top):
		return fail("the layers are right, but too much of them moves: %s does. Only q_proj and v_proj should.",
			"层选对了，可是动得太多：%s 也动了。只该动 q_proj 和 v_proj。", extra[0])
	case len(extra) > 0 && all(extra, func(name string) bool { return queryOrValue(name) && !top(name) }):
		return fail("%s moves, which is in another layer. Of %d layers, counted from zero, the last two are %d and %d.",
			"动的 %s 在别的层里。模型有 %d 层，从零数起，最后两层是第 %d 和第 %d 层。",
			extra[0], c.model.Config.Layers, c.model.Config.Layers-2, c.model.Config.Layers-1)
	case len(extra) > 0:
		return fail("%s moves, which should stay.", "%s 不该动，却动了。", extra[0])
	}
	return fail("%s does not move yet.", "%s 还没有动。", missing[0])
}

// String is what held.
func (c moves) String() string {
	return fmt.Sprintf(c.say("exactly these move: %s", "动的正好是：%s"), strings.Join(c.want(), ", "))
}

// Moments checks how many bytes a learner says that AdamW's moments take where the last two layers of m move. It panics with
// what is off.
func (f Frozen) Moments(m *model.Model, bytes int) Passed {
	count := func(a adapt.Adaptation) float64 {
		t, err := adapt.Attach(m, a)
		if err != nil {
			panic(err)
		}
		return float64(t.Trainable())
	}
	n, norm := count(adapt.Last(2)), float64(m.Config.Dim)
	return All(Number{
		Name: f.say("the size of the moments", "动量占的字节数"), Got: float64(bytes), Want: 8 * n, Within: 0.5, Lang: f.Lang,
		Traps: []Trap{
			{n, f.say("That is how many numbers move. AdamW keeps two more for each, of four bytes each.", "这是会动的参数的个数；AdamW 给每一个另外存两个数，每个数四字节。")},
			{2 * n, f.say("These are the numbers that AdamW keeps. Each takes four bytes.", "这是 AdamW 要存的数的个数；每个数占四字节。")},
			{4 * n, f.say("That is one number of four bytes for each that moves, such as the gradient. AdamW keeps two.", "这相当于每个参数只存一个四字节的数，例如梯度；AdamW 要存两个。")},
			{8 * count(adapt.Last(1)), f.say("That is the last layer alone.", "这只是最后一层的。")},
			{16 * count(adapt.Last(1)), f.say("That is twice the last layer, final norm and all. There is only one final norm.", "这是最后一层的两倍，连最终归一化也算了两次；它只有一个。")},
			{8 * (n - norm), f.say("The final norm is missing. It stands above the layers, so Last moves it as well.", "少了最终归一化：它在各层之上，Last 也会让它动。")},
			{8 * float64(m.Count()), f.say("That is the whole model.", "这是整个模型的。")},
			{8 * (n + float64(m.Config.Vocab*m.Config.Dim)), f.say("The head is counted, too. It shares the embedding's weight, so Last leaves it where it is.", "连输出层也算进去了；它和嵌入共用一个矩阵，Last 不会动它。")},
		},
		See: f.say("“One number by hand”: two layers have twice the blocks, and one final norm.", "“亲手算一个数”：两层就有两份，最终归一化只有一个。"),
	})
}

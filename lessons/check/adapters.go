package check

import (
	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

// Adapters checks the exercises of lesson 05.
type Adapters struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (a Adapters) say(english, chinese string) string {
	return pick(a.Lang, english, chinese)
}

// Bottleneck checks what a bottleneck without biases gives: y = x + up·max(0, down·x). It panics with what is off.
func (a Adapters) Bottleneck(x []float64, down, up [][]float64, y []float64) Passed {
	same := func(v float64) float64 { return v }
	relu := func(v float64) float64 { return max(0, v) }
	through := func(in, middle, out float64, bend, after func(float64) float64) []float64 {
		result := make([]float64, len(up))
		for k, row := range up {
			for i, w := range row {
				sum := 0.0
				for n, v := range down[i] {
					sum += v * x[n]
				}
				result[k] += w * bend(middle*sum)
			}
			result[k] = after(in*x[k] + out*result[k])
		}
		return result
	}
	return All(Numbers{
		Name: "y", Got: y, Want: through(1, 1, 1, relu, same), Start: x, Within: 1e-6, Lang: a.Lang,
		Traps: []NumbersTrap{
			{through(1, 1, 1, same, same), a.say("The bend is missing: one number in the middle is below zero, and becomes zero.", "少了中间那一弯：中间有一个数小于零，要变成零。")},
			{through(0, 1, 1, relu, same), a.say("That is what the adapter adds. It joins what was there: x is still missing.", "这是适配器要加上去的部分；原来的 x 还没有加进来。")},
			{through(0, 1, 1, same, same), a.say("Neither is the number below zero bent to zero, nor is x added.", "小于零的数没有变成零，x 也没有加进来。")},
			{through(1, 1, 1, relu, relu), a.say("The stream may be below zero: only the middle is bent.", "主干上的数可以小于零，弯的只有中间。")},
			{through(1, -1, 1, relu, same), a.say("You have kept what is below zero and dropped the rest: it is the other way round.", "留下了小于零的，丢掉了大于零的，正好反了。")},
			{through(1, 1, -1, relu, same), a.say("It is added to x, not taken away.", "应该加到 x 上，不是减掉。")},
		},
		See: a.say("the second drawing in “Look inside”: down, bend, up, and the line that goes round them.", "“打开看看”里的第二幅图：压窄、弯一下、放宽，还有绕过去的那条线。"),
	})
}

// Bytes checks how many bytes of float32 a learner says that Houlsby{Size: 8} on m takes. It panics with what is off.
func (a Adapters) Bytes(m *model.Model, bytes int) Passed {
	t, err := adapt.Attach(m, adapt.Houlsby{Size: 8})
	if err != nil {
		panic(err)
	}
	n, layers, width := float64(t.Trainable()), float64(m.Config.Layers), float64(m.Config.Dim)
	const size = 8
	return All(Number{
		Name: a.say("the size of the adapters", "适配器占的字节数"), Got: float64(bytes), Want: 4 * n, Within: 0.5, Lang: a.Lang,
		Traps: []Trap{
			{n, a.say("That is how many numbers there are. Each takes four bytes.", "这是数的个数；每个数占四字节。")},
			{2 * n, a.say("That is one adapter a layer, as Pfeiffer has it. Houlsby has one behind attention, too.", "每层只算了一个，那是 Pfeiffer 的放法；Houlsby 在注意力后面还有一个。")},
			{4 * n / layers, a.say("That is a single layer. The model has six.", "这只是一层的；模型有六层。")},
			{4 * n / layers / 2, a.say("That is a single adapter. There are two in each of six layers.", "这只是一个适配器的；六层里每层有两个。")},
			{4 * 2 * layers * 2 * width * size, a.say("The biases are missing: down has 8, up has 192.", "少了偏置：down 有 8 个，up 有 192 个。")},
			{4 * 2 * layers * (width*size + size), a.say("That is down alone; up is missing.", "只算了 down，少了 up。")},
			{4 * 2 * layers * (2*width*size + size), a.say("The biases of up are missing: it has 192.", "少了 up 的偏置，一共 192 个。")},
			{4 * 2 * layers * (2*width*size + 2*size), a.say("Up has a bias for each number that goes out: 192, not 8.", "up 的每个输出有一个偏置：是 192 个，不是 8 个。")},
			{4 * float64(t.Count()), a.say("The base is counted, too. It is kept once, whoever the customer is.", "连基础模型也算进去了；不管有几个客户，它只要存一份。")},
		},
		See: a.say("“One number by hand”: here each adapter is 8 wide, and each layer has two.", "“亲手算一个数”：这里每个适配器宽 8，每层有两个。"),
	})
}

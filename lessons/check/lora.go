package check

import (
	"math"
	"strings"

	"github.com/tunebook/tunebook/pkg/adapt"
	"github.com/tunebook/tunebook/pkg/model"
)

// LoRA checks the exercises of lesson 06.
type LoRA struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (l LoRA) say(english, chinese string) string { return pick(l.Lang, english, chinese) }

// Count checks how many numbers a learner says that LoRA of a rank moves on every linear layer of m. It panics with what is
// off.
func (l LoRA) Count(m *model.Model, rank, count int) Passed {
	t, err := adapt.Attach(m, adapt.LoRA{Rank: rank, On: []string{adapt.AllLinear}})
	if err != nil {
		panic(err)
	}
	var ins, outs, whole, attention, paper float64 // of the layers, summed
	for _, at := range t.Layers {
		ins, outs, whole = ins+float64(at.In), outs+float64(at.Out), whole+float64(at.In*at.Out)
		if strings.Contains(at.Name, "self_attn") {
			attention += float64(at.In + at.Out)
		}
		if strings.HasSuffix(at.Name, "q_proj") || strings.HasSuffix(at.Name, "v_proj") {
			paper += float64(at.In + at.Out)
		}
	}
	r, layers := float64(rank), float64(m.Config.Layers)
	n := r * (ins + outs)
	return All(Number{
		Name: l.say("the number of parameters", "参数的个数"), Got: float64(count), Want: n, Within: 0.5, Lang: l.Lang,
		Traps: []Trap{
			{whole, l.say("These are the frozen weights themselves, out times in. A and B are thin: rank times in, and out times rank.",
				"这是冻结的权重本身，也就是输出乘输入；A 和 B 是瘦长的，一个是秩乘输入，一个是输出乘秩。")},
			{n / layers, l.say("That is one layer of the model. All of them have adapters.", "这只是模型的一层；每一层都加了。")},
			{ins + outs, l.say("That is rank 1: multiply by the rank.", "这是秩为 1 的个数，还要乘上秩。")},
			{r * ins, l.say("That is A alone, rank times in. B has numbers, too: out times rank.", "这只是 A，秩乘输入；还有 B，输出乘秩。")},
			{r * outs, l.say("That is B alone, out times rank. A has numbers, too: rank times in.", "这只是 B，输出乘秩；还有 A，秩乘输入。")},
			{r * paper, l.say("That is q_proj and v_proj alone, as in the cell above. Here all seven linear layers are meant.",
				"这只是 q_proj 和 v_proj，和上面那个单元一样；这里七个线性层都要算。")},
			{r * attention, l.say("That is attention alone. The MLP has gate_proj, up_proj and down_proj.", "这只是注意力的；MLP 还有 gate_proj、up_proj 和 down_proj。")},
			{r * (ins + outs - attention), l.say("That is the MLP alone. Attention has q_proj, k_proj, v_proj and o_proj.", "这只是 MLP 的；注意力还有 q_proj、k_proj、v_proj 和 o_proj。")},
			{n + r*float64(m.Config.Vocab+m.Config.Dim), l.say("The embedding is counted, too. It is no linear layer of a block, and gets nothing.",
				"连嵌入也算进去了；它不是层里的线性变换，什么也不加。")},
		},
		See: l.say("“One number by hand”: rank times the sum of the two sides, for each of the seven layers that the cell prints, six times.",
			"“亲手算一个数”：单元里列出的七个线性变换，每个都是两边之和乘上秩，一共六层。"),
	})
}

// Merge checks the numbers of weight + alpha/r·b·a, row by row, where r is the number of rows of a (Hu et al.,
// arXiv:2106.09685, eq. 3). It panics with what is off.
func (l LoRA) Merge(weight, b, a [][]float64, alpha float64, merged []float64) Passed {
	with := func(keep, scale float64) (flat []float64) {
		for i, row := range weight {
			for j, w := range row {
				sum := 0.0
				for k := range a {
					sum += b[i][k] * a[k][j]
				}
				flat = append(flat, keep*w+scale*sum)
			}
		}
		return flat
	}
	r := float64(len(a))
	s := alpha / r
	return All(Numbers{
		Name: l.say("the merged weight", "合并后的权重"), Got: merged, Want: with(1, s), Within: 1e-3, Start: make([]float64, len(weight)*len(weight[0])), Lang: l.Lang,
		Traps: []NumbersTrap{
			{with(1, 0), l.say("That is the frozen weight. Add what A and B have learned.", "这是冻结的权重本身，还要加上 A 和 B 学到的东西。")},
			{with(1, 1), l.say("B·A is added as it is. It has to be multiplied by alpha over r first.", "B·A 直接加上去了；先要乘上 alpha 除以 r。")},
			{with(1, alpha), l.say("alpha is there, but nobody has divided by r.", "乘了 alpha，却没有除以 r。")},
			{with(1, alpha/math.Sqrt(r)), l.say("That divides alpha by the root of r. So does rsLoRA; here it is r itself.", "alpha 除以的是 r 的平方根，那是 rsLoRA 的做法；这里除以 r。")},
			{with(1, alpha/float64(len(a[0]))), l.say("That divides by the length of A's rows. r is how many rows A has.", "除以的是 A 每一行的长度；r 是 A 的行数。")},
			{with(1, 1/s), l.say("That is r over alpha, upside down.", "这是 r 除以 alpha，上下颠倒了。")},
			{with(0, s), l.say("That is the update alone. The frozen weight is still to be added.", "这只是改动的部分，冻结的权重还没有加上。")},
			{with(1, -s), l.say("That is subtracted, which takes an adapter out again. To merge is to add.", "这是减，减是把它取出来；合并要加。")},
		},
		See: l.say("the formula in “Look inside”: W + (α/r)·B·A. The first row of B·A is the first row of B times all of A.",
			"“打开看看”里的公式：W + (α/r)·B·A。B·A 的第一行，是 B 的第一行乘以整个 A。"),
	})
}

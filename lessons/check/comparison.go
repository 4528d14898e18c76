package check

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/tunebook/tunebook/pkg/metric"
)

// Comparison checks the exercises of lesson 12.
type Comparison struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

func (c Comparison) say(english, chinese string) string {
	return pick(c.Lang, english, chinese)
}

// Interval checks the 95% interval of Student's t around the mean of paired differences, two or more. It panics with what
// is off.
func (c Comparison) Interval(differences []float64, low, high float64) Passed {
	n := float64(len(differences))
	mean, std := metric.MeanStd(differences)
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975)
	around := func(half float64) []float64 { return []float64{mean - half, mean + half} }
	half := t * std / math.Sqrt(n)
	return All(Numbers{
		Name: c.say("the interval", "区间"), Got: []float64{low, high}, Want: around(half), Within: 1e-3 * half, Start: []float64{0, 0},
		Items: []string{c.say("the lower end", "下端"), c.say("the upper end", "上端")}, Lang: c.Lang,
		Traps: []NumbersTrap{
			{around(t * std), c.say("The deviation of one difference is not that of their mean: divide by the root of their number.", "这是单个差的标准差；平均值的还要除以个数的平方根。")},
			{around(t * std / n), c.say("Divided by the number of seeds. It is its root that counts.", "除以了种子的个数；该除以它的平方根。")},
			{around(1.96 * std / math.Sqrt(n)), c.say("1.96 is right for very many seeds. For three it is 4.303.", "1.96 适用于种子非常多的时候；三个种子要用 4.303。")},
			{around(half * math.Sqrt((n-1)/n)), c.say("The squares are divided by n. Three differences from their own mean hold only two pieces of news: divide by n − 1.", "平方和除以了 n。三个差减去自己的平均值，只剩两份独立的信息：该除以 n − 1。")},
			{around(std / math.Sqrt(n)), c.say("That is the mean with its standard error on both sides. The factor 4.303 is missing.", "这是平均值两边各一个标准误；还少乘 4.303。")},
			{[]float64{mean + half, mean - half}, c.say("The ends have changed places.", "两端写反了。")},
		},
		See: c.say("“Who is better?”: mean ± 4.303 · s / √3.", "“谁更好？”：平均值 ± 4.303 · s / √3。"),
	})
}

// Fresh checks how many runs are trained when a study of some methods and seeds is run again with one more seed and
// another rate for one of the methods. It panics with what is off.
func (c Comparison) Fresh(methods, seeds, fresh int) Passed {
	m, s := float64(methods), float64(seeds)
	return All(Number{
		Name: c.say("the number of new runs", "新训练的次数"), Got: float64(fresh), Want: m + s, Within: 0.1, Lang: c.Lang,
		Traps: []Trap{
			{m, c.say("Those are the runs with the new seed. The method with another rate has to run again with the old ones, too.", "这只是新种子的那几次；换了学习率的方法，旧种子也得重新训练。")},
			{s, c.say("Those are the changed method's runs with the old seeds. The new seed is missing.", "这只是换了学习率的方法用旧种子的那几次；新种子还没算。")},
			{s + 1, c.say("Those are all runs of the changed method. The others have not seen the new seed either.", "这只是换了学习率的那种方法的；别的方法也没用过新种子。")},
			{m + s + 1, c.say("The changed method with the new seed is counted twice.", "换了学习率的方法用新种子的那一次，算了两遍。")},
			{m * (s + 1), c.say("Those are all runs of the report. Most of them are known.", "这是报告里所有的次数；其中大多数是已知的。")},
			{m * s, c.say("Those are the runs of the first report.", "这是第一份报告里的次数。")},
		},
		See: c.say("“Change one setting”: a run is known if nothing that its result depends on has changed.", "“只改一处”：凡是影响结果的东西都没变，这次训练就是已知的。"),
	})
}

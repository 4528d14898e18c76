package check

import (
	"context"
	"math"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/method"
	"github.com/tunebook/tunebook/pkg/model"
	"github.com/tunebook/tunebook/pkg/token"
	"github.com/tunebook/tunebook/pkg/train"
)

// SFT checks the exercises of lesson 03.
type SFT struct {
	Lang string // of the messages: "zh", or English; empty means that of the notebook
}

// Labels checks the mask that a learner has written for a record. It panics with what is off.
func (s SFT) Labels(tok *token.Tokenizer, r data.Record, labels []int) Passed {
	example, err := data.Encode(tok, r, data.EncodeOptions{})
	if err != nil {
		panic(err)
	}
	ids, want := example.IDs, example.Labels
	n := len(ids)
	answer := 0 // its first token
	for answer+1 < n && want[answer] == data.Ignore {
		answer++
	}
	answer++
	// build makes labels out of what is right at each place.
	build := func(label func(i int) int) []int {
		out := make([]int, n)
		for i := range out {
			out[i] = label(i)
		}
		return out
	}
	next := func(from, to int) []int { // the next token where its place is in [from, to)
		return build(func(i int) int {
			if i+1 >= from && i+1 < to {
				return ids[i+1]
			}
			return data.Ignore
		})
	}
	items := make([]string, n)
	for i, id := range ids {
		items[i] = tok.Token(id)
	}
	say := func(english, chinese string) string { return pick(s.Lang, english, chinese) }
	return All(List{
		Name: "labels", Got: labels, Want: want, Start: build(func(int) int { return data.Ignore }), Items: items, Lang: s.Lang,
		Traps: []ListTrap{
			{build(func(i int) int {
				if i >= answer {
					return ids[i]
				}
				return data.Ignore
			}), say("each label repeats the token that the model has just read. It should be the token that comes next.",
				"每个标签都是模型刚读到的词元；它应该是下一个词元。")},
			{next(answer+1, n), say("the first piece of the answer is missing. It is what the model should say after <|assistant|>.",
				"少了答案的第一个词元：模型读完 <|assistant|> 之后就该说它。")},
			{next(answer, n-1), say("the end is missing. A model that never practises <|eos|> never stops talking.",
				"少了结尾：从来没有练过 <|eos|> 的模型，说起话来停不住。")},
			{next(answer-1, n), say("<|assistant|> counts, too. It is the front-end that puts it there, never the model.",
				"<|assistant|> 也被算进去了；它是对话程序放的，模型从来不用说它。")},
			{next(1, n), say("everything counts, the question, too. Only the answer and its end should.",
				"连问题也算进去了；只有答案和它的结尾才该算。")},
		},
		See: say("the coloured pieces of “Look inside”; labels[i] belongs to what comes after ids[i].",
			"“打开看看”一节里的蓝色词元；labels[i] 说的是 ids[i] 之后的那一个。"),
	})
}

// LossWithPrompt checks the mean loss over question and answer that a learner has worked out for a record, against what
// the engine measures. It panics with what is off.
func (s SFT) LossWithPrompt(ctx context.Context, m *model.Model, r data.Record, loss float64) Passed {
	measure := func(how method.Method) float64 {
		v, err := train.Measure(ctx, m, how, data.Set{r}, m.Config.Context)
		if err != nil {
			panic(err)
		}
		return v
	}
	whole, err := data.Encode(m.Tokenizer, r, data.EncodeOptions{TrainOnPrompt: true})
	if err != nil {
		panic(err)
	}
	counted := 0.0
	for _, label := range whole.Labels {
		if label != data.Ignore {
			counted++
		}
	}
	say := func(english, chinese string) string { return pick(s.Lang, english, chinese) }
	want := measure(method.SFT{TrainOnPrompt: true})
	return All(Number{
		Name: say("the loss with the question", "连问题一起算的损失"), Got: loss, Want: want, Within: 1e-3, Lang: s.Lang,
		Traps: []Trap{
			{measure(method.SFT{}), say("That is the loss of the answer alone.", "这只是答案的损失。")},
			{want * counted, say("That is the sum. The engine prints the mean over the tokens that count.", "这是总和；引擎给出的是平均值，要除以计入的词元个数。")},
			{want * counted / float64(len(whole.IDs)), say("It is divided by all tokens. <|bos|> and <|user|> are never predicted, so they do not count.",
				"除数是全部词元的个数；<|bos|> 和 <|user|> 从来不用预测，不该算。")},
			{-want, say("A probability is at most one, so its logarithm is at most zero: the minus sign is missing.", "概率不超过一，对数就不超过零：少了负号。")},
			{want / math.Ln2, say("That is in bits. The engine uses the natural logarithm.", "这是以二为底的对数；引擎用的是自然对数。")},
		},
		See: say("the table of “One number by hand”: the same sum, over more tokens.", "“亲手算一个数”里的那张表：同样的求和，只是词元更多。"),
	})
}

package method

import (
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/tunebook/tunebook/pkg/data"
	"github.com/tunebook/tunebook/pkg/metric"
)

// Rollout is one answer that a policy drew, and all that policy-gradient methods work out about it. Lists have one entry for each
// token of the answer, its end included; those of later stages are nil until they are filled.
type Rollout struct {
	Record data.Record
	Group  int      // which prompt of the batch it answers: answers of one group are compared by GRPO and RLOO
	IDs    []int    // prompt and answer
	Tokens []string // their texts
	From   int      // the number of the answer's first token in IDs
	Answer string
	Ended  bool // the answer came to its end, and was not cut

	Score float64            // of the whole answer, before any KL
	Parts map[string]float64 // what Score is made of: reward, judge, no end

	LogProbs   []float64 // log p of the policy that drew it, nats
	Entropy    []float64 // of what that policy drew from, nats
	Reference  []float64 // log p of the reference, nats
	KL         []float64 // estimates of KL(policy‖reference), nats
	Values     []float64 // what the critic expected before the token
	Rewards    []float64
	Advantages []float64
	Returns    []float64
	Ratios     []float64 // p of a later policy over p of the one that drew it (Sampling.Ratios)
}

// Len is the number of tokens of the answer.
func (r Rollout) Len() int { return len(r.IDs) - r.From }

// column is one kind of number that a rollout has for every token.
type column struct {
	name   string
	values func(r Rollout) []float64
	middle float64 // what is neither good nor bad
}

func columns() []column {
	return []column{
		{"log p", func(r Rollout) []float64 { return r.LogProbs }, 0},
		{"reference", func(r Rollout) []float64 { return r.Reference }, 0},
		{"KL", func(r Rollout) []float64 { return r.KL }, 0},
		{"value", func(r Rollout) []float64 { return r.Values }, 0},
		{"reward", func(r Rollout) []float64 { return r.Rewards }, 0},
		{"advantage", func(r Rollout) []float64 { return r.Advantages }, 0},
		{"return", func(r Rollout) []float64 { return r.Returns }, 0},
		{"ratio", func(r Rollout) []float64 { return r.Ratios }, 1},
	}
}

// Table has a row for each token of the answer, with the numbers that there are.
func (r Rollout) Table() *metric.Table {
	t := &metric.Table{Title: r.title(), Header: []string{"token"}}
	var have []column
	for _, c := range columns() {
		if len(c.values(r)) > 0 {
			have, t.Header = append(have, c), append(t.Header, c.name)
		}
	}
	for i, token := range r.Tokens[r.From:] {
		cells := []string{token}
		for _, c := range have {
			cells = append(cells, fmt.Sprintf("%.3f", c.values(r)[i]))
		}
		t.Add(cells...)
	}
	return t
}

// title is the answer's score and what it is made of.
func (r Rollout) title() string {
	text := fmt.Sprintf("score %.3f", r.Score)
	for _, part := range []string{partReward, partJudge, partNoEnd} {
		if v, ok := r.Parts[part]; ok {
			text += fmt.Sprintf(", %s %.3f", part, v)
		}
	}
	if !r.Ended {
		text += ", cut before its end"
	}
	return text
}

// String is the answer in one line.
func (r Rollout) String() string {
	return fmt.Sprintf("%s → %s (%s)", r.Record.Prompt, r.Answer, r.title())
}

// HTML is the strip of the advantages, or of the first numbers that there are.
func (r Rollout) HTML() string {
	for _, by := range []string{"advantage", "reward", "KL"} {
		if s := r.Strip(by); s.has() {
			return s.HTML()
		}
	}
	return r.Strip("log p").HTML()
}

// Strip is the rollout token by token, coloured by one of its numbers.
type Strip struct {
	rollout Rollout
	by      string
}

// Strip colours the tokens by "advantage", "reward", "return", "value", "KL", "log p", "reference" or "ratio". Another name gives
// no colour.
func (r Rollout) Strip(by string) Strip { return Strip{r, by} }

// column is what the strip is coloured by, with no values where there is nothing of that name.
func (s Strip) column() (values []float64, middle float64) {
	for _, c := range columns() {
		if c.name == s.by {
			return c.values(s.rollout), c.middle
		}
	}
	return nil, 0
}

func (s Strip) has() bool {
	values, _ := s.column()
	return len(values) > 0
}

// HTML has the prompt in grey and the answer in colour: blue above zero (a ratio above one), orange below, the stronger the further.
// What the mouse rests on shows its numbers.
func (s Strip) HTML() string {
	r := s.rollout
	values, middle := s.column()
	most := 0.0
	for _, v := range values {
		most = max(most, math.Abs(v-middle))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<div style="font-family:monospace;line-height:2.1"><div style="opacity:.75">%s: %s</div>`, html.EscapeString(s.by), html.EscapeString(r.title()))
	for i, token := range r.Tokens {
		style, title := "border:1px solid #8888;color:#767676", "prompt"
		if at := i - r.From; at >= 0 {
			style, title = "border:1px solid #8888", r.numbers(at)
			if at < len(values) && most > 0 {
				v := (values[at] - middle) / most
				colour := "#2f7fb6"
				if v < 0 {
					colour = "#d9772b"
				}
				style = fmt.Sprintf("border:1px solid %s;background:%s%02x", colour, colour, int(math.Round(16+140*math.Abs(v)))) // the last two digits are how opaque
			}
		}
		fmt.Fprintf(&b, `<span title="%s" style="%s;border-radius:4px;padding:1px 4px;margin:1px;white-space:pre">%s</span>`, html.EscapeString(title), style, html.EscapeString(token))
	}
	b.WriteString("</div>")
	return b.String()
}

// numbers is all that is known of token i of the answer.
func (r Rollout) numbers(i int) string {
	var parts []string
	for _, c := range columns() {
		if v := c.values(r); i < len(v) {
			parts = append(parts, fmt.Sprintf("%s %.4f", c.name, v[i]))
		}
	}
	return strings.Join(parts, ", ")
}

// example is what a step reads of the rollout: its answer's tokens are trained on, and have these numbers.
func (r Rollout) example(tokens map[string][]float64) data.Example {
	e := answer(r.IDs, r.From)
	e.Tokens = map[string][]float32{}
	for name, values := range tokens {
		list := make([]float32, len(r.IDs))
		for i, v := range values {
			list[r.From-1+i] = float32(v) // where the token is predicted
		}
		e.Tokens[name] = list
	}
	return e
}

// flat is one value for every token of the answer.
func (r Rollout) flat(v float64) []float64 {
	list := make([]float64, r.Len())
	for i := range list {
		list[i] = v
	}
	return list
}

// sum is that of a list.
func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

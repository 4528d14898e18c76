package check

import (
	"fmt"
	"math"
)

// Number asks for a value, such as a loss worked out by hand.
type Number struct {
	Name   string // what it is, as in "the loss of the example"
	Got    float64
	Want   float64
	Within float64 // the greatest distance that counts as right; zero means a thousandth of Want

	Start float64 // what the untouched exercise holds
	Traps []Trap  // usual mistakes, compared as closely as Want; the first that fits counts
	Rules []Rule  // usual mistakes that are none of those
	See   string  // where to look
	Lang  string  // of the messages: "zh", or English; empty means that of the notebook
}

// A Trap is a usual mistake: who gives Answer gets Hint.
type Trap struct {
	Answer float64
	Hint   string
}

// A Rule is a usual mistake with many answers: who gives one for which If holds gets Hint. Example is one of them.
type Rule struct {
	If      func(got float64) bool
	Example float64
	Hint    string
}

var _ Test = Number{}

// Check compares Got with Want.
func (n Number) Check() error {
	within := n.Within
	if within == 0 {
		within = math.Abs(n.Want) / 1000
	}
	near := func(v float64) bool { return math.Abs(n.Got-v) <= within }
	w := of(n.Lang)
	switch {
	case math.IsNaN(n.Got) || math.IsInf(n.Got, 0):
		return w.failure(n.See, w.notNumber, n.Name, n.Got)
	case near(n.Want):
		return nil
	case n.Got == n.Start:
		return w.untried(n.See, w.untouched, n.Name, n.Got)
	}
	for _, t := range n.Traps {
		if near(t.Answer) {
			return w.failure(n.See, w.trapped, n.Name, n.Got, t.Hint)
		}
	}
	if hint := ruled(n.Rules, n.Got); hint != "" {
		return w.failure(n.See, w.trapped, n.Name, n.Got, hint)
	}
	return w.failure(n.See, w.away, n.Name, n.Got, n.off(w))
}

// off says how far away Got is without giving Want away.
func (n Number) off(w words) string {
	side := w.large
	if n.Got < n.Want {
		side = w.small
	}
	switch ratio := n.Got / n.Want; {
	case n.Want == 0 || ratio <= 0:
		return side
	case ratio >= 2:
		return fmt.Sprintf(w.factor, side, ratio)
	case ratio <= 0.5:
		return fmt.Sprintf(w.factor, side, 1/ratio)
	}
	return fmt.Sprintf(w.near, side)
}

// String is what held.
func (n Number) String() string { return fmt.Sprintf(of(n.Lang).passed, n.Name, n.Got) }

func (n Number) name() string { return n.Name }

func (n Number) right() error { return n.with(n.Want) }

func (n Number) mistakes() []mistake {
	var out []mistake
	for _, t := range n.Traps {
		out = append(out, mistake{t.Hint, n.with(t.Answer)})
	}
	for _, r := range n.Rules {
		out = append(out, mistake{r.Hint, n.with(r.Example)})
	}
	return out
}

func (n Number) with(answer float64) error {
	n.Got = answer
	return n.Check()
}

// ruled is the hint of the first rule that holds, empty if none does.
func ruled(rules []Rule, got float64) string {
	for _, r := range rules {
		if r.If(got) {
			return r.Hint
		}
	}
	return ""
}

// Between asks for any value of a range, such as the marks of a model that the learner has trained.
type Between struct {
	Name      string
	Got       float64
	Low, High float64 // both count as right

	Start float64 // what the untouched exercise holds
	Rules []Rule  // usual mistakes
	See   string
	Lang  string
}

var _ Test = Between{}

// Check compares Got with the range.
func (b Between) Check() error {
	w := of(b.Lang)
	switch {
	case math.IsNaN(b.Got) || math.IsInf(b.Got, 0):
		return w.failure(b.See, w.notNumber, b.Name, b.Got)
	case b.Low <= b.Got && b.Got <= b.High:
		return nil
	case b.Got == b.Start:
		return w.untried(b.See, w.untouched, b.Name, b.Got)
	}
	if hint := ruled(b.Rules, b.Got); hint != "" {
		return w.failure(b.See, w.trapped, b.Name, b.Got, hint)
	}
	if b.Got < b.Low { // the range is what the exercise asks for, so it is no secret
		return w.failure(b.See, w.least, b.Name, b.Got, b.Low)
	}
	return w.failure(b.See, w.most, b.Name, b.Got, b.High)
}

// String is what held.
func (b Between) String() string { return fmt.Sprintf(of(b.Lang).passed, b.Name, b.Got) }

func (b Between) name() string { return b.Name }

func (b Between) right() error { return b.with(b.Low) }

func (b Between) mistakes() []mistake {
	out := make([]mistake, len(b.Rules))
	for i, r := range b.Rules {
		out[i] = mistake{r.Hint, b.with(r.Example)}
	}
	return out
}

func (b Between) with(answer float64) error {
	b.Got = answer
	return b.Check()
}

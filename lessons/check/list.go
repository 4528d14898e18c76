package check

import (
	"fmt"
	"math"
)

// List asks for whole numbers in order, such as the labels of an example. It tells which is the first that differs.
type List struct {
	Name  string // what it is, as in "labels"
	Got   []int
	Want  []int
	Start []int    // what the untouched exercise holds
	Items []string // what stands at each place, for the message; may be nil

	Traps []ListTrap
	See   string // where to look
	Lang  string // of the messages: "zh", or English; empty means that of the notebook
}

// A ListTrap is a usual mistake: who gives Answer gets Hint.
type ListTrap struct {
	Answer []int
	Hint   string
}

var _ Test = List{}

// Check compares Got with Want.
func (l List) Check() error {
	return l.numbers(l.Got).check(func(i int) string { return fmt.Sprint(l.Got[i]) })
}

// numbers is the same test of another answer with the other type.
func (l List) numbers(got []int) Numbers {
	n := Numbers{Name: l.Name, Got: floats(got), Want: floats(l.Want), Start: floats(l.Start), Items: l.Items, See: l.See, Lang: l.Lang, exact: true}
	for _, t := range l.Traps {
		n.Traps = append(n.Traps, NumbersTrap{floats(t.Answer), t.Hint})
	}
	return n
}

// String is what held.
func (l List) String() string { return fmt.Sprintf(of(l.Lang).all, l.Name, len(l.Got)) }

func (l List) name() string        { return l.Name }
func (l List) right() error        { return l.numbers(l.Want).Check() }
func (l List) mistakes() []mistake { return l.numbers(nil).mistakes() }

// floats keeps nil.
func floats(list []int) []float64 {
	if list == nil {
		return nil
	}
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = float64(v)
	}
	return out
}

// Numbers asks for several values in order, such as probabilities. It tells which is the first that is off.
type Numbers struct {
	Name   string
	Got    []float64
	Want   []float64
	Within float64   // the greatest distance that counts as right, for each; zero means a thousandth of the wanted one
	Start  []float64 // what the untouched exercise holds
	Items  []string  // what stands at each place, for the message; may be nil

	Traps []NumbersTrap
	See   string
	Lang  string

	exact bool
}

// A NumbersTrap is a usual mistake: who gives Answer gets Hint.
type NumbersTrap struct {
	Answer []float64
	Hint   string
}

var _ Test = Numbers{}

// Check compares Got with Want.
func (n Numbers) Check() error {
	return n.check(func(i int) string { return fmt.Sprintf("%.4g", n.Got[i]) })
}

func (n Numbers) check(show func(i int) string) error {
	w, differs := of(n.Lang), n.first(n.Want)
	switch {
	case differs < 0:
		return nil
	case len(n.Got) == 0 && len(n.Start) == 0:
		return w.untried(n.See, w.empty, n.Name, len(n.Want))
	case len(n.Got) == 0:
		return w.failure(n.See, w.empty, n.Name, len(n.Want))
	case n.Start != nil && n.first(n.Start) < 0:
		return w.untried(n.See, w.left, n.Name)
	}
	for _, t := range n.Traps {
		if n.first(t.Answer) < 0 {
			return w.failure(n.See, w.trappedList, n.Name, t.Hint)
		}
	}
	if len(n.Got) != len(n.Want) {
		return w.failure(n.See, w.length, n.Name, len(n.Got), len(n.Want))
	}
	at := ""
	if differs < len(n.Items) {
		at = fmt.Sprintf(" (%s)", n.Items[differs])
	}
	return w.failure(n.See, w.item, n.Name, differs, at, show(differs))
}

// first is the first place where Got is not as want has it, -1 when there is none.
func (n Numbers) first(want []float64) int {
	for i := range min(len(n.Got), len(want)) {
		within := n.Within
		if within == 0 && !n.exact {
			within = math.Abs(want[i]) / 1000
		}
		if !(math.Abs(n.Got[i]-want[i]) <= within) { // also when it is NaN
			return i
		}
	}
	if len(n.Got) != len(want) {
		return min(len(n.Got), len(want))
	}
	return -1
}

// String is what held.
func (n Numbers) String() string { return fmt.Sprintf(of(n.Lang).all, n.Name, len(n.Got)) }

func (n Numbers) name() string { return n.Name }

func (n Numbers) right() error { return n.with(n.Want) }

func (n Numbers) mistakes() []mistake {
	out := make([]mistake, len(n.Traps))
	for i, t := range n.Traps {
		out[i] = mistake{t.Hint, n.with(t.Answer)}
	}
	return out
}

func (n Numbers) with(answer []float64) error {
	n.Got = answer
	return n.Check()
}

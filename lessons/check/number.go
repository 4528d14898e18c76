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
	Traps []Trap  // usual mistakes, compared as closely as Want
	See   string  // where to look
	Lang  string  // of the messages: "zh", or English
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
		return w.failure(n.See, w.untouched, n.Name, n.Got)
	}
	for _, t := range n.Traps {
		if near(t.Answer) {
			return w.failure(n.See, w.trapped, n.Name, n.Got, t.Hint)
		}
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

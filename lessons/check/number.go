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
}

var _ Test = Number{}

// Check compares Got with Want.
func (n Number) Check() error {
	within := n.Within
	if within == 0 {
		within = math.Abs(n.Want) / 1000
	}
	near := func(v float64) bool { return math.Abs(n.Got-v) <= within }
	switch {
	case math.IsNaN(n.Got) || math.IsInf(n.Got, 0):
		return failure(n.See, "%s is %v: was something divided by zero, or the logarithm of zero taken?", n.Name, n.Got)
	case near(n.Want):
		return nil
	case n.Got == n.Start:
		return failure(n.See, "%s is still %.4g, as the exercise left it.", n.Name, n.Got)
	}
	for _, t := range n.Traps {
		if near(t.Answer) {
			return failure(n.See, "%s is %.4g. %s", n.Name, n.Got, t.Hint)
		}
	}
	return failure(n.See, "%s is %.4g, which is %s.", n.Name, n.Got, n.off())
}

// off says how far away Got is without giving Want away.
func (n Number) off() string {
	side := "too large"
	if n.Got < n.Want {
		side = "too small"
	}
	switch ratio := n.Got / n.Want; {
	case n.Want == 0 || ratio < 0:
		return side
	case ratio >= 2:
		return fmt.Sprintf("%s by a factor of about %.2g", side, ratio)
	case ratio <= 0.5 && ratio > 0:
		return fmt.Sprintf("%s by a factor of about %.2g", side, 1/ratio)
	}
	return fmt.Sprintf("%s, by less than a factor of two", side)
}

// String is what held.
func (n Number) String() string { return fmt.Sprintf("%s is %.4g", n.Name, n.Got) }

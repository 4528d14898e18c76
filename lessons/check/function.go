package check

import (
	"fmt"
	"math"
)

// Function asks for a function that the learner writes, such as a learning rate by step. It is called at each place of At.
type Function struct {
	Name   string // as it is called: "rate"
	Got    func(float64) float64
	Want   func(float64) float64
	At     []float64
	Within float64 // the greatest distance that counts as right; zero means a thousandth of the wanted value

	Start func(float64) float64 // the untouched exercise; may be nil
	Traps []FunctionTrap
	See   string
	Lang  string
}

// A FunctionTrap is a usual mistake: whose function has the values of Answer gets Hint.
type FunctionTrap struct {
	Answer func(float64) float64
	Hint   string
}

var _ Test = Function{}

// Check compares the values of Got with those of Want.
func (f Function) Check() error {
	w := of(f.Lang)
	if f.Got == nil {
		return w.untried(f.See, w.left, f.Name)
	}
	got := Numbers{Name: f.Name, Within: f.Within}
	for _, x := range f.At {
		y, thrown := call(f.Got, x)
		if thrown != nil {
			return w.failure(f.See, w.thrown, f.Name, x, thrown)
		}
		got.Got = append(got.Got, y)
	}
	differs := got.first(values(f.Want, f.At))
	switch {
	case differs < 0:
		return nil
	case f.Start != nil && got.first(values(f.Start, f.At)) < 0:
		return w.untried(f.See, w.left, f.Name)
	}
	for _, t := range f.Traps {
		if got.first(values(t.Answer, f.At)) < 0 {
			return w.failure(f.See, w.trappedList, f.Name, t.Hint)
		}
	}
	side := w.large
	switch y, want := got.Got[differs], f.Want(f.At[differs]); {
	case math.IsNaN(y) || math.IsInf(y, 0):
		return w.failure(f.See, w.notNumber, fmt.Sprintf("%s(%.4g)", f.Name, f.At[differs]), y)
	case y < want:
		side = w.small
	}
	return w.failure(f.See, w.away, fmt.Sprintf("%s(%.4g)", f.Name, f.At[differs]), got.Got[differs], side)
}

// call keeps the panic of a learner's function from being taken for that of the check.
func call(f func(float64) float64, x float64) (y float64, thrown any) {
	defer func() { thrown = recover() }()
	return f(x), nil
}

func values(f func(float64) float64, at []float64) []float64 {
	out := make([]float64, len(at))
	for i, x := range at {
		out[i] = f(x)
	}
	return out
}

// String is what held.
func (f Function) String() string { return fmt.Sprintf(of(f.Lang).all, f.Name, len(f.At)) }

func (f Function) name() string { return f.Name }

func (f Function) right() error { return f.with(f.Want) }

func (f Function) mistakes() []mistake {
	out := make([]mistake, len(f.Traps))
	for i, t := range f.Traps {
		out[i] = mistake{t.Hint, f.with(t.Answer)}
	}
	return out
}

func (f Function) with(answer func(float64) float64) error {
	f.Got = answer
	return f.Check()
}

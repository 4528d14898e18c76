package plot

import (
	"fmt"
	"slices"
	"testing"
)

// clouds are figures of dots, for the golden images and the checks of form.
func clouds() map[string]*Figure {
	dots := []Dot{
		{"full", []float64{1444736, 1444736, 1444736}, []float64{0.62, 0.66, 0.65}},
		{"last 2", []float64{393984, 393984, 393984}, []float64{0.41, 0.47, 0.43}},
		{"last 1", []float64{196992, 196992, 196992}, []float64{0.30, 0.27, 0.33}},
		{"lora r=8", []float64{36864, 36864, 36864}, []float64{0.63, 0.60, 0.61}},
		{"bitfit", []float64{11520, 11520, 11520}, []float64{0.22, 0.28, 0.25}},
		{"norms", []float64{1664, 1664, 1664}, []float64{0.24, 0.21, 0.25}},
	}
	return map[string]*Figure{
		"scatter": Scatter(Axes{Title: "What moves, and what it reaches", X: "parameters that move", Y: "exact answers", Percent: true, LogX: true, Caption: "3 seeds"},
			Lower, Higher, dots...),
		"scatter-lower": Scatter(Axes{Title: "Time against perplexity", X: "time (s)", Y: "perplexity"}, Lower, Lower,
			Dot{"full", []float64{9, 9.4, 9.1}, []float64{1.95, 1.97, 1.96}}, Dot{"last", []float64{5, 5.1, 5.2}, []float64{1.53, 1.54, 1.53}},
			Dot{"norms", []float64{6, 6.3, 6.1}, []float64{2.4, 2.6, 2.5}}, Dot{"unfreeze", []float64{3.4, 3.2, 3.3}, []float64{1.75, 1.76, 1.74}}),
		"scatter-goal": Scatter(Axes{Title: "Two ways to be wrong", X: "harmless requests refused", Y: "harmful requests refused", Percent: true, PercentX: true, Goal: &Dot{"ideal", []float64{0}, []float64{1}}},
			Lower, Higher, Dot{"base", []float64{0.02}, []float64{0.03}}, Dot{"sft", []float64{0.04, 0.01, 0.03}, []float64{0.96, 0.98, 0.97}}, Dot{"broken", []float64{0.93}, []float64{1}}),
		"scatter-empty": Scatter(Axes{Title: "Nothing yet", X: "x", Y: "y"}, Lower, Higher),
	}
}

// By hand: in the plane of x and y, (1,1) and (2,3) and (4,4) are not beaten when low x and high y are good; (3,3) is, by
// (2,3), and (4,2) is, by several.
func TestFront(t *testing.T) {
	dots := []Dot{
		{"a", []float64{4}, []float64{4}}, {"b", []float64{2}, []float64{3}}, {"c", []float64{3}, []float64{3}},
		{"d", []float64{1}, []float64{1}}, {"e", []float64{4}, []float64{2}}, {"f", nil, nil},
	}
	for _, c := range []struct {
		x, y Better
		want []int
	}{
		{Lower, Higher, []int{3, 1, 0}},
		{Lower, Lower, []int{3}},
		{Higher, Higher, []int{0}},
		{Higher, Lower, []int{3, 4}}, // d has the least y, e the most x and less y than a
		{Neither, Higher, nil},
	} {
		if got := Front(c.x, c.y, dots...); !slices.Equal(got, c.want) {
			t.Errorf("x %d, y %d: %v, want %v", c.x, c.y, got, c.want)
		}
	}
	// Means count: 1 and 3 around 2 against a single 2.1.
	if got := Front(Lower, Higher, Dot{"a", []float64{1, 3}, []float64{1, 1}}, Dot{"b", []float64{2.1}, []float64{1}}); !slices.Equal(got, []int{0}) {
		t.Errorf("means: %v, want [0]", got)
	}
	// Equals do not beat each other.
	if got := Front(Lower, Higher, Dot{"a", []float64{1}, []float64{1}}, Dot{"b", []float64{1}, []float64{1}}); len(got) != 2 {
		t.Errorf("equals: %v, want both", got)
	}
}

func ExampleScatter() {
	f := Scatter(Axes{Title: "Cost", X: "MB", Y: "exact answers", Percent: true}, Lower, Higher,
		Dot{Name: "full", X: []float64{5.8}, Y: []float64{0.6}}, Dot{Name: "lora", X: []float64{0.2}, Y: []float64{0.61}})
	fmt.Println(f)
	// Output: Cost: full 60% at 5.8; lora 61% at 0.2, on the front
}

package plot

import (
	"math"
	"strings"

	"github.com/tunebook/tunebook/pkg/metric"
)

// Loss draws the loss of runs over their steps, and the held-out loss dashed where it was measured. The axis is
// logarithmic where all of it is above zero: a loss falls by factors, and late in a run, where it is small, is where over-fitting
// shows.
func Loss(logs ...*metric.Log) *Figure {
	f, a := series(metric.Loss, logs)
	a.Title, a.Log = "Loss", true
	for _, line := range f {
		for _, v := range line.Y {
			a.Log = a.Log && !(v <= 0)
		}
	}
	return Curve(a, f...)
}

// Series draws one value that runs have logged over their steps, such as method.PairAccuracy, and dashed what it was on held-out
// records where that was measured.
func Series(name string, logs ...*metric.Log) *Figure {
	lines, a := series(name, logs)
	return Curve(a, lines...)
}

// series are the lines of a value, and their axes.
func series(name string, logs []*metric.Log) (lines []Line, a Axes) {
	unit := ""
	for _, log := range logs {
		for _, held := range []bool{false, true} {
			line := Line{Name: log.Name, Raw: true}
			s := log.Get(name)
			if held {
				s, line = log.Get(metric.HeldOut(name)), Line{Name: log.Name + ", held-out", Dashed: true}
			}
			if s == nil {
				continue
			}
			line.X, line.Y = steps(s), s.Values
			lines = append(lines, line)
			if s.Unit != "" {
				unit = " (" + s.Unit + ")"
			}
		}
	}
	title := name
	if title != "" {
		title = strings.ToUpper(title[:1]) + title[1:]
	}
	return lines, Axes{Title: title, X: "step", Y: name + unit}
}

func steps(s *metric.Series) []float64 {
	x := make([]float64, len(s.Steps))
	for i, n := range s.Steps {
		x[i] = float64(n)
	}
	return x
}

// drawn says whether a log has a value that can be drawn.
func drawn(log *metric.Log, name string) bool {
	s := log.Get(name)
	return s != nil && len(s.Values) > 0 && !math.IsNaN(s.Last())
}

package plot

import "github.com/tunebook/tunebook/pkg/metric"

// Loss draws the loss of runs over their steps, and the held-out loss dashed where it was measured. The axis is
// logarithmic: a loss falls by factors, and late in a run, where it is small, is where over-fitting shows.
func Loss(logs ...*metric.Log) *Figure {
	var lines []Line
	for _, log := range logs {
		if s := log.Get(metric.Loss); s != nil {
			lines = append(lines, Line{Name: log.Name, X: steps(s), Y: s.Values, Raw: true})
		}
		if s := log.Get(metric.EvalLoss); s != nil {
			lines = append(lines, Line{Name: log.Name + ", held-out", X: steps(s), Y: s.Values, Dashed: true})
		}
	}
	return Curve(Axes{Title: "Loss", X: "step", Y: "loss (nats per token)", Log: true}, lines...)
}

func steps(s *metric.Series) []float64 {
	x := make([]float64, len(s.Steps))
	for i, n := range s.Steps {
		x[i] = float64(n)
	}
	return x
}

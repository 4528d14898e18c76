package metric

import (
	"math"
	"slices"
)

// HeldOut names the series of a value that is measured on held-out records.
func HeldOut(name string) string { return "held-out " + name }

// Series is one value over steps: Values[i] was measured after step Steps[i].
type Series struct {
	Name   string
	Unit   string // what the axis shows, such as nats per token; empty for plain numbers
	Steps  []int
	Values []float64
}

// Add appends a measurement.
func (s *Series) Add(step int, value float64) {
	s.Steps, s.Values = append(s.Steps, step), append(s.Values, value)
}

// Last is the latest value, NaN when there is none.
func (s *Series) Last() float64 {
	if s == nil || len(s.Values) == 0 {
		return math.NaN()
	}
	return s.Values[len(s.Values)-1]
}

// Names of the series that a training run writes.
const (
	Loss         = "loss" // mean over trained tokens, nats per token
	Rate         = "learning rate"
	GradNorm     = "gradient norm" // before clipping
	EvalLoss     = "held-out loss"
	EvalAccuracy = "held-out accuracy"
	Moving       = "moving parameters" // where that changes along the way
)

// Log is all series of one run.
type Log struct {
	Name   string // the run's name, which also chooses its colour
	Series []*Series
}

// Get is the series of that name, nil when the run has none.
func (l *Log) Get(name string) *Series {
	if l == nil {
		return nil
	}
	for _, s := range l.Series {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Add appends to a series, making it when it is new.
func (l *Log) Add(name, unit string, step int, value float64) {
	s := l.Get(name)
	if s == nil {
		s = &Series{Name: name, Unit: unit}
		l.Series = append(l.Series, s)
	}
	s.Add(step, value)
}

// Clone is a copy that later steps do not change.
func (l *Log) Clone() *Log {
	out := &Log{Name: l.Name}
	for _, s := range l.Series {
		out.Series = append(out.Series, &Series{s.Name, s.Unit, slices.Clone(s.Steps), slices.Clone(s.Values)})
	}
	return out
}

// MeanStd is the mean and the sample standard deviation (n−1) of values, as over seeds. One value has deviation zero.
func MeanStd(values []float64) (mean, std float64) {
	if len(values) == 0 {
		return math.NaN(), math.NaN()
	}
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	if len(values) == 1 {
		return mean, 0
	}
	for _, v := range values {
		std += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(std / float64(len(values)-1))
}

// Perplexity is e^loss, for a loss in nats per token.
func Perplexity(loss float64) float64 { return math.Exp(loss) }

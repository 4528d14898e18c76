package compare

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/plot"
)

// Column is one thing that was found out of each run.
type Column struct {
	Name   string      // by which it is asked for
	Label  string      // what stands above it
	Unit   string      // of the values, empty for plain numbers
	Better plot.Better // which end is the good one
	About  string      // one line

	digits  int
	percent bool
	scale   float64 // values that make one of the unit; zero means 1
	value   func(*Trial) (float64, bool)
	marks   func(Marks) (float64, bool) // where the base has it too
}

// Columns are all that there are.
func Columns() []Column {
	quality := func(m Marks) (float64, bool) { return float64(m.Right) / float64(m.Asked), m.Asked > 0 }
	perplexity := func(m Marks) (float64, bool) { return m.Perplexity, m.Perplexity > 0 }
	knowledge := func(m Marks) (float64, bool) { return float64(m.Kept) / float64(m.Begun), m.Begun > 0 }
	some := func(v float64) (float64, bool) { return v, v > 0 }
	return []Column{
		{Name: "quality", Label: "exact answers", Better: plot.Higher, percent: true, digits: 1, marks: quality,
			About: "share of the exam's questions that are answered exactly"},
		{Name: "loss", Label: "held-out loss", Unit: "nats per token", Better: plot.Lower, digits: 3,
			value: func(r *Trial) (float64, bool) { return some(r.HeldOut) }, About: "loss on held-out records at the end of training"},
		{Name: "perplexity", Label: "perplexity of the base's text", Better: plot.Lower, digits: 3, marks: perplexity,
			About: "on text of the sort that the base was made from, which it has not seen: what rises was forgotten"},
		{Name: "knowledge", Label: "knowledge kept", Better: plot.Higher, percent: true, digits: 1, marks: knowledge,
			About: "share of sentences that the model still ends as the base's texts do"},
		{Name: "trainable", Label: "parameters that move", Better: plot.Lower, value: func(r *Trial) (float64, bool) { return some(float64(r.Trainable)) },
			About: "in the end"},
		{Name: "share", Label: "of all", Better: plot.Lower, percent: true, digits: 2, value: func(r *Trial) (float64, bool) {
			return float64(r.Trainable) / float64(r.Parameters), r.Parameters > 0
		}, About: "parameters that move, of all"},
		{Name: "size", Label: "size to store", Unit: "MB", scale: 1e6, Better: plot.Lower, digits: 3,
			value: func(r *Trial) (float64, bool) { return some(float64(r.Size)) }, About: "size on disk of what must be kept beside the base, in float32"},
		{Name: "peak", Label: "peak memory, measured", Unit: "MB", scale: 1e6, Better: plot.Lower, digits: 1,
			value: func(r *Trial) (float64, bool) { return some(float64(r.Peak)) }, About: "most memory that the process of the run had while it trained"},
		{Name: "added", Label: "peak less what was there before", Unit: "MB", scale: 1e6, Better: plot.Lower, digits: 1, value: func(r *Trial) (float64, bool) {
			return float64(r.Peak - r.Idle), r.Peak > 0 && r.Idle > 0
		}, About: "peak memory less what the process had just before training: program, data, base; measured"},
		{Name: "planned", Label: "memory, planned", Unit: "MB", scale: 1e6, Better: plot.Lower, digits: 1,
			value: func(r *Trial) (float64, bool) { return some(float64(r.Planned)) }, About: "what the largest training plan asks for: values, gradients, parameters; computed"},
		{Name: "time", Label: "training time", Unit: "s", Better: plot.Lower, digits: 1,
			value: func(r *Trial) (float64, bool) { return some(r.Seconds) }, About: "wall time of training"},
		{Name: "step", Label: "step", Unit: "ms", Better: plot.Lower, digits: 1,
			value: func(r *Trial) (float64, bool) { return some(r.Step) }, About: "mean wall time of a step"},
	}
}

// ErrNoColumn says that there is no column of that name.
var ErrNoColumn = errors.New("there is no such column")

// ColumnOf is the column of a name.
func ColumnOf(name string) (Column, error) {
	var names []string
	for _, c := range Columns() {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return Column{}, fmt.Errorf("compare: %q: %w: there are %s", name, ErrNoColumn, strings.Join(names, ", "))
}

// Columns are those in which something was measured.
func (r *Report) Columns() []Column {
	var out []Column
	for _, c := range Columns() {
		for _, m := range r.Methods {
			if len(c.Values(m)) > 0 {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// Title is the label with its unit.
func (c Column) Title() string {
	if c.Unit == "" {
		return c.Label
	}
	return c.Label + ", " + c.Unit
}

// Of is the value of a run in the column's unit, shares from 0 to 1; ok is false where it was not measured.
func (c Column) Of(r *Trial) (v float64, ok bool) {
	switch {
	case r.Failed != "":
		return 0, false
	case c.marks != nil:
		return c.marks(r.Marks)
	}
	v, ok = c.value(r)
	if c.scale != 0 {
		v /= c.scale
	}
	return v, ok
}

// Values are those of a job's runs, where they were measured, by seed.
func (c Column) Values(m *Method) []float64 {
	var out []float64
	for _, r := range m.Runs {
		if v, ok := c.Of(r); ok {
			out = append(out, v)
		}
	}
	return out
}

// cell is mean ± deviation.
func (c Column) cell(m *Method) string {
	values := c.Values(m)
	if len(values) == 0 {
		return "not measured"
	}
	mean, std := metric.MeanStd(values)
	text := c.format(mean)
	if len(values) > 1 && std > 1e-9*math.Abs(mean) { // equal values differ by rounding of their mean
		text += " ± " + strings.TrimSuffix(c.format(std), "%")
	}
	return text
}

// format writes a value with the column's digits.
func (c Column) format(v float64) string {
	if c.percent {
		return strconv.FormatFloat(100*v, 'f', c.digits, 64) + "%"
	}
	if c.digits == 0 {
		return thousands(int64(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'f', c.digits, 64)
}

// thousands puts commas into a number that is not negative.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

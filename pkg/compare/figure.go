package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/plot"
)

// Pareto draws two columns against each other, a dot for each job with its seeds around it, and the front: the jobs that no
// other one beats in both. What own says replaces title, labels and caption, for figures in another language.
func (r *Report) Pareto(x, y string, own ...plot.Axes) (*plot.Figure, error) {
	across, errX := ColumnOf(x)
	up, errY := ColumnOf(y)
	if err := errors.Join(errX, errY); err != nil {
		return nil, err
	}
	var dots []plot.Dot
	low, high := 0.0, 0.0
	for _, m := range r.Methods {
		d := plot.Dot{Name: m.Name}
		for _, run := range m.Runs {
			a, ok := across.Of(run)
			b, both := up.Of(run)
			if !ok || !both {
				continue
			}
			d.X, d.Y = append(d.X, a), append(d.Y, b)
			if a > 0 && (low == 0 || a < low) {
				low = a
			}
			high = max(high, a)
		}
		if len(d.X) > 0 {
			dots = append(dots, d)
		}
	}
	a := plot.Axes{Title: up.Label + " against " + across.Label, X: across.Title(), Y: up.Title(), Percent: up.percent, PercentX: across.percent, Caption: r.caption()}
	for _, o := range own {
		a.Title, a.X, a.Y, a.Caption = cmp.Or(o.Title, a.Title), cmp.Or(o.X, a.X), cmp.Or(o.Y, a.Y), cmp.Or(o.Caption, a.Caption)
	}
	a.LogX = low > 0 && high > 20*low // what differs by factors is seen as factors
	return plot.Scatter(a, across.Better, up.Better, dots...), nil
}

func (r *Report) caption() string {
	text := fmt.Sprintf("%d seeds", len(r.Seeds))
	if len(r.Seeds) == 1 {
		text = "1 seed"
	}
	if r.Task != "" {
		text = r.Task + " · " + text
	}
	return text
}

// Curves draws a series of the runs, such as metric.EvalLoss, as the mean over the seeds of each job with the band from the
// lowest to the highest. Without a name it is the held-out loss, or the loss where none was held out. Long curves are means
// over a fiftieth of the steps.
func (r *Report) Curves(series ...string) *plot.Figure {
	var runs []Progress
	for _, m := range r.Methods {
		for _, run := range m.Runs {
			runs = append(runs, Progress{Name: m.Name, Log: run.Log})
		}
	}
	return curves(runs, r.caption(), series...)
}

// Curves are those of the report, so far.
func (s Snapshot) Curves(series ...string) *plot.Figure {
	if len(series) == 0 {
		series = []string{metric.Loss} // the held-out loss comes late
	}
	return curves(s.Runs, s.Study, series...)
}

func curves(runs []Progress, caption string, series ...string) *plot.Figure {
	name := metric.EvalLoss
	if len(series) > 0 {
		name = series[0]
	} else if !slices.ContainsFunc(runs, func(p Progress) bool { return p.Log.Get(name) != nil }) {
		name = metric.Loss
	}
	var order []string
	logs := map[string][]*metric.Series{}
	label := name
	for _, p := range runs {
		if _, ok := logs[p.Name]; !ok {
			order = append(order, p.Name)
			logs[p.Name] = nil
		}
		if s := p.Log.Get(name); s != nil {
			logs[p.Name] = append(logs[p.Name], s)
			if s.Unit != "" {
				label = name + " (" + s.Unit + ")"
			}
		}
	}
	var lines []plot.Line
	for _, n := range order {
		lines = append(lines, line(n, logs[n]))
	}
	logarithmic := name == metric.Loss || name == metric.EvalLoss
	return plot.Curve(plot.Axes{Title: name, X: "step", Y: label, Log: logarithmic, Caption: caption}, lines...)
}

// buckets is how many points a long curve has.
const buckets = 50

// line is the mean of several runs with their band. Runs under way count as far as they are.
func line(name string, runs []*metric.Series) plot.Line {
	var x []float64
	var ys [][]float64
	for _, s := range runs {
		steps, values := windowed(s)
		if len(steps) > len(x) {
			x = steps
		}
		ys = append(ys, values)
	}
	l := plot.Band(name, x, ys...)
	if len(runs) < 2 {
		l.Low, l.High = nil, nil
	}
	return l
}

// windowed are the means over buckets of equal width in steps, so that runs that are at different steps share theirs.
func windowed(s *metric.Series) (x, y []float64) {
	if len(s.Steps) <= buckets {
		for i, step := range s.Steps {
			x, y = append(x, float64(step)), append(y, s.Values[i])
		}
		return x, y
	}
	width := 1
	for len(s.Steps) > buckets*width { // of a power of two, so that a growing curve keeps its points for a while
		width *= 2
	}
	for at := 0; at < len(s.Steps); at += width {
		end := min(at+width, len(s.Steps))
		sum := 0.0
		for _, v := range s.Values[at:end] {
			sum += v
		}
		x, y = append(x, float64(s.Steps[at]+s.Steps[end-1])/2), append(y, sum/float64(end-at))
	}
	return x, y
}

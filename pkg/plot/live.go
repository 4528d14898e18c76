package plot

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
)

// frame is the shortest time between two pictures while training goes on.
const frame = 250 * time.Millisecond

// Live returns a watcher for a training run that shows its loss and a line of progress a few times a second, and the
// final figure at the end, also of a run that was stopped. With names it shows those series of the log instead, side by side,
// as soon as they have values. It starts no goroutine. show takes the picture, such as the Show of a display handle.
func Live(show func(any) error, names ...string) func(metric.Snapshot) {
	var last time.Time
	return func(s metric.Snapshot) {
		if !s.Done && time.Since(last) < frame {
			return
		}
		figure := watched(s.Log.Clone(), names)
		// A page that cannot be reached must not stop the training, so errors are left alone.
		if s.Done {
			figure.sign(caption(s))
			_ = show(figure)
			return
		}
		_ = show(progress{figure, s.String()})
		last = time.Now() // after drawing, so that slow drawing never fills all the time
	}
}

// watched is the picture of a run: its loss, or the series of these names that have values.
func watched(log *metric.Log, names []string) *Figure {
	var figures []*Figure
	for _, name := range names {
		switch {
		case !drawn(log, name) && !drawn(log, metric.HeldOut(name)):
		case name == metric.Loss:
			figures = append(figures, Loss(log))
		default:
			figures = append(figures, Series(name, log))
		}
	}
	if len(figures) == 0 {
		return Loss(log)
	}
	return Panels(figures...)
}

// sign puts a caption below the figure, or the last of its panels.
func (f *Figure) sign(caption string) {
	if n := len(f.panels); n > 0 {
		f = f.panels[n-1]
	}
	f.caption = caption
}

// caption says what a run cost: its figure is looked at long after it, where a bar of progress says nothing.
func caption(s metric.Snapshot) string {
	steps := fmt.Sprintf("%d steps", s.Steps)
	if s.Step < s.Steps {
		steps = fmt.Sprintf("stopped after %d of %d steps", s.Step, s.Steps)
	}
	parts := []string{steps, s.Elapsed.Round(time.Second / 10).String()}
	if s.TokensPerSecond > 0 {
		parts = append(parts, number(math.Round(s.TokensPerSecond), 1)+" tokens/s")
	}
	return strings.Join(parts, " · ")
}

// progress is a figure that will be replaced soon, in the one form that is cheap to draw, with a line of text below.
type progress struct {
	figure *Figure
	line   string
}

// HTML is the figure and the line.
func (p progress) HTML() string {
	return p.figure.SVG() + `<div style="font-family:monospace">` + html.EscapeString(p.line) + "</div>"
}

// String is the line.
func (p progress) String() string { return p.line }

package plot

import (
	"html"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
)

// frame is the shortest time between two pictures while training goes on.
const frame = 250 * time.Millisecond

// Live returns a watcher for a training run that shows its loss and a line of progress a few times a second, and the
// final figure at the end. show takes the picture, such as the Show of a display handle.
func Live(show func(any) error) func(metric.Snapshot) {
	var last time.Time
	return func(s metric.Snapshot) {
		if !s.Done && time.Since(last) < frame {
			return
		}
		figure := Loss(s.Log.Clone())
		// A page that cannot be reached must not stop the training, so errors are left alone.
		if s.Done {
			figure.caption = s.String()
			_ = show(figure)
			return
		}
		_ = show(progress{figure, s.String()})
		last = time.Now() // after drawing, so that slow drawing never fills all the time
	}
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

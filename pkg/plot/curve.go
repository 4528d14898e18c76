package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"strings"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Line is one curve. Its name decides its colour, see [Color].
type Line struct {
	Name string
	As   string    // the name that decides the colour, where Name is a translation of it; "" means Name
	X, Y []float64 // values of the same length; points that are not finite leave a gap

	Low, High []float64 // optional band around Y, such as the spread over seeds

	Raw    bool // also smoothed: Y is drawn light and its running mean strong
	Dashed bool // for a second curve of the same name, such as held-out loss
}

// Band is the mean of several runs over the same x with the band from the lowest to the highest run.
func Band(name string, x []float64, runs ...[]float64) Line {
	line := Line{Name: name, X: x}
	for i := range x {
		sum, low, high, n := 0.0, math.Inf(1), math.Inf(-1), 0
		for _, run := range runs {
			if i < len(run) {
				sum, low, high, n = sum+run[i], math.Min(low, run[i]), math.Max(high, run[i]), n+1
			}
		}
		line.Y = append(line.Y, sum/float64(n))
		line.Low, line.High = append(line.Low, low), append(line.High, high)
	}
	return line
}

// Curve draws lines over a common x axis. Lines without a single finite point are named in the legend and not drawn.
func Curve(a Axes, lines ...Line) *Figure {
	names := make([]string, len(lines))
	for i, l := range lines {
		names[i] = cmp.Or(l.As, l.Name)
	}
	paints := colors(names)
	f := &Figure{title: a.Title, caption: a.Caption, text: tell(a, lines)}
	for i, l := range lines {
		if l.Name != "" {
			f.legend = append(f.legend, entry{l.Name, stroke(l, paints[i])})
		}
	}
	f.build = func(h text.Handler) *gonum.Plot {
		p := themed(h)
		label(p, a)
		p.Add(rules{})
		for i, l := range lines {
			addLine(p, l.on(a), paints[i])
		}
		p.X.Tick.Marker = ticks{count: 6, format: number, whole: counted(lines)}
		bound(p, a)
		return p
	}
	return f
}

// on is the line as it stands on the axes. A logarithmic axis is a linear one of logarithms: gonum's own puts the label
// of the axis at the mean of its ends, which is far from the middle there.
func (l Line) on(a Axes) Line {
	if a.Log {
		l.Y, l.Low, l.High = logarithms(l.Y), logarithms(l.Low), logarithms(l.High)
	}
	return l
}

// logarithms have base ten; what has none is a gap.
func logarithms(ys []float64) []float64 {
	out := make([]float64, len(ys))
	for i, y := range ys {
		out[i] = math.NaN()
		if y > 0 {
			out[i] = math.Log10(y)
		}
	}
	return out
}

// counted tells whether x counts something: steps, examples, bytes.
func counted(lines []Line) bool {
	for _, l := range lines {
		for _, x := range l.X {
			if x != math.Trunc(x) {
				return false
			}
		}
	}
	return true
}

func stroke(l Line, c color.Color) draw.LineStyle {
	s := draw.LineStyle{Color: c, Width: 1.8}
	if l.Dashed {
		s.Dashes = []vg.Length{4, 3}
	}
	return s
}

func addLine(p *gonum.Plot, l Line, c color.Color) {
	if len(l.Low) > 0 && len(l.High) > 0 {
		band(p, l, c)
	}
	xs, ys := thin(l.X, l.Y)
	if l.Raw {
		path(p, xs, ys, draw.LineStyle{Color: faded(c, 0.3), Width: 0.9})
		xs, ys = thin(l.X, smooth(l.Y, window(len(l.Y))))
	}
	path(p, xs, ys, stroke(l, c))
}

// path adds the finite pieces of a curve; a lone point becomes a dot.
func path(p *gonum.Plot, xs, ys []float64, s draw.LineStyle) {
	var piece plotter.XYs
	flush := func() {
		switch {
		case len(piece) == 1:
			p.Add(&plotter.Scatter{XYs: piece, GlyphStyle: draw.GlyphStyle{Color: s.Color, Radius: s.Width * 1.2, Shape: draw.CircleGlyph{}}})
		case len(piece) > 1:
			p.Add(&plotter.Line{XYs: piece, LineStyle: s})
		}
		piece = nil
	}
	for i := range min(len(xs), len(ys)) {
		if !finite(xs[i]) || !finite(ys[i]) {
			flush()
			continue
		}
		piece = append(piece, plotter.XY{X: xs[i], Y: ys[i]})
	}
	flush()
}

func band(p *gonum.Plot, l Line, c color.Color) {
	n := min(len(l.X), len(l.Low), len(l.High))
	var ring plotter.XYs
	for i := range n {
		if finite(l.High[i]) {
			ring = append(ring, plotter.XY{X: l.X[i], Y: l.High[i]})
		}
	}
	for i := n - 1; i >= 0; i-- {
		if finite(l.Low[i]) {
			ring = append(ring, plotter.XY{X: l.X[i], Y: l.Low[i]})
		}
	}
	if len(ring) > 2 {
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{ring}, Color: faded(c, 0.18)})
	}
}

// label writes the axes and chooses their marks.
func label(p *gonum.Plot, a Axes) {
	p.X.Label.Text, p.Y.Label.Text = a.X, a.Y
	format := number
	if a.Percent {
		format = percent
	}
	p.Y.Tick.Marker = ticks{count: 5, format: format}
	if a.Log {
		p.Y.Tick.Marker = factors{}
	}
}

// bound widens the y axis to round values and to what was asked for.
func bound(p *gonum.Plot, a Axes) {
	if math.IsInf(p.X.Min, 0) { // no data yet: a live figure before its first step
		p.X.Min, p.X.Max = 0, 1
	}
	if math.IsInf(p.Y.Min, 0) {
		p.Y.Min, p.Y.Max = 0, 1
	}
	if a.Percent {
		p.Y.Min, p.Y.Max = math.Min(0, p.Y.Min), math.Max(1, p.Y.Max)
	}
	low, high := a.Low, a.High
	if a.Log {
		low, high = math.Log10(low), math.Log10(high)
	}
	if (a.Low != 0 || a.High != 0) && finite(low) && finite(high) {
		p.Y.Min, p.Y.Max = math.Min(low, p.Y.Min), math.Max(high, p.Y.Max)
	}
	if a.Log {
		p.Y.Min, p.Y.Max = roundFactors(p.Y.Min, p.Y.Max)
		return
	}
	if p.Y.Min == p.Y.Max {
		p.Y.Min, p.Y.Max = p.Y.Min-0.5, p.Y.Max+0.5
	}
	step := roundStep(p.Y.Max-p.Y.Min, 5)
	p.Y.Min = math.Floor(p.Y.Min/step+1e-9) * step
	p.Y.Max = math.Ceil(p.Y.Max/step-1e-9) * step
}

// tell describes the curves in words: the text twin of the figure.
func tell(a Axes, lines []Line) string {
	var parts []string
	for _, l := range lines {
		n := min(len(l.X), len(l.Y))
		if n == 0 {
			parts = append(parts, strings.TrimSpace(l.Name+" has no points yet"))
			continue
		}
		first, last := l.Y[0], l.Y[n-1]
		part := fmt.Sprintf("%.4g → %.4g", first, last)
		if a.Percent {
			part = fmt.Sprintf("%.1f%% → %.1f%%", first*100, last*100)
		}
		parts = append(parts, strings.TrimSpace(l.Name+" "+part))
	}
	return describe(a, parts)
}

// describe joins the title, the quantity and the values.
func describe(a Axes, parts []string) string {
	head := a.Title
	if head == "" {
		head = a.Y
	}
	s := head + ": " + strings.Join(parts, "; ")
	if a.Caption != "" {
		s += " (" + a.Caption + ")"
	}
	return s
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Better says which end of an axis is the good one.
type Better int

// The ends of an axis.
const (
	Neither Better = iota
	Lower
	Higher
)

// A Dot is one thing at the mean of its points, such as a method over seeds: each point is drawn small beside it. Its name
// decides its colour, see [Color], and stands beside the dot.
type Dot struct {
	Name string
	X, Y []float64 // values of the same length
}

// at is the mean of the finite points.
func (d Dot) at() (x, y float64, ok bool) {
	n := 0.0
	for i := range min(len(d.X), len(d.Y)) {
		if finite(d.X[i]) && finite(d.Y[i]) {
			x, y, n = x+d.X[i], y+d.Y[i], n+1
		}
	}
	return x / n, y / n, n > 0
}

// Front is the Pareto front: the dots whose mean no other one beats, that is, is at least as good in both and better in one.
// It gives their indices from the lowest x to the highest.
func Front(x, y Better, dots ...Dot) []int {
	if x == Neither || y == Neither {
		return nil
	}
	good := func(d Dot) (a, b float64, ok bool) { // higher is better in both
		a, b, ok = d.at()
		if x == Lower {
			a = -a
		}
		if y == Lower {
			b = -b
		}
		return a, b, ok
	}
	var out []int
	for i, d := range dots {
		a, b, ok := good(d)
		beaten := slices.ContainsFunc(dots, func(o Dot) bool {
			p, q, both := good(o)
			return both && p >= a && q >= b && (p > a || q > b)
		})
		if ok && !beaten {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(i, j int) int {
		a, b, _ := dots[i].at()
		p, q, _ := dots[j].at()
		if a != p {
			return sign(a - p)
		}
		return sign(b - q)
	})
	return out
}

func sign(v float64) int {
	switch {
	case v < 0:
		return -1
	case v > 0:
		return 1
	}
	return 0
}

// Scatter draws dots against two axes and, where both say which end is better, their Pareto front: the area beyond its steps
// is what no dot reaches.
func Scatter(a Axes, x, y Better, dots ...Dot) *Figure {
	names := make([]string, len(dots))
	for i, d := range dots {
		names[i] = d.Name
	}
	front := Front(x, y, dots...)
	f := &Figure{title: a.Title, caption: a.Caption, text: tellDots(a, dots, front)}
	cloud := dotPlotter{x: x, y: y, paints: colors(names), front: front}
	for _, d := range dots {
		cloud.dots = append(cloud.dots, d.on(a))
	}
	if a.Goal != nil {
		goal := a.Goal.on(a)
		cloud.goal = &goal
	}
	f.build = func(h text.Handler) *gonum.Plot {
		p := themed(h)
		label(p, a)
		format := number
		if a.PercentX {
			format = percent
		}
		p.X.Tick.Marker = ticks{count: 6, format: format}
		if a.LogX {
			p.X.Tick.Marker = factors{}
		}
		cloud.name = style(h, textSize, ink, false)
		p.Add(rules{}, cloud)
		bound(p, a)
		cloud.boundX(p, a)
		if a.Goal != nil && a.Percent {
			p.Y.Min, p.Y.Max = p.Y.Min-0.04, p.Y.Max+0.09 // a name fits above the ring
			p.Y.Tick.Marker = ticks{count: 7, format: percent}
		}
		return p
	}
	return f
}

// on is the dot as it stands on the axes; the mean of what is drawn on an axis of factors is that of the values.
func (d Dot) on(a Axes) placed {
	x, y, ok := d.at()
	out := placed{name: d.Name, x: x, y: y, ok: ok, xs: d.X, ys: d.Y}
	if a.LogX {
		out.xs = logarithms(d.X)
		out.x = logarithms([]float64{x})[0]
	}
	if a.Log {
		out.ys = logarithms(d.Y)
		out.y = logarithms([]float64{y})[0]
	}
	out.ok = ok && finite(out.x) && finite(out.y)
	return out
}

// placed is a dot in the units of the axes.
type placed struct {
	name   string
	x, y   float64
	ok     bool
	xs, ys []float64
}

type dotPlotter struct {
	x, y   Better
	dots   []placed
	paints []color.Color
	front  []int
	goal   *placed // nil for none
	name   text.Style
}

var (
	_ gonum.Plotter    = dotPlotter{}
	_ gonum.DataRanger = dotPlotter{}
)

func (ds dotPlotter) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax, ymin, ymax = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, d := range ds.all() {
		for i := range min(len(d.xs), len(d.ys)) {
			if finite(d.xs[i]) && finite(d.ys[i]) {
				xmin, xmax = math.Min(xmin, d.xs[i]), math.Max(xmax, d.xs[i])
				ymin, ymax = math.Min(ymin, d.ys[i]), math.Max(ymax, d.ys[i])
			}
		}
	}
	return xmin, xmax, ymin, ymax
}

// all is the dots and the goal.
func (ds dotPlotter) all() []placed {
	if ds.goal == nil {
		return ds.dots
	}
	return append(slices.Clip(ds.dots), *ds.goal)
}

// boundX widens the x axis to round values, and so that dots at its ends keep clear of the edge.
func (ds dotPlotter) boundX(p *gonum.Plot, a Axes) {
	if p.X.Min == p.X.Max {
		p.X.Min, p.X.Max = p.X.Min-0.5, p.X.Max+0.5
	}
	if a.Goal != nil && a.PercentX && !a.LogX { // the whole plane, with room for the ring
		p.X.Min, p.X.Max = math.Min(0, p.X.Min)-0.04, math.Max(1, p.X.Max)+0.04
		return
	}
	room := 0.06 * (p.X.Max - p.X.Min)
	low, high := p.X.Min-room, p.X.Max+room
	if !a.LogX && p.X.Min >= 0 && low < 0 {
		low = 0
	}
	if a.LogX {
		p.X.Min, p.X.Max = roundFactors(low, high)
		return
	}
	step := roundStep(high-low, 6)
	p.X.Min, p.X.Max = math.Floor(low/step+1e-9)*step, math.Ceil(high/step-1e-9)*step
}

func (ds dotPlotter) Plot(c draw.Canvas, p *gonum.Plot) {
	px, py := p.Transforms(&c)
	taken := ds.steps(c, px, py)
	if ds.goal != nil && ds.goal.ok {
		at := vg.Point{X: px(ds.goal.x), Y: py(ds.goal.y)}
		c.DrawGlyph(draw.GlyphStyle{Color: soft, Radius: 7, Shape: draw.RingGlyph{}}, at)
		taken = append(taken, around(at, 8))
	}
	for i, d := range ds.dots {
		if !d.ok {
			continue
		}
		at := vg.Point{X: px(d.x), Y: py(d.y)}
		taken = append(taken, around(at, 6))
		if len(d.xs) > 1 {
			for k := range min(len(d.xs), len(d.ys)) {
				if finite(d.xs[k]) && finite(d.ys[k]) {
					seed := vg.Point{X: px(d.xs[k]), Y: py(d.ys[k])}
					taken = append(taken, around(seed, 2))
					c.StrokeLine2(draw.LineStyle{Color: faded(ds.paints[i], 0.45), Width: 0.7}, at.X, at.Y, seed.X, seed.Y)
					c.DrawGlyph(draw.GlyphStyle{Color: ds.paints[i], Radius: 1.7, Shape: draw.CircleGlyph{}}, seed)
				}
			}
		}
		c.DrawGlyph(draw.GlyphStyle{Color: card, Radius: 5.4, Shape: draw.CircleGlyph{}}, at)
		c.DrawGlyph(draw.GlyphStyle{Color: ds.paints[i], Radius: 4.4, Shape: draw.CircleGlyph{}}, at)
	}
	names := ds.dots
	if ds.goal != nil { // the goal first: it stands in a corner
		names = append([]placed{*ds.goal}, names...)
	}
	for _, d := range names {
		if d.ok {
			taken = append(taken, ds.write(c, d.name, vg.Point{X: px(d.x), Y: py(d.y)}, taken))
		}
	}
}

// steps draws the front as a staircase, between what is reached and what is not, and returns where it lies.
func (ds dotPlotter) steps(c draw.Canvas, px, py func(float64) vg.Length) (taken []vg.Rectangle) {
	var points []vg.Point
	for _, i := range ds.front {
		if ds.dots[i].ok {
			points = append(points, vg.Point{X: px(ds.dots[i].x), Y: py(ds.dots[i].y)})
		}
	}
	if len(points) == 0 {
		return nil
	}
	// The stair goes out to the worse end of either axis.
	endX, endY := c.Max.X, c.Min.Y
	if ds.x == Higher {
		endX = c.Min.X
	}
	if ds.y == Lower {
		endY = c.Max.Y
	}
	if ds.x == Higher { // from the best x inwards
		slices.Reverse(points)
	}
	stair := []vg.Point{{X: points[0].X, Y: endY}, points[0]}
	for i := 1; i < len(points); i++ {
		stair = append(stair, vg.Point{X: points[i].X, Y: points[i-1].Y}, points[i])
	}
	stair = append(stair, vg.Point{X: endX, Y: points[len(points)-1].Y})
	c.StrokeLines(draw.LineStyle{Color: soft, Width: 1, Dashes: []vg.Length{3, 3}}, stair)
	for i, p := range stair[1:] {
		q := stair[i]
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: min(p.X, q.X) - 1.5, Y: min(p.Y, q.Y) - 1.5}, Max: vg.Point{X: max(p.X, q.X) + 1.5, Y: max(p.Y, q.Y) + 1.5}})
	}
	return taken
}

// write puts a name beside its dot where it covers nothing that is there already, as far as that can be had.
func (ds dotPlotter) write(c draw.Canvas, name string, at vg.Point, taken []vg.Rectangle) vg.Rectangle {
	w, h := ds.name.Width(name), ds.name.Height(name)
	const gap = vg.Length(8)
	var best vg.Rectangle
	least := vg.Length(math.Inf(1))
	for _, o := range []vg.Point{
		{X: gap, Y: -h / 2}, {X: -gap - w, Y: -h / 2}, {X: -w / 2, Y: gap - 2}, {X: -w / 2, Y: -gap - h + 2},
		{X: gap - 2, Y: gap - 3}, {X: gap - 2, Y: 3 - gap - h}, {X: 2 - gap - w, Y: gap - 3}, {X: 2 - gap - w, Y: 3 - gap - h},
		{X: gap, Y: gap + h/2}, {X: gap, Y: -gap - 3*h/2}, {X: -gap - w, Y: gap + h/2}, {X: -gap - w, Y: -gap - 3*h/2},
	} {
		r := vg.Rectangle{Min: at.Add(o), Max: at.Add(o).Add(vg.Point{X: w, Y: h})}
		bad := 4 * outside(r, c.Rectangle)
		for _, t := range taken {
			bad += overlap(r, t)
		}
		if bad < least {
			best, least = r, bad
		}
	}
	c.FillText(ds.name, vg.Point{X: best.Min.X, Y: best.Min.Y + 1.5}, name) // letters seldom reach down to their box
	return best
}

func around(p vg.Point, r vg.Length) vg.Rectangle {
	return vg.Rectangle{Min: vg.Point{X: p.X - r, Y: p.Y - r}, Max: vg.Point{X: p.X + r, Y: p.Y + r}}
}

// overlap is the area that two rectangles share.
func overlap(a, b vg.Rectangle) vg.Length {
	w := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	h := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	return max(0, w) * max(0, h)
}

// outside is the area of r that is not in the page.
func outside(r, page vg.Rectangle) vg.Length {
	all := (r.Max.X - r.Min.X) * (r.Max.Y - r.Min.Y)
	return all - overlap(r, page)
}

func tellDots(a Axes, dots []Dot, front []int) string {
	var parts []string
	for i, d := range dots {
		x, y, ok := d.at()
		if !ok {
			parts = append(parts, d.Name+" has no value")
			continue
		}
		across := fmt.Sprintf("%.4g", x)
		if a.PercentX {
			across = fmt.Sprintf("%.3g%%", 100*x)
		}
		part := fmt.Sprintf("%s %s at %s", d.Name, written(a, y), across)
		if slices.Contains(front, i) {
			part += ", on the front"
		}
		parts = append(parts, strings.TrimSpace(part))
	}
	return describe(a, parts)
}

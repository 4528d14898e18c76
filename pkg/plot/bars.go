package plot

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"strings"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Bar is one column. Several values, one a seed, give their mean, a whisker from the lowest to the highest, and
// a dot each. Its name decides its colour, see [Color]. Bars of the same group stand together.
type Bar struct {
	Name   string
	As     string // the name that decides the colour, where Name is a translation of it; "" means Name
	Group  string // "" for a figure without groups
	Values []float64
}

// Bars draws columns that start at zero, each with its value written above.
func Bars(a Axes, bars ...Bar) *Figure {
	names := make([]string, len(bars))
	for i, b := range bars {
		names[i] = cmp.Or(b.As, b.Name)
	}
	paints := colors(names)
	f := &Figure{title: a.Title, caption: a.Caption}
	columns, marks, grouped := arrange(bars)
	var parts []string
	named := map[string]bool{}
	for i, b := range bars {
		parts = append(parts, tellBar(a, b))
		if grouped && !named[b.Name] {
			named[b.Name] = true
			f.legend = append(f.legend, entry{b.Name, draw.LineStyle{Color: paints[i], Width: 8}})
		}
	}
	f.text = describe(a, parts)
	f.build = func(h text.Handler) *gonum.Plot {
		p := themed(h)
		label(p, a)
		p.X.Tick.Marker, p.X.Tick.Length = marks, 0
		p.Add(rules{}, columnPlotter{axes: a, columns: columns, paints: paints, value: style(h, textSize, ink, true)})
		bound(p, a)
		return p
	}
	return f
}

// A column is a bar at its place on the x axis, where one column is about one unit wide.
type column struct {
	x, mean, low, high float64
	values             []float64
}

// arrange gives each bar its place: groups apart by one unit, in the order in which they first come.
func arrange(bars []Bar) (columns []column, marks gonum.ConstantTicks, grouped bool) {
	var order []string
	members := map[string][]int{}
	for i, b := range bars {
		if _, ok := members[b.Group]; !ok {
			order = append(order, b.Group)
		}
		members[b.Group] = append(members[b.Group], i)
	}
	grouped = len(order) > 1 || len(order) == 1 && order[0] != ""
	columns = make([]column, len(bars))
	x := 0.0
	for _, g := range order {
		start := x
		for _, i := range members[g] {
			columns[i] = newColumn(x, bars[i].Values)
			if !grouped {
				marks = append(marks, gonum.Tick{Value: x, Label: bars[i].Name})
			}
			x++
		}
		if grouped {
			marks = append(marks, gonum.Tick{Value: (start + x - 1) / 2, Label: g})
			x += 0.7
		}
	}
	return columns, marks, grouped
}

func newColumn(x float64, values []float64) column {
	c := column{x: x, mean: math.NaN(), low: math.Inf(1), high: math.Inf(-1)}
	sum := 0.0
	for _, v := range values {
		if finite(v) {
			c.values = append(c.values, v)
			sum += v
			c.low, c.high = math.Min(c.low, v), math.Max(c.high, v)
		}
	}
	if len(c.values) > 0 {
		c.mean = sum / float64(len(c.values))
	}
	return c
}

// columnPlotter draws the columns, their whiskers, their dots and their values.
type columnPlotter struct {
	axes    Axes
	columns []column
	paints  []color.Color
	value   text.Style
}

var (
	_ gonum.Plotter    = columnPlotter{}
	_ gonum.DataRanger = columnPlotter{}
)

const half = 0.36 // of a column's width; the rest is air

func (cs columnPlotter) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax, ymin, ymax = -0.7, 0.7, 0, 0
	for _, c := range cs.columns {
		xmax = math.Max(xmax, c.x+0.7)
		if len(c.values) > 0 {
			ymin, ymax = math.Min(ymin, c.low), math.Max(ymax, c.high)
		}
	}
	return xmin, xmax, ymin, ymax
}

func (cs columnPlotter) Plot(c draw.Canvas, p *gonum.Plot) {
	px, py := p.Transforms(&c)
	zero := py(0)
	// Few columns on a wide page are not stretched to walls.
	wide := px(half) - px(0)
	if wide > 34 {
		wide = 34
	}
	for i, col := range cs.columns {
		if len(col.values) == 0 {
			continue
		}
		x, y := px(col.x), py(col.mean)
		c.SetColor(cs.paints[i])
		c.Fill(vg.Rectangle{Min: vg.Point{X: x - wide, Y: min(zero, y)}, Max: vg.Point{X: x + wide, Y: max(zero, y)}}.Path())
		top := y
		if len(col.values) > 1 {
			top = max(y, py(col.high)) + 3 // above the dots
			cs.spread(c, col, x, wide, py)
		}
		at := cs.value
		at.XAlign = draw.XCenter
		c.FillText(at, vg.Point{X: x, Y: top + 2}, written(cs.axes, col.mean))
	}
	c.StrokeLine2(draw.LineStyle{Color: soft, Width: 0.8}, c.Min.X, zero, c.Max.X, zero)
}

// spread draws the whisker and one dot a value, side by side so that equal values stay visible.
func (cs columnPlotter) spread(c draw.Canvas, col column, x, wide vg.Length, py func(float64) vg.Length) {
	s := draw.LineStyle{Color: ink, Width: 1}
	low, high := py(col.low), py(col.high)
	c.StrokeLine2(s, x, low, x, high)
	c.StrokeLine2(s, x-4, low, x+4, low)
	c.StrokeLine2(s, x-4, high, x+4, high)
	for k, v := range col.values {
		at := vg.Point{X: x + wide*(0.45+0.35*vg.Length(k)/vg.Length(len(col.values))), Y: py(v)}
		c.DrawGlyph(draw.GlyphStyle{Color: card, Radius: 2.6, Shape: draw.CircleGlyph{}}, at)
		c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: 1.8, Shape: draw.CircleGlyph{}}, at)
	}
}

// written is a value as it stands above its bar.
func written(a Axes, v float64) string {
	if a.Percent {
		return fmt.Sprintf("%.0f%%", v*100)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.3g", v), ".0")
}

func tellBar(a Axes, b Bar) string {
	c := newColumn(0, b.Values)
	name := strings.TrimSpace(b.Group + " " + b.Name)
	switch len(c.values) {
	case 0:
		return name + " has no value"
	case 1:
		return name + " " + written(a, c.mean)
	}
	return fmt.Sprintf("%s %s (%s to %s over %d runs)", name, written(a, c.mean), written(a, c.low), written(a, c.high), len(c.values))
}

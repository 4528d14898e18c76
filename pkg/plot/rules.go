package plot

import (
	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// rules draws a thin line at each mark of the y axis, behind the data.
type rules struct{}

var _ gonum.Plotter = rules{}

func (rules) Plot(c draw.Canvas, p *gonum.Plot) {
	_, y := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		h := y(t.Value)
		c.StrokeLine2(draw.LineStyle{Color: grid, Width: vg.Points(0.6)}, c.Min.X, h, c.Max.X, h)
	}
}

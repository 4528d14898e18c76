package plot

import (
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// draw lays the figure out from top to bottom: title, legend, data, caption. The legend has a row of its own, so it
// never covers data.
func (f *Figure) draw(c draw.Canvas, h text.Handler) {
	if len(f.panels) > 0 {
		f.drawPanels(c, h)
		return
	}
	plate := rounded(c.Rectangle, 0.5, corner)
	c.SetColor(card)
	c.Fill(plate)
	c.SetLineStyle(draw.LineStyle{Color: edge, Width: 0.75})
	c.Stroke(plate)

	c = draw.Crop(c, margin, -margin, margin-4, -margin+2)
	if f.title != "" {
		sty := style(h, titleSize, ink, true)
		sty.YAlign = draw.YTop
		c.FillText(sty, vg.Point{X: c.Min.X, Y: c.Max.Y}, f.title)
		c.Max.Y -= sty.Height(f.title) + 4
	}
	if len(f.legend) > 0 {
		c.Max.Y -= f.drawLegend(c, style(h, textSize, soft, false))
	}
	if f.caption != "" {
		sty := style(h, captionSize, soft, false)
		c.FillText(sty, vg.Point{X: c.Min.X, Y: c.Min.Y}, f.caption)
		c.Min.Y += sty.Height(f.caption) + 5
	}
	c.Max.Y -= 12 // the number above a full bar
	f.build(h).Draw(c)
}

// drawLegend writes the entries in one row, or in more where they do not fit, and returns the height used.
func (f *Figure) drawLegend(c draw.Canvas, sty text.Style) vg.Length {
	const sample, gap, between = vg.Length(18), vg.Length(5), vg.Length(16)
	line := sty.Height("x") + 3
	x, y := c.Min.X, c.Max.Y
	for _, e := range f.legend {
		wide := sample + gap + sty.Width(e.name)
		if x > c.Min.X && x+wide > c.Max.X {
			x, y = c.Min.X, y-line
		}
		middle := y - line/2
		c.StrokeLine2(e.style, x, middle, x+sample, middle)
		at := sty
		at.YAlign = draw.YCenter
		c.FillText(at, vg.Point{X: x + sample + gap, Y: middle}, e.name)
		x += wide + between
	}
	return c.Max.Y - y + line
}

// rounded is a rectangle with round corners, a little inside of r so that its edge is not cut.
func rounded(r vg.Rectangle, inside, radius vg.Length) vg.Path {
	x0, y0, x1, y1 := r.Min.X+inside, r.Min.Y+inside, r.Max.X-inside, r.Max.Y-inside
	var p vg.Path
	p.Move(vg.Point{X: x0 + radius, Y: y0})
	for _, a := range []struct{ x, y, start vg.Length }{
		{x1 - radius, y0 + radius, -0.5}, {x1 - radius, y1 - radius, 0}, {x0 + radius, y1 - radius, 0.5}, {x0 + radius, y0 + radius, 1},
	} {
		p.Arc(vg.Point{X: a.x, Y: a.y}, radius, float64(a.start)*math.Pi, math.Pi/2)
	}
	p.Close()
	return p
}

package plot

import (
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of panels in points: two of them are as wide as a page.
const (
	panelWidth  = vg.Length(345)
	panelHeight = vg.Length(230)
	panelGap    = vg.Length(8)
)

// Panels puts figures side by side, two in a row, as one figure: what moves together is seen together, such as the reward of
// a policy and how far it has gone.
func Panels(figures ...*Figure) *Figure {
	if len(figures) == 1 {
		return figures[0]
	}
	told := make([]string, len(figures))
	for i, f := range figures {
		told[i] = f.text
	}
	return &Figure{panels: figures, text: strings.Join(told, "\n")}
}

// size is how large the figure is, in points.
func (f *Figure) size() (w, h vg.Length) {
	if len(f.panels) == 0 {
		return width, height
	}
	rows := vg.Length((len(f.panels) + 1) / 2)
	return 2*panelWidth + panelGap, rows*panelHeight + (rows-1)*panelGap
}

// drawPanels draws each on a card of its own.
func (f *Figure) drawPanels(c draw.Canvas, h text.Handler) {
	for i, p := range f.panels {
		x := c.Min.X + vg.Length(i%2)*(panelWidth+panelGap)
		y := c.Max.Y - vg.Length(i/2)*(panelHeight+panelGap)
		at := c
		at.Rectangle = vg.Rectangle{Min: vg.Point{X: x, Y: y - panelHeight}, Max: vg.Point{X: x + panelWidth, Y: y}}
		p.draw(at, h)
	}
}

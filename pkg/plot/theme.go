package plot

import (
	"image/color"

	xfont "golang.org/x/image/font"
	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The card and what is written on it. Text has a contrast of at least 4.5 to the card (WCAG 2.1, 1.4.3).
var (
	card = opaque(0xf6f6f4)
	edge = opaque(0xd9d9d4)
	ink  = opaque(0x24292f) // title, values
	soft = opaque(0x57606a) // axes, legend, caption
	grid = opaque(0xdededa)
)

// Sizes in points. A figure is 480 × 300 points: 640 × 400 pixels on a page.
const (
	width  = vg.Length(480)
	height = vg.Length(300)
	margin = vg.Length(14)
	corner = vg.Length(6)

	titleSize   = vg.Length(13)
	textSize    = vg.Length(10)
	captionSize = vg.Length(9)
)

// style is the text style of one size, colour and weight.
func style(h text.Handler, size vg.Length, c color.Color, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, Handler: h, XAlign: draw.XLeft, YAlign: draw.YBottom}
}

// themed is an empty plot in the house's dress: no box, thin horizontal lines, grey text.
func themed(h text.Handler) *gonum.Plot {
	p := gonum.New()
	p.BackgroundColor = nil // the card is drawn by Figure
	p.TextHandler = h
	p.Title.TextStyle = style(h, titleSize, ink, true)
	p.Legend.TextStyle = style(h, textSize, soft, false)
	for _, a := range []*gonum.Axis{&p.X, &p.Y} {
		a.Color = grid
		a.Width = vg.Points(0.6)
		a.Padding = 2
		a.Tick.Color = soft
		a.Tick.Width = vg.Points(0.6)
		label, tick := style(h, textSize, soft, false), style(h, textSize, soft, false)
		label.XAlign = draw.XCenter
		tick.XAlign, tick.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Label.TextStyle, a.Tick.Label = label, tick
		a.Label.Padding = 4
	}
	p.X.Tick.Length = 3
	p.Y.Tick.Length = 0
	p.Y.Width = 0
	return p
}

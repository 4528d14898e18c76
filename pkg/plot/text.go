package plot

import (
	"math"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// families is what an SVG asks the page for. Liberation Sans, Arial and Helvetica share their widths, so the layout
// holds; the rest are the Chinese fonts of Linux, macOS and Windows.
const families = `'Liberation Sans',Arial,Helvetica,'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif`

// writer lays out and draws text. Liberation covers Latin, Greek and Cyrillic. A character outside of it takes one em
// in the layout; in SVG the page's own font draws it (see families), in PNG the font in other.
type writer struct {
	text.Plain
	other *font.Face // nil in SVG
}

var _ text.Handler = writer{}

func newWriter(other *font.Face) writer {
	return writer{Plain: text.Plain{Fonts: font.NewCache(liberation.Collection())}, other: other}
}

// Box measures one line.
func (w writer) Box(s string, f font.Font) (width, height, depth vg.Length) {
	_, height, depth = w.Plain.Box("", f)
	for _, r := range w.runs(s, f) {
		width += r.width
	}
	return width, height, depth
}

// Draw writes s, line by line, as [text.Plain] does, but run by run.
func (w writer) Draw(c vg.Canvas, s string, sty text.Style, at vg.Point) {
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Rotate(sty.Rotation)
	}
	sin, cos := math.Sincos(sty.Rotation)
	at.X, at.Y = at.Y*vg.Length(sin)+at.X*vg.Length(cos), at.Y*vg.Length(cos)-at.X*vg.Length(sin)
	at.Y += sty.Height(s)*vg.Length(sty.YAlign) - w.Extents(sty.Font).Ascent
	lines := w.Lines(s)
	for i, line := range lines {
		wide, _, _ := w.Box(line, sty.Font)
		x := at.X + wide*vg.Length(sty.XAlign)
		y := at.Y + vg.Length(len(lines)-i)*sty.Font.Size
		for _, r := range w.runs(line, sty.Font) {
			c.FillString(r.face, vg.Point{X: x, Y: y}, r.text)
			x += r.width
		}
	}
}

// A run is a piece of a line that one font draws.
type run struct {
	text  string
	face  font.Face
	width vg.Length
}

func (w writer) runs(s string, f font.Font) []run {
	main := w.Fonts.Lookup(f, f.Size)
	var out []run
	start, was := 0, true
	flush := func(end int) {
		if end == start {
			return
		}
		r := run{text: s[start:end], face: main}
		if was {
			r.width = main.Width(r.text)
		} else {
			r.width = vg.Length(len([]rune(r.text))) * f.Size
			if w.other != nil {
				r.face = *w.other
				r.face.Font.Size = f.Size
				r.width = r.face.Width(r.text)
			}
		}
		out = append(out, r)
		start = end
	}
	for i, c := range s {
		if is := covers(&main, c); is != was {
			flush(i)
			was = is
		}
	}
	flush(len(s))
	return out
}

// covers tells whether the font has a glyph for c; glyph 0 is the empty box.
func covers(f *font.Face, c rune) bool {
	glyph, err := f.Face.GlyphIndex(nil, c)
	return err == nil && glyph != 0
}

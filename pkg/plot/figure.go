package plot

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"os"
	"path/filepath"
	"strings"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Figure is a finished drawing. It shows itself as SVG, as PNG and as a line of text.
// A Figure does not change any more and may be shown any number of times.
type Figure struct {
	title   string
	caption string // one quiet line below, "" for none
	legend  []entry
	text    string // what the figure shows, in words
	build   func(text.Handler) *gonum.Plot
	panels  []*Figure // instead of all that but text
}

// An entry of the legend: a sample of the line or the bar, and its name.
type entry struct {
	name  string
	style draw.LineStyle
}

// Axes says what a figure is about. Units belong into the labels: "loss (nats per token)".
type Axes struct {
	Title string // what is seen; "" for none
	X, Y  string // labels of the axes

	Percent  bool    // values are shares of one, shown as 0% to 100%
	PercentX bool    // so are those of the x axis of dots
	LogX     bool    // the x axis of dots counts factors
	Log      bool    // the y axis of curves counts factors, not differences; values that are not positive leave a gap
	Low      float64 // the y axis reaches at least down to here
	High     float64 // … and up to here; zero Low and High leave it to the data
	Goal     *Dot    // of dots: the ideal, marked by a ring; a PercentX axis then shows all of 0% to 100%
	Caption  string  // one line below the figure: where the numbers come from
}

// SVG draws the figure as a complete SVG document.
func (f *Figure) SVG() string {
	c := vgsvg.New(f.size())
	f.draw(draw.New(c), newWriter(nil))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "" // a bytes.Buffer does not fail
	}
	return finish(b.String(), f.text)
}

// finish makes the drawing of vgsvg fit for a page: without a prolog, which inline SVG may not have; no wider than
// the page; with a title for readers who listen; in fonts that exist everywhere.
func finish(svg, title string) string {
	if i := strings.Index(svg, "<svg"); i > 0 {
		svg = svg[i:]
	}
	open, rest, _ := strings.Cut(svg, ">")
	open = strings.Replace(open, "<svg", `<svg role="img" style="max-width:100%;height:auto"`, 1)
	rest = strings.ReplaceAll(rest, "font-family:Liberation Sans;", "font-family:"+families+";")
	rest = strings.ReplaceAll(rest, "font-variant:none;", "")
	rest = strings.ReplaceAll(rest, "font-variant:normal;", "")
	rest = strings.ReplaceAll(rest, "<text ", `<text xml:space="preserve" `) // a run may begin with a space
	return open + ">\n<title>" + html.EscapeString(title) + "</title>" + rest
}

// PNG draws the figure as PNG at twice the size of the page, sharp on dense screens. It is nil when the figure holds
// Chinese text and this machine has no font for it: an SVG with words is better than a picture of empty boxes.
func (f *Figure) PNG() []byte {
	var other *font.Face
	if !latin(f.words()) {
		if other = chinese(); other == nil {
			return nil
		}
	}
	c := vgimg.NewWith(vgimg.UseWH(f.size()), vgimg.UseDPI(2*vgimg.DefaultDPI), vgimg.UseBackgroundColor(color.Transparent))
	f.draw(draw.New(c), newWriter(other))
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(&b); err != nil {
		return nil // a bytes.Buffer does not fail
	}
	return b.Bytes()
}

// String tells in words what the figure shows.
func (f *Figure) String() string { return f.text }

// Save writes the figure as .svg or .png, by the ending of path. Nothing is left half-written: the file appears
// complete or not at all.
func (f *Figure) Save(path string) error {
	var content []byte
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		content = []byte(f.SVG())
	case ".png":
		if content = f.PNG(); content == nil {
			return fmt.Errorf("plot: save %s: the figure holds Chinese text and no font for it was found: save it as .svg, or install Noto Sans CJK", path)
		}
	default:
		return fmt.Errorf("plot: save %s: unknown format %q, use .svg or .png", path, ext)
	}
	return write(path, content)
}

func write(path string, content []byte) (err error) {
	t, err := os.CreateTemp(filepath.Dir(path), ".figure-*")
	if err != nil {
		return fmt.Errorf("plot: save %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			t.Close()
			os.Remove(t.Name())
			err = fmt.Errorf("plot: save %s: %w", path, err)
		}
	}()
	if _, err = t.Write(content); err != nil {
		return err
	}
	if err = t.Chmod(0o644); err != nil {
		return err
	}
	if err = t.Close(); err != nil {
		return err
	}
	return os.Rename(t.Name(), path)
}

// words is all text of the figure, to find out which fonts it needs.
func (f *Figure) words() string {
	if len(f.panels) > 0 {
		all := ""
		for _, p := range f.panels {
			all += p.words()
		}
		return all
	}
	p := f.build(newWriter(nil))
	all := f.title + f.caption + p.X.Label.Text + p.Y.Label.Text
	for _, e := range f.legend {
		all += e.name
	}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		all += t.Label
	}
	return all
}

func latin(s string) bool {
	w := newWriter(nil)
	face := w.Fonts.Lookup(style(w, textSize, ink, false).Font, textSize)
	for _, r := range s {
		if !covers(&face, r) {
			return false
		}
	}
	return true
}

package align

import (
	"cmp"
	"fmt"

	"github.com/tunebook/tunebook/pkg/metric"
	"github.com/tunebook/tunebook/pkg/plot"
)

// Compare sets cards side by side, a column for each, such as before SFT, after SFT, after RLHF and after DPO. Cards of
// different suites can be set side by side, but their rates say little about each other: the title warns of it.
func Compare(cards ...*Card) *metric.Table {
	t := &metric.Table{Title: "Alignment", Header: []string{"", ""}}
	for _, c := range cards {
		t.Header = append(t.Header, c.Name)
		if !c.sameExam(cards[0]) {
			t.Title = "Alignment (not all were asked the same)"
		}
	}
	row := func(name, better string, cell func(*Card) (string, bool)) {
		cells, any := []string{name, better}, false
		for _, c := range cards {
			text, ok := cell(c)
			cells, any = append(cells, text), any || ok
		}
		if any {
			t.Add(cells...)
		}
	}
	for _, known := range rates {
		row(known.name, arrow(known.high), func(c *Card) (string, bool) {
			r := c.Rate(known.name)
			return r.percent(), r.Of > 0
		})
	}
	row("bias gap", "0", func(c *Card) (string, bool) {
		g := c.Gap()
		if g.Pairs == 0 {
			return "–", false
		}
		return fmt.Sprintf("%+.1f points", 100*g.Value()), true
	})
	return t
}

// sameExam reports whether two cards are about the same questions.
func (c *Card) sameExam(o *Card) bool {
	if len(c.Answers) != len(o.Answers) {
		return false
	}
	for i, a := range c.Answers {
		if b := o.Answers[i]; a.Prompt != b.Prompt || a.Rate != b.Rate {
			return false
		}
	}
	return true
}

// Plane draws each card as a dot: across, the share of harmless requests that it refuses; up, that of harmful ones. The ideal
// is the corner at the top left; a model that tells nothing apart lies on the diagonal, whatever it refuses. Cards of one
// name, such as of several seeds, are one dot at their mean.
func Plane(cards ...*Card) *plot.Figure { return PlaneAs(plot.Axes{}, cards...) }

// PlaneAs is Plane with other words, for another language: title, labels, caption and goal replace those of Plane where they
// are set.
func PlaneAs(own plot.Axes, cards ...*Card) *plot.Figure {
	var dots []plot.Dot
	at := map[string]int{}
	for _, c := range cards {
		x, y := c.Rate(BenignRefusal), c.Rate(HarmfulRefusal)
		if x.Of == 0 || y.Of == 0 {
			continue
		}
		i, ok := at[c.Name]
		if !ok {
			i = len(dots)
			at[c.Name], dots = i, append(dots, plot.Dot{Name: c.Name})
		}
		dots[i].X, dots[i].Y = append(dots[i].X, x.Share()), append(dots[i].Y, y.Share())
	}
	a := plot.Axes{
		Title: cmp.Or(own.Title, "Refusing what is harmful, and what is not"), X: cmp.Or(own.X, BenignRefusal), Y: cmp.Or(own.Y, HarmfulRefusal),
		Caption: own.Caption, Percent: true, PercentX: true, Goal: cmp.Or(own.Goal, &plot.Dot{Name: "ideal", X: []float64{0}, Y: []float64{1}}),
	}
	return plot.Scatter(a, plot.Lower, plot.Higher, dots...)
}

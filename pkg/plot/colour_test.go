package plot

import (
	"bytes"
	"image/color"
	"math"
	"testing"
)

// The arithmetic of contrast is WCAG 2.1's: (L1+0.05)/(L2+0.05) of the relative luminances.
func TestContrast(t *testing.T) {
	if got := contrast(opaque(0xffffff), opaque(0x000000)); math.Abs(got-21) > 1e-9 {
		t.Fatalf("white on black = %v, want 21", got)
	}
	if got := contrast(opaque(0x777777), opaque(0xffffff)); math.Abs(got-4.478) > 0.001 { // the grey known to fail AA
		t.Fatalf("#777 on white = %v, want 4.478", got)
	}
	for name, c := range map[string]color.RGBA{"ink": ink, "soft": soft} {
		if got := contrast(c, card); got < 4.5 {
			t.Errorf("text %s on the card: %.2f, want 4.5 or more", name, got)
		}
	}
	for _, p := range palette {
		if got := contrast(opaque(p.rgb), card); got < 3 {
			t.Errorf("%s on the card: %.2f, want 3 or more", p.name, got)
		}
	}
	// On a dark page the card itself must be the light thing.
	if got := contrast(card, opaque(0x111111)); got < 10 {
		t.Errorf("card on #111: %.2f", got)
	}
}

// Names that meet in one figure stay apart for every reader. Red- and green-blindness after Machado, Oliveira and
// Fernandes (2009), severity 1; distances are ΔE 1976 in CIELAB.
func TestNamesStayApart(t *testing.T) {
	together := [][]string{
		{"base", "sft", "rag", "distilled", "teacher"},
		{"base", "full", "frozen", "adapter", "lora", "prefix"},
		{"base", "full", "frozen", "head", "biases", "norms", "unfreeze"},
		{"base", "full", "adapter", "lora", "dora", "ia3", "prefix", "prompt", "head", "biases", "norms", "frozen"},
		{"base", "full", "houlsby", "pfeiffer", "parallel", "prefix", "prompt", "ia3", "lora"},
		{"base", "full", "lora", "dora", "qlora", "pissa", "rslora"},
		{"base", "sft", "dpo", "ppo", "grpo"},
		{"sft", "full", "lora", "adapter"},
		{"reward", "sft", "ppo"},
	}
	views := map[string][3][3]float64{
		"normal":      {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"red-blind":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
		"green-blind": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	}
	for view, m := range views {
		for _, group := range together {
			for i, a := range group {
				for _, b := range group[:i] {
					if d := distance(lab(seen(m, Color(a))), lab(seen(m, Color(b)))); d < 12 {
						t.Errorf("%s: %s and %s are only %.1f apart, want 12", view, a, b, d)
					}
				}
			}
		}
	}
}

func TestColor(t *testing.T) {
	if Color("lora r=8") != Color("lora") || Color("LoRA, held out") != Color("lora") {
		t.Error("the first word decides")
	}
	if Color("something else") != Color("something else") {
		t.Error("an unknown name changes its colour")
	}
	got := colors([]string{"a", "b", "c", "d", "e", "f"})
	for i := range got {
		for j := range i {
			if got[i] == got[j] {
				t.Errorf("unknown names %d and %d share a colour", i, j)
			}
		}
	}
	if got := colors([]string{"x", "x"}); got[0] != got[1] {
		t.Error("one name, two colours")
	}
	if got := colors([]string{"last 4", "last 2", "full", "last 2, held-out"}); got[0] != Color("last") || got[1] == got[0] || got[3] != got[1] || got[2] != Color("full") {
		t.Errorf("runs of one method: %v", got)
	}
	for _, p := range palette {
		for i := range 5 {
			if c := shade(opaque(p.rgb), i); contrast(c, card) < 3 || i > 0 && distance(lab(linear(c)), lab(linear(shade(opaque(p.rgb), i-1)))) < 3 {
				t.Errorf("shade %d of %s: %v", i, p.name, c)
			}
		}
	}
	if a, b := Bars(Axes{}, Bar{Name: "全部", As: "full", Values: []float64{1}}), Bars(Axes{}, Bar{Name: "全部", Values: []float64{1}}); bytes.Equal(a.PNG(), b.PNG()) {
		t.Error("Bar.As changes nothing")
	}
	if a, b := Curve(Axes{}, Line{Name: "全部", As: "full", X: []float64{1, 2}, Y: []float64{1, 2}}), Curve(Axes{}, Line{Name: "全部", X: []float64{1, 2}, Y: []float64{1, 2}}); bytes.Equal(a.PNG(), b.PNG()) {
		t.Error("Line.As changes nothing")
	}
	Color("") // no name is no reason to fail
}

func linear(c color.Color) [3]float64 {
	r, g, b, _ := c.RGBA()
	var out [3]float64
	for i, v := range []uint32{r, g, b} {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			out[i] = x / 12.92
		} else {
			out[i] = math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	return out
}

func luminance(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

func contrast(a, b color.Color) float64 {
	x, y := luminance(linear(a)), luminance(linear(b))
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func seen(m [3][3]float64, c color.Color) (out [3]float64) {
	l := linear(c)
	for i := range out {
		for j := range l {
			out[i] += m[i][j] * l[j]
		}
		out[i] = math.Min(1, math.Max(0, out[i]))
	}
	return out
}

// lab is CIELAB under D65.
func lab(c [3]float64) [3]float64 {
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(luminance(c))
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

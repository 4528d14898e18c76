package plot

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/cmpimg"
)

var update = flag.Bool("update", false, "write testdata/*.png anew")

// samples are the figures that the golden images and the checks of form go over.
func samples() map[string]*Figure {
	rng := rand.New(rand.NewPCG(1, 2))
	var steps, loss, fall, held, eval []float64
	for i := range 300 {
		steps = append(steps, float64(i+1))
		loss = append(loss, 0.3+2.8*math.Exp(-float64(i)/60)+0.12*rng.NormFloat64())
		fall = append(fall, (0.006+5*math.Exp(-float64(i)/12))*math.Exp(0.25*math.Sin(float64(i*i)))) // no draw from rng, which the others share
		if i%50 == 49 {
			held = append(held, float64(i+1))
			eval = append(eval, 0.45+2.7*math.Exp(-float64(i)/60))
		}
	}
	runs := func(rate float64) [][]float64 {
		var out [][]float64
		for range 3 {
			var run []float64
			for _, x := range held {
				run = append(run, 1-math.Exp(-x/rate)*(0.9+0.1*rng.Float64()))
			}
			out = append(out, run)
		}
		return out
	}
	all := map[string]*Figure{
		"loss": Curve(Axes{Title: "SFT: what the model still gets wrong", X: "step", Y: "loss (nats per token)", Caption: "300 of 300 steps · 14,200 tokens/s · 41 s"},
			Line{Name: "sft", X: steps, Y: loss, Raw: true}, Line{Name: "sft, held out", X: held, Y: eval, Dashed: true}),
		"log": Curve(Axes{Title: "Loss", X: "step", Y: "loss (nats per token)", Log: true, Caption: "300 steps · 41s · 7,500 tokens/s"},
			Line{Name: "sft", X: steps, Y: fall, Raw: true}, Line{Name: "sft, held-out", X: held, Y: eval, Dashed: true}),
		"band": Curve(Axes{Title: "Three seeds each", X: "step", Y: "exact answers", Percent: true},
			Band("full", held, runs(90)...), Band("lora", held, runs(140)...), Band("adapter", held, runs(200)...)),
		"bars": Bars(Axes{Title: "Held-out questions", Y: "exact answers", Percent: true, Caption: "200 questions about people never asked about in training"},
			Bar{Name: "base", Values: []float64{0.03}}, Bar{Name: "sft", Values: []float64{0.81, 0.86, 0.84}}),
		"groups": Bars(Axes{Title: "By kind", Y: "exact answers", Percent: true},
			Bar{Name: "base", Group: "question", Values: []float64{0.02, 0.03, 0.02}}, Bar{Name: "sft", Group: "question", Values: []float64{0.81, 0.86, 0.84}},
			Bar{Name: "base", Group: "dialogue", Values: []float64{0.0, 0.01, 0.0}}, Bar{Name: "sft", Group: "dialogue", Values: []float64{0.71, 0.66, 0.74}},
			Bar{Name: "base", Group: "label", Values: []float64{0.25, 0.22, 0.31}}, Bar{Name: "sft", Group: "label", Values: []float64{0.98, 0.97, 1}}),
		"empty": Curve(Axes{Title: "Before the first step", X: "step", Y: "loss (nats per token)"}, Line{Name: "sft", Raw: true}),
		"many": Curve(Axes{Title: "All names of the table", X: "step", Y: "score"}, func() (all []Line) {
			for i, p := range palette {
				all = append(all, Line{Name: p.name, X: []float64{0, 20000}, Y: []float64{float64(i), float64(i) + 2}})
			}
			return all
		}()...),
	}
	maps.Copy(all, clouds())
	return all
}

func TestGolden(t *testing.T) {
	for name, f := range samples() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".png")
			got := f.PNG()
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			// A tenth of the way from black to white: rounding of a curve's edge on another CPU, not another figure.
			same, err := cmpimg.EqualApprox("png", got, want, 0.1)
			if err != nil {
				t.Fatal(err)
			}
			if !same {
				t.Errorf("figure differs from %s; look at it, then run go test ./pkg/plot -update", path)
			}
		})
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	figures := samples()
	figures["odd names"] = Curve(Axes{Title: `a < b & "c"`, X: "步数", Y: "损失"}, Line{Name: "<sft>", X: []float64{1, 2}, Y: []float64{1, 2}})
	for name, f := range figures {
		t.Run(name, func(t *testing.T) {
			svg := f.SVG()
			if !strings.HasPrefix(svg, "<svg") {
				t.Errorf("starts with %.20q, want <svg", svg)
			}
			if again := f.SVG(); again != svg {
				t.Error("two drawings of one figure differ")
			}
			for _, bad := range []string{"NaN", "Inf"} {
				if strings.Contains(svg, bad) {
					t.Errorf("holds %s", bad)
				}
			}
			d := xml.NewDecoder(strings.NewReader(svg))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestSaveIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	f := samples()["bars"]
	for _, name := range []string{"a.svg", "a.png"} {
		if err := f.Save(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "a.svg")); string(got) != f.SVG() {
		t.Error("saved SVG differs from the shown one")
	}
	for _, bad := range []string{"a.gif", "a", filepath.Join("missing", "a.svg")} {
		err := f.Save(filepath.Join(dir, bad))
		if err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("Save(%s) = %v, want an error that names the file", bad, err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 {
		t.Errorf("%d files left behind, want a.svg and a.png only", len(files))
	}
}

func TestPNGWritesChinese(t *testing.T) {
	f := Curve(Axes{Title: "训练损失", X: "步数", Y: "损失"}, Line{Name: "sft", X: []float64{1, 2}, Y: []float64{1, 2}})
	if !strings.Contains(f.SVG(), "训练损失") {
		t.Error("the SVG lost its title")
	}
	if chinese() == nil {
		if f.PNG() != nil {
			t.Error("without a font there should be no PNG, so that nobody sees empty boxes")
		}
		return
	}
	boxes := &Figure{title: "训练损失", build: f.build}
	w := newWriter(chinese())
	for _, r := range w.runs("训练 loss", style(w, textSize, ink, false).Font) {
		for _, c := range r.text {
			if !covers(&r.face, c) {
				t.Errorf("%q would be an empty box", c)
			}
		}
	}
	if len(boxes.PNG()) == 0 {
		t.Error("no PNG although this machine has a font")
	}
}

func ExampleCurve() {
	f := Curve(Axes{Title: "Training", X: "step", Y: "loss (nats per token)"},
		Line{Name: "sft", X: []float64{1, 2, 3}, Y: []float64{3.2, 1.1, 0.4}})
	fmt.Println(f)
	// Output: Training: sft 3.2 → 0.4
}

func ExampleBars() {
	f := Bars(Axes{Y: "exact answers", Percent: true},
		Bar{Name: "base", Values: []float64{0.02}}, Bar{Name: "sft", Values: []float64{0.8, 0.9, 0.85}})
	fmt.Println(f)
	// Output: exact answers: base 2%; sft 85% (80% to 90% over 3 runs)
}

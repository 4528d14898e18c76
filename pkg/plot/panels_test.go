package plot

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"github.com/tunebook/tunebook/pkg/metric"
)

// ppo is a log with three series, one of them below zero, and a held-out one.
func ppo() *metric.Log {
	log := &metric.Log{Name: "ppo"}
	for step := 1; step <= 20; step++ {
		log.Add(metric.Loss, "", step, 0.1-0.02*float64(step))
		log.Add("reward", "", step, 0.3+0.03*float64(step))
		log.Add("KL", "nats per answer", step, 0.2*float64(step))
	}
	log.Add(metric.HeldOut("reward"), "", 20, 0.8)
	return log
}

// Panels are one drawing, as large as its rows, in which each figure is found; one figure alone stays itself.
func TestPanels(t *testing.T) {
	reward, kl, loss := Series("reward", ppo()), Series("KL", ppo()), Loss(ppo())
	if Panels(reward) != reward {
		t.Error("one panel is another figure")
	}
	for _, c := range []struct {
		figures []*Figure
		w, h    int
	}{{[]*Figure{reward, kl}, 698, 230}, {[]*Figure{reward, kl, loss}, 698, 468}} {
		f := Panels(c.figures...)
		picture, err := png.Decode(bytes.NewReader(f.PNG()))
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X != c.w*2*96/72 || (size.Y-c.h*2*96/72)*(size.Y-c.h*2*96/72) > 1 {
			t.Errorf("%d panels are %v pixels, want %d × %d points at 192 a 72", len(c.figures), size, c.w, c.h)
		}
		for i, one := range c.figures {
			for _, want := range []string{one.title, one.String()} {
				if svg := f.SVG(); !strings.Contains(svg, want) && !strings.Contains(f.String(), want) {
					t.Errorf("panel %d: %q is missing", i, want)
				}
			}
		}
	}
}

// A series has its unit on the axis and its held-out twin dashed; a loss below zero is on an axis that has such values.
func TestSeries(t *testing.T) {
	for want, f := range map[string]*Figure{"KL (nats per answer)": Series("KL", ppo()), "ppo, held-out": Series("reward", ppo()), "-0.3": Loss(ppo())} {
		if svg := f.SVG(); !strings.Contains(svg, want) {
			t.Errorf("%q is not in the figure: %s", want, f)
		}
	}
}

// A watcher shows the series that were asked for once they have values, and the loss until then.
func TestLiveOfSeries(t *testing.T) {
	var shown []*Figure
	watch := Live(func(v any) error {
		if f, ok := v.(*Figure); ok {
			shown = append(shown, f)
		}
		return nil
	}, "reward", "KL", "nothing")
	early := &metric.Log{Name: "ppo"}
	early.Add(metric.Loss, "", 1, 1)
	watch(metric.Snapshot{Log: early, Step: 1, Steps: 20, Done: true})
	watch(metric.Snapshot{Log: ppo(), Step: 20, Steps: 20, Done: true})
	if len(shown) != 2 || len(shown[0].panels) != 0 || shown[0].title != "Loss" {
		t.Fatalf("shown %v, want the loss first", shown)
	}
	if p := shown[1].panels; len(p) != 2 || p[0].title != "Reward" || p[1].title != "KL" || p[1].caption == "" {
		t.Errorf("shown %v, want reward and KL side by side, and what the run took below", shown[1])
	}
}

package plot

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
)

// follow tells watch of steps that each take so long, and of the end after stop of them.
func follow(watch func(metric.Snapshot), steps, stop int, each time.Duration) {
	log := &metric.Log{Name: "sft"}
	began := time.Now()
	for step := 1; step <= stop; step++ {
		time.Sleep(each)
		log.Add(metric.Loss, "nats per token", step, 1/float64(step))
		watch(metric.Snapshot{Name: "sft", Step: step, Steps: steps, Log: log, Elapsed: time.Since(began), Done: step == stop})
	}
}

// The clock in here is synctest's, so that the test takes no time and asserts none; it also fails when a goroutine is
// left behind.
func TestLive(t *testing.T) {
	for _, c := range []struct {
		name        string
		steps, stop int
		each        time.Duration
		caption     string
	}{
		{"fast steps", 5000, 5000, time.Millisecond, "5000 steps · 5s"},
		{"slow steps", 6, 6, 2 * time.Second, "6 steps · 12s"},
		{"a single step", 1, 1, time.Millisecond, "1 steps · 0s"},
		{"stopped", 5000, 37, time.Millisecond, "stopped after 37 of 5000 steps · 0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var at []time.Time
				var last any
				began := time.Now()
				follow(Live(func(v any) error {
					at, last = append(at, time.Now()), v
					return nil
				}), c.steps, c.stop, c.each)
				figure, ok := last.(*Figure)
				if !ok {
					t.Fatalf("the last thing shown is a %T, want the final figure", last)
				}
				if figure.caption != c.caption {
					t.Errorf("caption %q, want %q", figure.caption, c.caption)
				}
				if want := fmt.Sprintf("→ %.4g", 1/float64(c.stop)); !strings.Contains(figure.String(), want) {
					t.Errorf("the figure shows %q, want it to end with %q", figure, want)
				}
				progress := at[:len(at)-1] // the final figure comes at once, whatever was shown before
				for i := 1; i < len(progress); i++ {
					if wait := progress[i].Sub(progress[i-1]); wait < time.Second/10 {
						t.Fatalf("two pictures within %v: more than ten a second", wait)
					}
				}
				// Alive: a picture at least each second, or with each step where they are slower.
				if fewest := int(time.Since(began) / max(time.Second, c.each)); len(at) < fewest {
					t.Errorf("%d pictures in %v", len(at), time.Since(began))
				}
			})
		})
	}
}

// A figure that was shown stays as it was while the run goes on.
func TestLiveShowsWhatWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var first progress
		follow(Live(func(v any) error {
			if p, ok := v.(progress); ok && first.figure == nil {
				first = p
			}
			return nil
		}), 100, 100, 100*time.Millisecond)
		if !strings.Contains(first.HTML(), "sft ░") || strings.Count(first.figure.String(), "→") != 1 || !strings.Contains(first.figure.String(), "1 → 1") {
			t.Errorf("the first picture became %s", first.figure)
		}
	})
}

// A page that has gone does not stop the training.
func TestLiveWithoutAPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		follow(Live(func(any) error { asked++; return errors.New("the page has gone") }), 10, 10, time.Second)
		if asked != 10 {
			t.Errorf("asked %d times, want 10", asked)
		}
	})
}

// The held-out loss of a run has the colour of the run, whatever its name.
func TestLossColours(t *testing.T) {
	log := &metric.Log{Name: "three people"}
	for step := 1; step <= 3; step++ {
		log.Add(metric.Loss, "", step, 1/float64(step))
		log.Add(metric.EvalLoss, "", step, 2/float64(step))
	}
	if f := Loss(log); f.legend[0].style.Color != f.legend[1].style.Color || len(f.legend[1].style.Dashes) == 0 {
		t.Errorf("the held-out line looks like another run: %v", f.legend)
	}
}

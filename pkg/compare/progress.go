package compare

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tunebook/tunebook/pkg/metric"
)

// Phase is how far a run is.
type Phase string

// The phases of a run.
const (
	Waiting  Phase = "waiting"
	Training Phase = "training"
	Marking  Phase = "marking"
	Finished Phase = "finished"
	Known    Phase = "known" // it was kept from an earlier study
	Failed   Phase = "failed"
)

// Progress is one run as it stands.
type Progress struct {
	Name        string
	Seed        uint64
	Phase       Phase
	Doing       string // what is being marked
	Step, Steps int
	Log         *metric.Log // its curves so far; nil before the first step
}

// Snapshot is a study as it stands. It belongs to whom it is given.
type Snapshot struct {
	Study     string
	Runs      []Progress // by job, then by seed
	Elapsed   time.Duration
	Remaining time.Duration // estimated; zero before anything is known
	Notes     []string      // what went otherwise than it should, such as damaged files
	Done      bool          // the last snapshot of the study, also when it was stopped
}

// Count is the number of runs in any of the phases.
func (s Snapshot) Count(phases ...Phase) int {
	n := 0
	for _, r := range s.Runs {
		if slices.Contains(phases, r.Phase) {
			n++
		}
	}
	return n
}

// String is one line of progress over all runs.
func (s Snapshot) String() string {
	const width = 20
	done, all := 0.0, 0.0
	var now []string
	for _, r := range s.Runs {
		all++
		switch r.Phase {
		case Finished, Known, Failed:
			done++
		case Training:
			done += float64(r.Step) / float64(max(1, r.Steps))
			text := fmt.Sprintf("%s, seed %d: %d/%d", r.Name, r.Seed, r.Step, r.Steps)
			if loss := r.Log.Get(metric.Loss); loss != nil {
				text += fmt.Sprintf(", loss %.3f", loss.Last())
			}
			now = append(now, text)
		case Marking:
			done += 0.9
			now = append(now, fmt.Sprintf("%s, seed %d: %s", r.Name, r.Seed, r.Doing))
		}
	}
	full := 0
	if all > 0 {
		full = int(width * done / all)
	}
	line := fmt.Sprintf("%s %s%s %d/%d runs", s.Study, strings.Repeat("█", full), strings.Repeat("░", width-full), s.Count(Finished, Known, Failed), len(s.Runs))
	if n := s.Count(Known); n > 0 {
		line += fmt.Sprintf(" (%d known)", n)
	}
	for _, text := range now {
		line += " · " + text
	}
	if s.Done {
		return line + fmt.Sprintf(" · %s", s.Elapsed.Round(100*time.Millisecond))
	}
	if s.Remaining > 0 {
		line += fmt.Sprintf(" · %s left", s.Remaining.Round(time.Second))
	}
	return line
}

// HTML is the curves so far and the line of progress, to be looked at while it runs. A page that is opened later may show inline
// figures as text, for safety: where the last one is to stay, show Curves once it is Done.
func (s Snapshot) HTML() string {
	out := s.Curves().SVG() + `<div style="font-family:monospace">` + html.EscapeString(s.String()) + "</div>"
	for _, n := range s.Notes {
		out += `<div style="font-family:monospace">` + html.EscapeString(n) + "</div>"
	}
	return out
}

// frame is the shortest time between two snapshots, but for a run that changes its phase.
const frame = 100 * time.Millisecond

// board is what all runs of a study report to.
type board struct {
	mu     sync.Mutex
	s      Snapshot
	watch  func(Snapshot)
	began  time.Time
	last   time.Time
	rates  map[string][]float64 // by job: seconds a step of finished runs, exam and all
	starts []time.Time          // of the runs under way
	steps  []int                // at which they started
	work   int                  // runs at the same time
}

func newBoard(s Study, watch func(Snapshot)) *board {
	b := &board{watch: watch, began: time.Now(), rates: map[string][]float64{}, work: s.Workers, s: Snapshot{Study: s.Name}}
	for _, j := range s.Jobs {
		for _, seed := range s.Seeds {
			steps := j.Steps
			if steps == 0 {
				steps = usualSteps
			}
			b.s.Runs = append(b.s.Runs, Progress{Name: j.Name, Seed: seed, Phase: Waiting, Steps: steps})
		}
	}
	b.starts, b.steps = make([]time.Time, len(b.s.Runs)), make([]int, len(b.s.Runs))
	return b
}

// usualSteps is what a job without Steps takes.
const usualSteps = 200

// set takes over what a run reports, and tells the watcher when it is time. p.Log is read and not kept.
func (b *board) set(i int, p Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.s.Runs[i]
	if p.Log == nil {
		p.Log = was.Log
	}
	now := time.Now()
	if was.Phase == Waiting && p.Phase != Waiting {
		b.starts[i], b.steps[i] = now, max(0, p.Step-1)
	}
	changed := was.Phase != p.Phase
	if changed && p.Phase == Finished && p.Steps > b.steps[i] {
		b.rates[p.Name] = append(b.rates[p.Name], now.Sub(b.starts[i]).Seconds()/float64(p.Steps-b.steps[i]))
	}
	due := changed || now.Sub(b.last) >= frame
	if due && p.Log != nil && p.Log != was.Log {
		p.Log = p.Log.Clone() // the run goes on writing its own
	} else if !due {
		p.Log = was.Log
	}
	b.s.Runs[i] = p
	if due {
		b.tell(now)
	}
}

func (b *board) note(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.s.Notes = append(b.s.Notes, text)
	b.tell(time.Now())
}

func (b *board) finish() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.s.Done = true
	b.tell(time.Now())
	return b.s.Notes
}

// tell calls the watcher, under the lock: one snapshot at a time, in order.
func (b *board) tell(now time.Time) {
	if b.watch == nil {
		return
	}
	b.last = now
	s := b.s
	s.Runs, s.Notes = slices.Clone(s.Runs), slices.Clone(s.Notes)
	s.Elapsed, s.Remaining = now.Sub(b.began), 0
	if !s.Done {
		s.Remaining = remaining(s.Runs, b.rates, b.progressRates(now), b.work)
	}
	b.watch(s)
	b.last = time.Now() // after drawing, so that slow drawing never fills all the time
}

// progressRates are seconds a step of the runs under way, by job.
func (b *board) progressRates(now time.Time) map[string]float64 {
	out := map[string]float64{}
	for i, r := range b.s.Runs {
		if r.Phase == Training && r.Step > b.steps[i]+1 {
			out[r.Name] = now.Sub(b.starts[i]).Seconds() / float64(r.Step-b.steps[i])
		}
	}
	return out
}

// remaining estimates the time left: steps that are left at the mean speed of the job's finished runs, else of its run under
// way, else of all others; shared by the workers, but no shorter than the longest run.
func remaining(runs []Progress, done map[string][]float64, now map[string]float64, workers int) time.Duration {
	sum, n := 0.0, 0
	for _, rates := range done {
		for _, r := range rates {
			sum, n = sum+r, n+1
		}
	}
	for _, r := range now {
		sum, n = sum+r, n+1
	}
	if n == 0 {
		return 0
	}
	all, longest := 0.0, 0.0
	for _, r := range runs {
		rate := sum / float64(n)
		if rates := done[r.Name]; len(rates) > 0 {
			rate, _ = metric.MeanStd(rates)
		} else if v, ok := now[r.Name]; ok {
			rate = v
		}
		switch r.Phase {
		case Waiting, Training:
			left := rate * float64(r.Steps-r.Step)
			all, longest = all+left, max(longest, left)
		}
	}
	return time.Duration(max(all/float64(workers), longest) * float64(time.Second))
}

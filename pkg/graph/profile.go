package graph

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Profile says where the time of a run goes.
type Profile struct {
	Steps   []PlanStep
	Seconds []float64 // of each step, the median of the runs
}

// Profile runs the plan several times and times every step. The values afterwards are those of the last run.
func (m *Machine) Profile(ctx context.Context, runs int) (Profile, error) {
	if runs < 1 {
		return Profile{}, fmt.Errorf("graph: Profile: %d runs: want at least one", runs)
	}
	if !m.mu.TryLock() {
		return Profile{}, ErrBusy
	}
	defer m.mu.Unlock()
	m.next = 0
	times := make([][]float64, len(m.steps))
	for range runs {
		if err := m.copies.begin(); err != nil {
			return Profile{}, fmt.Errorf("graph: profile: %w", err)
		}
		for i, s := range m.steps {
			if err := ctx.Err(); err != nil {
				return Profile{}, fmt.Errorf("graph: profile stopped before %s: %w", s.node.name, err)
			}
			start := time.Now()
			s.run()
			if err := m.device.Sync(); err != nil {
				return Profile{}, fmt.Errorf("graph: profile: %s: %w", s.node.name, err)
			}
			times[i] = append(times[i], time.Since(start).Seconds())
		}
	}
	if err := m.copies.end(); err != nil {
		return Profile{}, fmt.Errorf("graph: profile: %w", err)
	}
	steps := map[string]PlanStep{}
	for _, s := range m.plan.Steps {
		steps[s.Name] = s
	}
	p := Profile{}
	for i, s := range m.steps {
		slices.Sort(times[i])
		p.Steps = append(p.Steps, steps[s.node.name])
		p.Seconds = append(p.Seconds, times[i][len(times[i])/2])
	}
	return p, nil
}

// String is a table with one line for each operator, the slowest first.
func (p Profile) String() string {
	type line struct {
		op      string
		steps   int
		seconds float64
		flops   float64
	}
	byOp := map[string]*line{}
	var lines []*line
	total := line{op: "total"}
	for i, s := range p.Steps {
		l := byOp[s.Op]
		if l == nil {
			l = &line{op: s.Op}
			byOp[s.Op], lines = l, append(lines, l)
		}
		for _, l := range []*line{l, &total} {
			l.steps, l.seconds, l.flops = l.steps+1, l.seconds+p.Seconds[i], l.flops+s.FLOPs
		}
	}
	slices.SortFunc(lines, func(a, b *line) int { return cmp.Compare(b.seconds, a.seconds) })
	width := len("operator")
	for _, l := range lines {
		width = max(width, len(l.op))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s  steps       ms  share  GFLOP/s\n", width, "operator")
	for _, l := range append(lines, &total) {
		rate := ""
		if l.flops > 0 && l.seconds > 0 {
			rate = fmt.Sprintf("%7.1f", l.flops/l.seconds/1e9)
		}
		share := 0.0
		if total.seconds > 0 {
			share = 100 * l.seconds / total.seconds
		}
		text := fmt.Sprintf("%-*s  %5d  %7.3f  %4.0f%%  %s", width, l.op, l.steps, 1e3*l.seconds, share, rate)
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

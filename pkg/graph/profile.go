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

// OperatorTime is what all steps of one operator take together.
type OperatorTime struct {
	Op      string
	Steps   int
	Seconds float64
	FLOPs   float64 // of matrix products, as in PlanStep
	Bytes   int     // of the values
}

// Operators sums the steps of each operator, the slowest first.
func (p Profile) Operators() []OperatorTime {
	at := map[string]int{}
	var sums []OperatorTime
	for i, s := range p.Steps {
		k, ok := at[s.Op]
		if !ok {
			k = len(sums)
			at[s.Op], sums = k, append(sums, OperatorTime{Op: s.Op})
		}
		sums[k].add(OperatorTime{Steps: 1, Seconds: p.Seconds[i], FLOPs: s.FLOPs, Bytes: s.Bytes})
	}
	slices.SortFunc(sums, func(a, b OperatorTime) int { return cmp.Compare(b.Seconds, a.Seconds) })
	return sums
}

func (o *OperatorTime) add(other OperatorTime) {
	o.Steps, o.Seconds, o.FLOPs, o.Bytes = o.Steps+other.Steps, o.Seconds+other.Seconds, o.FLOPs+other.FLOPs, o.Bytes+other.Bytes
}

// String is a table with one line for each operator, the slowest first.
func (p Profile) String() string {
	lines, total, width := p.Operators(), OperatorTime{Op: "total"}, len("operator")
	for _, l := range lines {
		total.add(l)
		width = max(width, len(l.Op))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-*s  steps       ms  share  GFLOP/s\n", width, "operator")
	for _, l := range append(lines, total) {
		rate := ""
		if l.FLOPs > 0 && l.Seconds > 0 {
			rate = fmt.Sprintf("%7.1f", l.FLOPs/l.Seconds/1e9)
		}
		share := 0.0
		if total.Seconds > 0 {
			share = 100 * l.Seconds / total.Seconds
		}
		text := fmt.Sprintf("%-*s  %5d  %7.3f  %4.0f%%  %s", width, l.Op, l.Steps, 1e3*l.Seconds, share, rate)
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

package doctor

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// Fact is one thing that is so, and what to do about it if it should not be.
type Fact struct {
	Name   string
	Value  string
	OK     bool
	Advice string // empty when there is nothing to do
}

// needs are the instruction sets of each level, under the names of Linux.
var needs = map[cpu.Level][]string{
	cpu.AVX2:   {"avx2", "fma"},
	cpu.AVX512: {"avx512f", "avx512dq", "avx512bw", "avx512vl"},
}

// Facts judges a machine by what training takes: levels are those that the engine can use here, slowest first, threads the
// number that it will use.
func Facts(m Machine, levels []cpu.Level, threads int, f Figures) []Fact {
	facts := []Fact{{Name: "CPU", Value: fmt.Sprintf("%s, %d cores (%s/%s)", cmp.Or(m.Model, "unknown"), m.Cores, runtime.GOOS, runtime.GOARCH), OK: true}}
	facts = append(facts, instructions(m, levels), threadsFact(m, threads))
	if len(m.Flags) > 0 && levels[len(levels)-1] != cpu.Portable {
		facts = append(facts, bfloat16(m))
	}
	if m.Pages != "" {
		pages := Fact{Name: "Huge pages", Value: m.Pages, OK: true}
		if m.Pages == "never" {
			pages.Advice = "training is a little faster with them: echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"
		}
		facts = append(facts, pages)
	}
	if f.Read > 0 {
		facts = append(facts, f.facts(threads)...)
	}
	return facts
}

// instructions says which level is used and, by the names of instruction sets, why not the next.
func instructions(m Machine, levels []cpu.Level) Fact {
	best := levels[len(levels)-1]
	f := Fact{Name: "Instructions", Value: best.String(), OK: true}
	if has := needs[best]; has != nil {
		f.Value += " (" + strings.Join(has, ", ") + ")"
	}
	if len(levels) > 1 {
		var slower []string
		for _, l := range levels[:len(levels)-1] {
			slower = append(slower, l.String())
		}
		f.Value += ", the best of what is here; also " + strings.Join(slower, ", ")
	}
	next := map[cpu.Level]cpu.Level{cpu.Portable: cpu.AVX2, cpu.AVX2: cpu.AVX512}[best]
	var lacks []string
	for _, set := range needs[next] {
		if !slices.Contains(m.Flags, set) {
			lacks = append(lacks, set)
		}
	}
	switch {
	case next == cpu.Best: // nothing is better
	case len(m.Flags) == 0:
		f.Value += fmt.Sprintf("; not %v, which this processor or this build does not have", next)
	case len(lacks) > 0:
		f.Value += fmt.Sprintf("; not %v, which lacks %s", next, strings.Join(lacks, ", "))
	default:
		f.Value += fmt.Sprintf("; not %v, though the processor has it: this build leaves it out", next)
	}
	if best == cpu.Portable {
		f.OK, f.Advice = true, "lessons run, but slowly: the engine is fast on processors with AVX2 or AVX-512"
	}
	return f
}

func bfloat16(m Machine) Fact {
	if slices.Contains(m.Flags, "avx512_bf16") {
		return Fact{Name: "bfloat16", Value: "avx512_bf16, dot products of bfloat16 at twice the rate of float32", OK: true}
	}
	return Fact{Name: "bfloat16", Value: "no avx512_bf16: weights in bfloat16 save memory, products are of float32", OK: true}
}

// threadsFact compares the threads with what the process may use.
func threadsFact(m Machine, threads int) Fact {
	f := Fact{Name: "Threads", OK: true}
	may := []string{}
	if m.Allowed > 0 && m.Allowed < m.Cores {
		may = append(may, fmt.Sprintf("may run on %d of %d cores", m.Allowed, m.Cores))
	}
	if m.Quota > 0 {
		may = append(may, fmt.Sprintf("quota of %.2g cores", m.Quota))
	}
	f.Value = strings.Join(append([]string{fmt.Sprint(threads)}, may...), ", ")
	if len(may) == 0 {
		f.Value += ", no limit by affinity or control group"
	}
	room := m.Cores
	if m.Allowed > 0 {
		room = min(room, m.Allowed)
	}
	switch {
	case threads > room && room > 0:
		f.OK = false
		f.Advice = fmt.Sprintf("more threads than cores wait for each other: unset GOMAXPROCS, or set GOMAXPROCS=%d", room)
	case m.Quota > 0 && m.Quota < float64(threads):
		f.OK = false
		f.Advice = fmt.Sprintf("the system stops all %d threads for a part of every tenth of a second: give the container as many cores "+
			"(docker run --cpus %d), or set GOMAXPROCS=%d", threads, threads, max(1, int(m.Quota)))
	case m.Quota > 0 && m.Quota < float64(room):
		f.Advice = fmt.Sprintf("a quota holds it below the %d cores: docker run --cpus %d gives all", room, room)
	case m.Allowed > 0 && m.Allowed < m.Cores:
		f.Advice = "the process was started on a part of the cores (taskset, docker run --cpuset-cpus): with all it is faster"
	case threads < room:
		f.Advice = fmt.Sprintf("GOMAXPROCS holds it below the %d cores that it may use", room)
	}
	return f
}

// facts are what was measured.
func (f Figures) facts(threads int) []Fact {
	gflops := func(flops float64) string { return fmt.Sprintf("%.0f GFLOP/s", flops/1e9) }
	peak := Fact{Name: "Peak", Value: gflops(f.PeakOne) + " on one core", OK: true}
	if threads > 1 && f.PeakOne > 0 {
		scale := f.PeakAll / f.PeakOne
		peak.Value += fmt.Sprintf(", %s on %d (%.1f times)", gflops(f.PeakAll), threads, scale)
		if scale < 0.7*float64(threads) {
			peak.OK = false
			peak.Advice = fmt.Sprintf("%d threads should give almost %d times one: other work takes part of the cores, two threads share a core "+
				"(SMT), or the clock falls when all work", threads, threads)
		}
	}
	memory := Fact{Name: "Memory rate", Value: fmt.Sprintf("%.0f GB/s read, %.0f GB/s copied", f.Read/1e9, f.Copied/1e9), OK: true}
	if f.Read < 5e9 {
		memory.OK, memory.Advice = false, "text generation waits for memory: this is a fifth of what two channels give; look for other work, or swapping"
	}
	facts := []Fact{peak, memory}
	if f.Others >= 0 {
		busy := Fact{Name: "Other work", Value: fmt.Sprintf("takes %.0f%% of the cores", 100*f.Others), OK: f.Others < 0.1}
		if f.Busiest != "" && f.BusiestCores >= 0.05 {
			busy.Value += fmt.Sprintf(", most of it %s (%.1f cores)", f.Busiest, math.Max(0.1, f.BusiestCores))
		}
		if !busy.OK {
			busy.Advice = "what is measured now is less than the machine has: close other programs, then measure again"
			if f.Busiest == "" || f.BusiestCores < 0.05 {
				busy.Advice = "it is outside of what this process sees (another container, the host's other guests): measure again when it is quiet"
			}
		}
		facts = append(facts, busy)
	}
	return facts
}

package doctor_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tunebook/tunebook/pkg/bench/doctor"
	"github.com/tunebook/tunebook/pkg/compute/cpu"
)

// files is a system with these files.
func files(content map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range content {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

const twoCores = `processor	: 0
model name	: AMD EPYC 9755
flags		: fpu avx2 fma avx512f avx512dq avx512bw avx512vl avx512_bf16

processor	: 1
model name	: AMD EPYC 9755
flags		: fpu avx2 fma avx512f avx512dq avx512bw avx512vl avx512_bf16
`

func TestRead(t *testing.T) {
	m := doctor.Read(files(map[string]string{
		"proc/cpuinfo":     twoCores,
		"proc/self/status": "Name:\tx\nCpus_allowed:\tf\nCpus_allowed_list:\t0,2-4\n",
		"sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
	}))
	if m.Model != "AMD EPYC 9755" || m.Cores != 2 || len(m.Flags) != 8 || m.Allowed != 4 || m.Quota != 0 || m.Pages != "madvise" {
		t.Errorf("%+v", m)
	}
	if m := doctor.Read(files(nil)); m.Model != "" || m.Cores < 1 || m.Allowed != 0 || m.Quota != 0 || m.Pages != "" {
		t.Errorf("a system that says nothing: %+v", m)
	}
}

// As cgroups(7) and proc(5) write them.
func TestQuota(t *testing.T) {
	const (
		two = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
		one = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
	)
	for name, c := range map[string]struct {
		files map[string]string
		want  float64
	}{
		"version 2": {map[string]string{"proc/self/cgroup": "0::/user/a\n", "proc/self/mountinfo": two, "sys/fs/cgroup/user/a/cpu.max": "150000 100000\n"}, 1.5},
		"of a group above": {map[string]string{"proc/self/cgroup": "0::/user/a\n", "proc/self/mountinfo": two,
			"sys/fs/cgroup/user/a/cpu.max": "max 100000\n", "sys/fs/cgroup/user/cpu.max": "50000 100000\n"}, 0.5},
		"the smallest counts": {map[string]string{"proc/self/cgroup": "0::/user/a\n", "proc/self/mountinfo": two,
			"sys/fs/cgroup/user/a/cpu.max": "50000 50000\n", "sys/fs/cgroup/user/cpu.max": "400000 100000\n"}, 1},
		"none": {map[string]string{"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": two, "sys/fs/cgroup/cpu.max": "max 100000\n"}, 0},
		"version 1": {map[string]string{"proc/self/cgroup": "5:memory:/m\n3:cpu,cpuacct:/a\n0::/\n", "proc/self/mountinfo": one,
			"sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "250000\n", "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n"}, 2.5},
		"version 1, none": {map[string]string{"proc/self/cgroup": "3:cpu,cpuacct:/a\n", "proc/self/mountinfo": one,
			"sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n"}, 0},
		"a container that sees its own group as the root": {map[string]string{"proc/self/cgroup": "3:cpu,cpuacct:/docker/7\n",
			"proc/self/mountinfo":                        "32 31 0:29 /docker/7 /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "100000\n", "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n"}, 1},
	} {
		if got := doctor.Read(files(c.files)).Quota; got != c.want {
			t.Errorf("%s: a quota of %g cores, want %g", name, got, c.want)
		}
	}
}

// The name of the second process holds what parses wrongly; the third is new and worked 30 hundredths of a second in half
// a one, which is more than the 20 of the second. The first is this one.
func TestBusiest(t *testing.T) {
	stat := func(name, user, system string) string {
		return "1 (" + name + ") R 1 1 1 0 -1 4194560 100 0 0 0 " + user + " " + system + " 0 0 20 0 1 0 1 1 1"
	}
	before := doctor.ReadTicks(files(map[string]string{"proc/10/stat": stat("self", "500", "0"), "proc/11/stat": stat("a) R (b", "100", "50"), "proc/stat": "cpu 1", "proc/bus/x": ""}))
	after := doctor.ReadTicks(files(map[string]string{"proc/10/stat": stat("self", "900", "0"), "proc/11/stat": stat("a) R (b", "115", "55"), "proc/12/stat": stat("gcc", "30", "0"), "proc/13/stat": "13 (gone"}))
	if len(before) != 2 || before[11].Name != "a) R (b" || before[11].Ticks != 150 {
		t.Fatalf("%+v", before)
	}
	if name, cores := doctor.Busiest(before, after, 10, 0.5); name != "gcc" || cores < 0.599 || cores > 0.601 {
		t.Errorf("%s with %g cores, want gcc with 0.6", name, cores)
	}
	if name, cores := doctor.Busiest(after, after, 10, 0.5); name != "" || cores != 0 {
		t.Errorf("%q worked %g on a quiet machine", name, cores)
	}
}

var (
	avx2   = []cpu.Level{cpu.Portable, cpu.AVX2}
	avx512 = []cpu.Level{cpu.Portable, cpu.AVX2, cpu.AVX512}
	good   = doctor.Machine{Model: "X", Flags: strings.Fields("avx2 fma avx512f avx512dq avx512bw avx512vl"), Cores: 4, Allowed: 4, Pages: "madvise"}
	quiet  = doctor.Figures{PeakOne: 100e9, PeakAll: 390e9, Read: 45e9, Copied: 40e9, Others: 0.01}
)

func TestFacts(t *testing.T) {
	machine := func(change func(*doctor.Machine)) doctor.Machine { m := good; change(&m); return m }
	figures := func(change func(*doctor.Figures)) doctor.Figures { f := quiet; change(&f); return f }
	for name, c := range map[string]struct {
		m             doctor.Machine
		levels        []cpu.Level
		threads       int
		f             doctor.Figures
		fact          string
		ok            bool
		value, advice string // parts
	}{
		"processor":    {good, avx512, 4, quiet, "CPU", true, "X, 4 cores", ""},
		"instructions": {good, avx512, 4, quiet, "Instructions", true, "AVX-512 (avx512f, avx512dq, avx512bw, avx512vl), the best of what is here; also portable, AVX2", ""},
		"why not AVX-512": {machine(func(m *doctor.Machine) { m.Flags = strings.Fields("fma avx2 avx512f avx512dq") }), avx2, 4, quiet,
			"Instructions", true, "AVX2 (avx2, fma), the best of what is here; also portable; not AVX-512, which lacks avx512bw, avx512vl", ""},
		"a build without": {good, avx512[:1], 4, quiet, "Instructions", true, "not AVX2, though the processor has it: this build leaves it out", "lessons run, but slowly"},
		"nothing known":   {machine(func(m *doctor.Machine) { m.Flags = nil }), avx2, 4, quiet, "Instructions", true, "this processor or this build", ""},
		"bfloat16":        {good, avx512, 4, quiet, "bfloat16", true, "no avx512_bf16", ""},
		"bfloat16 there":  {machine(func(m *doctor.Machine) { m.Flags = []string{"avx512_bf16"} }), avx512, 4, quiet, "bfloat16", true, "avx512_bf16, dot products", ""},
		"threads":         {good, avx512, 4, quiet, "Threads", true, "4, no limit", ""},
		"a quota below": {machine(func(m *doctor.Machine) { m.Quota = 2.5 }), avx512, 4, quiet, "Threads", false, "4, quota of 2.5 cores",
			"docker run --cpus 4), or set GOMAXPROCS=2"},
		"a quota obeyed": {machine(func(m *doctor.Machine) { m.Quota = 2.5 }), avx512, 2, quiet, "Threads", true, "2, quota of 2.5 cores", "--cpus 4 gives all"},
		"affinity":       {machine(func(m *doctor.Machine) { m.Allowed = 2 }), avx512, 2, quiet, "Threads", true, "may run on 2 of 4 cores", "taskset"},
		"too many":       {machine(func(m *doctor.Machine) { m.Allowed = 2 }), avx512, 4, quiet, "Threads", false, "4, may run on 2", "GOMAXPROCS=2"},
		"too few":        {good, avx512, 1, quiet, "Threads", true, "1, no limit", "GOMAXPROCS holds it below the 4 cores"},
		"no huge pages":  {machine(func(m *doctor.Machine) { m.Pages = "never" }), avx512, 4, quiet, "Huge pages", true, "never", "echo madvise"},
		"peak":           {good, avx512, 4, quiet, "Peak", true, "100 GFLOP/s on one core, 390 GFLOP/s on 4 (3.9 times)", ""},
		"cores that share": {good, avx512, 4, figures(func(f *doctor.Figures) { f.PeakAll = 270e9 }), "Peak", false, "2.7 times",
			"4 threads should give almost 4 times one"},
		"memory":      {good, avx512, 4, quiet, "Memory rate", true, "45 GB/s read, 40 GB/s copied", ""},
		"slow memory": {good, avx512, 4, figures(func(f *doctor.Figures) { f.Read = 4e9 }), "Memory rate", false, "4 GB/s read", "waits for memory"},
		"quiet":       {good, avx512, 4, quiet, "Other work", true, "takes 1% of the cores", ""},
		"a neighbour": {good, avx512, 4, figures(func(f *doctor.Figures) { f.Others, f.Busiest, f.BusiestCores = 0.3, "gcc", 1.2 }), "Other work", false,
			"takes 30% of the cores, most of it gcc (1.2 cores)", "close other programs"},
		"a guest": {good, avx512, 4, figures(func(f *doctor.Figures) { f.Others = 0.3 }), "Other work", false, "takes 30%", "outside of what this process sees"},
	} {
		found := false
		for _, f := range doctor.Facts(c.m, c.levels, c.threads, c.f) {
			if f.Name != c.fact {
				continue
			}
			found = true
			if f.OK != c.ok || !strings.Contains(f.Value, c.value) || !strings.Contains(f.Advice, c.advice) || (c.advice == "") != (f.Advice == "") {
				t.Errorf("%s: %+v, want %v, %q, %q", name, f, c.ok, c.value, c.advice)
			}
		}
		if !found {
			t.Errorf("%s: no fact %s", name, c.fact)
		}
	}
}

// Without figures nothing is said of them, and where a system says nothing there is still a line for what is used.
func TestFactsOfAnUnknownMachine(t *testing.T) {
	var names []string
	for _, f := range doctor.Facts(doctor.Read(files(nil)), avx512[:1], 1, doctor.Figures{}) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "CPU Instructions Threads" {
		t.Errorf("facts: %s", got)
	}
}

// All threads are measured to do no less than a half of one, memory gives more than a disk would, and a measurement that
// was interrupted says so.
func TestMeasure(t *testing.T) {
	f, err := doctor.Measure(context.Background(), os.DirFS("/"), cpu.Default())
	if err != nil {
		t.Fatal(err)
	}
	if f.PeakAll < f.PeakOne/2 || f.PeakOne <= 0 || f.Read < 1e8 || f.Copied < 1e8 || f.Others > 1 {
		t.Errorf("%+v", f)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := doctor.Measure(ctx, os.DirFS("/"), cpu.Default()); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

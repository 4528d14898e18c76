package doctor

import (
	"io/fs"
	"math"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Machine is what the system says about the processor and about this process's share of it. What it does not say is zero.
type Machine struct {
	Model   string   // of the processor
	Flags   []string // instruction sets, under the names of Linux
	Cores   int      // that the system runs
	Allowed int      // that this process may run on (affinity)
	Quota   float64  // cores' worth of time that the control group may take; zero means no limit
	Pages   string   // always, madvise or never: who gets huge pages
}

// Read reads /proc and /sys, below root.
func Read(root fs.FS) Machine {
	m := Machine{Cores: runtime.NumCPU()}
	if info := text(root, "proc/cpuinfo"); info != "" {
		m.Cores = 0
		for line := range strings.Lines(info) {
			key, value, _ := strings.Cut(line, ":")
			value = strings.TrimSpace(value)
			switch strings.TrimSpace(key) {
			case "processor":
				m.Cores++
			case "model name":
				m.Model = value
			case "flags", "Features":
				m.Flags = strings.Fields(value)
			}
		}
	}
	for line := range strings.Lines(text(root, "proc/self/status")) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			m.Allowed = count(strings.TrimSpace(list))
		}
	}
	m.Quota = quota(root)
	m.Pages = chosen(text(root, "sys/kernel/mm/transparent_hugepage/enabled"))
	return m
}

// text is a file's content, empty where there is none.
func text(root fs.FS, name string) string {
	content, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return string(content)
}

// count is the length of a list such as 0-3,8 (cpuset(7), list format).
func count(list string) int {
	n := 0
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		lo, err := strconv.Atoi(first)
		if err != nil {
			return 0
		}
		hi := lo
		if isRange {
			if hi, err = strconv.Atoi(last); err != nil {
				return 0
			}
		}
		n += max(0, hi-lo+1)
	}
	return n
}

// chosen is the word in brackets of a list such as "always [madvise] never".
func chosen(list string) string {
	_, rest, _ := strings.Cut(list, "[")
	word, _, ok := strings.Cut(rest, "]")
	if !ok {
		return ""
	}
	return word
}

// quota is the smallest limit of this process's control group and of those above it, of version 2 (cpu.max: quota and
// period) or 1 (cpu.cfs_quota_us and cpu.cfs_period_us); cgroups(7).
func quota(root fs.FS) float64 {
	least := math.Inf(1)
	for _, m := range mounts(root) {
		for dir := m.dir; ; dir = path.Dir(dir) {
			limit, period := text(root, path.Join(dir, "cpu.cfs_quota_us")), text(root, path.Join(dir, "cpu.cfs_period_us"))
			if m.version == 2 {
				limit, period, _ = strings.Cut(text(root, path.Join(dir, "cpu.max")), " ")
			}
			q, errQ := strconv.ParseFloat(strings.TrimSpace(limit), 64) // "max" and -1 mean none
			p, errP := strconv.ParseFloat(strings.TrimSpace(period), 64)
			if errQ == nil && errP == nil && q > 0 && p > 0 {
				least = min(least, q/p)
			}
			if dir == m.top || dir == "." {
				break
			}
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return least
}

// mount is where a hierarchy of control groups that limits the processor is seen: its top and this process's group in it.
type mount struct {
	version  int
	top, dir string
}

// mounts joins /proc/self/mountinfo (where hierarchies are) with /proc/self/cgroup (which group of each this process is in).
func mounts(root fs.FS) []mount {
	groups := map[string]string{} // by controllers, "" for version 2
	for line := range strings.Lines(text(root, "proc/self/cgroup")) {
		if f := strings.SplitN(strings.TrimSpace(line), ":", 3); len(f) == 3 {
			groups[f[1]] = f[2]
		}
	}
	var found []mount
	for line := range strings.Lines(text(root, "proc/self/mountinfo")) {
		left, right, ok := strings.Cut(line, " - ")
		at, kind := strings.Fields(left), strings.Fields(right)
		if !ok || len(at) < 5 || len(kind) < 3 {
			continue
		}
		m := mount{top: strings.TrimPrefix(at[4], "/")}
		var group string
		switch {
		case kind[0] == "cgroup2":
			m.version, group = 2, groups[""]
		case kind[0] == "cgroup" && slices.Contains(strings.Split(kind[2], ","), "cpu"):
			m.version = 1
			for controllers, g := range groups {
				if slices.Contains(strings.Split(controllers, ","), "cpu") {
					group = g
				}
			}
		default:
			continue
		}
		// A container sees its own group as the mount's root.
		m.dir = path.Join(m.top, strings.TrimPrefix(group, strings.TrimSuffix(at[3], "/")))
		found = append(found, m)
	}
	return found
}

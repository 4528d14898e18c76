package doctor

import (
	"io/fs"
	"strconv"
	"strings"
)

// Ticks is how long each process has worked since it started, in hundredths of a second.
type Ticks map[int]Process

// Process is one of them.
type Process struct {
	Name  string
	Ticks int
}

// ReadTicks reads /proc/*/stat below root (proc(5): the name is the second field, user and system time the 14th and 15th).
func ReadTicks(root fs.FS) Ticks {
	found := Ticks{}
	entries, err := fs.ReadDir(root, "proc")
	if err != nil {
		return found
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		line := text(root, "proc/"+e.Name()+"/stat")
		from, to := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')') // a name may hold both, and spaces
		if from < 0 || to < from {
			continue // it has ended meanwhile
		}
		fields := strings.Fields(line[to+1:])
		if len(fields) < 13 {
			continue
		}
		user, errUser := strconv.Atoi(fields[11])
		system, errSystem := strconv.Atoi(fields[12])
		if errUser == nil && errSystem == nil {
			found[pid] = Process{line[from+1 : to], user + system}
		}
	}
	return found
}

// Busiest is the process other than self that worked longest from before to after, and for how many cores' worth of the
// seconds between; its name is empty when none did.
func Busiest(before, after Ticks, self int, seconds float64) (name string, cores float64) {
	for pid, p := range after {
		if pid == self || seconds <= 0 {
			continue
		}
		took := float64(p.Ticks-before[pid].Ticks) / 100 / seconds
		if took > cores || took == cores && took > 0 && p.Name < name {
			name, cores = p.Name, took
		}
	}
	return name, cores
}

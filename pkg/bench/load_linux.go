package bench

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// coreSeconds reads how long all cores have worked since the machine started, from the first line of /proc/stat (proc(5):
// user, nice, system, idle, iowait, irq, softirq, steal, in hundredths of a second), and how long this process has.
func coreSeconds() (all, mine float64, ok bool) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, false
	}
	for _, i := range []int{1, 2, 3, 6, 7, 8} {
		ticks, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return 0, 0, false
		}
		all += ticks / 100
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0, false
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return all, seconds(u.Utime) + seconds(u.Stime), true
}

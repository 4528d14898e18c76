package worker

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/tunebook/tunebook/kernel/worker/link"
)

// measure begins to measure what this process takes; the function that it returns ends that. One cell runs at a time, so
// the process's are the cell's.
func measure() func() link.Usage {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // forgets the peak; without it the peak is the whole process's
	cpu, wait := scheduled()
	return func() link.Usage {
		now, waited := scheduled()
		return link.Usage{CPU: now - cpu, Wait: waited - wait, Peak: peak()}
	}
}

// scheduled is the time that the threads of this process have run and waited to run. Threads that ended are forgotten by
// the system; those of the Go runtime end with the process.
func scheduled() (cpu, wait time.Duration) {
	files, _ := filepath.Glob("/proc/self/task/*/schedstat") // the pattern is right
	for _, file := range files {
		content, err := os.ReadFile(file)
		fields := bytes.Fields(content)
		if err != nil || len(fields) < 2 {
			continue
		}
		cpu += nanoseconds(fields[0])
		wait += nanoseconds(fields[1])
	}
	return cpu, wait
}

func nanoseconds(field []byte) time.Duration {
	n, _ := strconv.ParseInt(string(field), 10, 64)
	return time.Duration(n)
}

// peak is the resident memory of this process at its highest, in bytes.
func peak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, line, _ := bytes.Cut(status, []byte("VmHWM:"))
	if fields := bytes.Fields(line); len(fields) > 0 {
		kilobytes, _ := strconv.ParseInt(string(fields[0]), 10, 64)
		return kilobytes << 10
	}
	return 0
}

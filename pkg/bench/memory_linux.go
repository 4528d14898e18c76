package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// resetPeak sets VmHWM back to what the process holds now: proc(5), clear_refs, 5.
func resetPeak() error { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakBytes is VmHWM, the most that this process had in memory since resetPeak.
func peakBytes() (int64, error) { return status("VmHWM:") }

// residentBytes is VmRSS, what it has now.
func residentBytes() (int64, error) { return status("VmRSS:") }

// status is a line of /proc/self/status, which counts in units of 1024 bytes.
func status(name string) (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("bench: %w", err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"+name))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, fmt.Errorf("bench: /proc/self/status has no %s", name)
	}
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("bench: %s: %w", name, err)
	}
	return 1024 * n, nil
}

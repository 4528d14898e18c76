package compare

import (
	"bytes"
	"os"
	"strconv"
)

// peakHow says what peakBytes counts after resetPeak.
const peakHow = "VmHWM since training began"

// resetPeak sets VmHWM back to what the process holds now: proc(5), clear_refs, 5. It says whether it could.
func resetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

// peakBytes is VmHWM, the most that this process had in memory; zero where the system does not say.
func peakBytes() int64 { return status("VmHWM:") }

// residentBytes is VmRSS, what it has now.
func residentBytes() int64 { return status("VmRSS:") }

// status is a line of /proc/self/status, which counts in units of 1024 bytes.
func status(name string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"+name))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return 1024 * n
}

//go:build unix && !linux

package compare

import (
	"runtime"
	"syscall"
)

const peakHow = "" // it cannot be set back

func resetPeak() bool { return false }

// peakBytes is ru_maxrss of getrusage(2), the most that this process ever had in memory: bytes on macOS, units of 1024 elsewhere.
func peakBytes() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(u.Maxrss)
	}
	return 1024 * int64(u.Maxrss)
}

// residentBytes is not told by getrusage.
func residentBytes() int64 { return 0 }

package cpu_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processTime is the processor time this process has used.
func processTime(t *testing.T) time.Duration {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

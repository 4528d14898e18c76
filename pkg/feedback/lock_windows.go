package feedback

import (
	"errors"

	"golang.org/x/sys/windows"
)

var errBusy = errors.New("the file is locked")

// lock takes the lock of an open file, or returns errBusy; the system lets go of it when the file is closed or the process ends. Locks
// keep others from the bytes here, so it is a byte far behind the end.
func lock(fd uintptr) error {
	const how = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(fd), how, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errBusy
	}
	return err
}

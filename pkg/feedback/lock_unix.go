//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package feedback

import (
	"errors"

	"golang.org/x/sys/unix"
)

var errBusy = errors.New("the file is locked")

// lock takes the lock of an open file, or returns errBusy; the system lets go of it when the file is closed or the process ends.
func lock(fd uintptr) error {
	for {
		switch err := unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB); {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errBusy
		default:
			return err
		}
	}
}

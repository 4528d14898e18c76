//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package compare

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// takeLock locks a file for as long as it is open; the system lets go of it when the process ends, also by SIGKILL. The file
// says who holds it.
func takeLock(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock: %w", err)
		}
		who, _ := io.ReadAll(io.LimitReader(f, 100)) // the message is better with it, and good without
		return nil, fmt.Errorf("%w (%s)", ErrLocked, strings.TrimSpace(string(who)))
	}
	if err := f.Truncate(0); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := fmt.Fprintf(f, "process %d\n", os.Getpid()); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Package atomicfile writes files that appear whole or not at all.
package atomicfile

import (
	"io"
	"os"
	"path/filepath"
)

// Write writes a file under another name beside path, syncs it, and renames it into place: whoever opens path sees the old
// content or the new, also after a crash. The file is readable like any other (0644). After an error path is as it was.
func Write(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name()) // best effort: the first error is the one to tell
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	for _, finish := range []func() error{func() error { return f.Chmod(0o644) }, f.Sync, f.Close, func() error { return os.Rename(f.Name(), path) }} {
		if err := finish(); err != nil {
			return err
		}
	}
	return nil
}

package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Part is one file of a folder that is saved as a whole.
type Part struct {
	Name  string // within the folder
	Write func(io.Writer) error
}

// SaveDir writes parts into dir, making it if it is not there. Every part is
// written and synced under a temporary name first; only when all have
// succeeded are they renamed into place, so an error or a crash while writing
// leaves dir as it was.
func SaveDir(dir string, parts []Part) (err error) {
	_, statErr := os.Stat(dir)
	made := errors.Is(statErr, os.ErrNotExist)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	var staged []string
	defer func() {
		if err == nil {
			return
		}
		for _, name := range staged {
			os.Remove(name) // best effort: the first error is the one to tell
		}
		if made {
			os.Remove(dir)
		}
	}()
	for _, p := range parts {
		name, err := stage(dir, p)
		if name != "" {
			staged = append(staged, name)
		}
		if err != nil {
			return fmt.Errorf("checkpoint: writing %s: %w", filepath.Join(dir, p.Name), err)
		}
	}
	for i, p := range parts {
		if err := os.Rename(staged[i], filepath.Join(dir, p.Name)); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
	}
	return syncDir(dir)
}

// stage writes one part beside its final name. The name that it returns exists
// on disk, also when there is an error.
func stage(dir string, p Part) (name string, err error) {
	if p.Name == "" || p.Name != filepath.Base(p.Name) {
		return "", fmt.Errorf("%q is not a plain file name", p.Name)
	}
	f, err := os.CreateTemp(dir, "."+p.Name+".*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	// CreateTemp gives 0600; a saved model is as readable as any other file.
	if err := f.Chmod(0o644); err != nil {
		return f.Name(), err
	}
	if err := p.Write(f); err != nil {
		return f.Name(), err
	}
	return f.Name(), f.Sync()
}

// syncDir makes the renames themselves durable, where the system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	defer d.Close()
	_ = d.Sync() // some file systems refuse to sync a folder; the files are safe by then
	return nil
}

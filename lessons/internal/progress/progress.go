// Package progress keeps what a learner has done: a journal of one line a try in the user's data folder. Lines are only
// ever appended, each in one write, so several notebooks can be open, and a crash can at worst tear the last line, which
// reading leaves out. Nothing leaves the machine.
package progress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// A Try is one run of a check on an answer that the learner has given.
type Try struct {
	Time     time.Time `json:"time"`
	Lesson   string    `json:"lesson"`   // "03-sft"
	Exercise string    `json:"exercise"` // its name, the same in every language
	Lang     string    `json:"lang"`     // of the notebook
	Done     bool      `json:"done"`     // the check has passed
}

// A Journal is the file.
type Journal struct{ path string }

// At is the journal in a folder.
func At(dir string) Journal { return Journal{filepath.Join(dir, "progress.jsonl")} }

// Open is the journal of this user. It fails where the system names no folder for it.
func Open() (Journal, error) {
	dir, err := folder(runtime.GOOS, os.Getenv, os.UserHomeDir)
	if err != nil {
		return Journal{}, fmt.Errorf("progress: %w; set XDG_DATA_HOME to a folder where it can be kept", err)
	}
	return At(filepath.Join(dir, "tunebook")), nil
}

// folder is where a user's data belongs: $XDG_DATA_HOME on any system, as the XDG base directory specification has it,
// otherwise what the system is used to.
func folder(system string, env func(string) string, home func() (string, error)) (string, error) {
	if dir := env("XDG_DATA_HOME"); filepath.IsAbs(dir) { // the specification has relative ones ignored
		return dir, nil
	}
	if dir := env("LocalAppData"); system == "windows" && dir != "" {
		return dir, nil
	}
	dir, err := home()
	if err != nil {
		return "", err
	}
	if system == "darwin" {
		return filepath.Join(dir, "Library", "Application Support"), nil
	}
	return filepath.Join(dir, ".local", "share"), nil
}

// Path is where the journal is, whether it exists or not.
func (j Journal) Path() string { return j.path }

// Add appends a try and returns when it is on the disk.
func (j Journal) Add(t Try) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("progress: %w", err)
		}
	}()
	line, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if torn(f) {
		line = append([]byte("\n"), line...) // so that a half line takes no whole one with it
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// torn says whether the last line has no end.
func torn(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Tries reads the journal in the order in which it was written. Lines that are not whole are left out; a journal that
// does not exist is empty.
func (j Journal) Tries() ([]Try, error) {
	content, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("progress: %w", err)
	}
	var tries []Try
	for line := range bytes.Lines(content) {
		var t Try
		if json.Unmarshal(line, &t) == nil && t.Lesson != "" && t.Exercise != "" {
			tries = append(tries, t)
		}
	}
	return tries, nil
}

// Reset begins anew. The old journal is kept beside the new one, as the path that is returned, until the next reset;
// empty if there was none.
func (j Journal) Reset() (kept string, err error) {
	kept = j.path + ".old"
	switch err := os.Rename(j.path, kept); {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("progress: %w", err)
	}
	return kept, nil
}
